import { examples } from '../../../kept/captions/examples';
import { matchImages, namedBy } from '../../../kept/captions/match';

/**
 * Which file each wanted image is: by its path, its name, its id. Of files with the same name the path that is wanted
 * decides; what it cannot decide is told, and the first is taken. @returns paths by what is wanted
 */
export function choose(
  paths: readonly string[],
  wanted: ReadonlySet<string>,
  where: string,
  tell: (sentence: string) => void,
): Map<string, string> {
  const names = [...wanted];
  // Numbers are asked of as ids, so that `391895` finds COCO_val2014_000000391895.jpg.
  const { found, unclear, by } = matchImages(
    names.map(namedBy),
    paths.map((path) => ({ names: [path], ids: [] })),
  );
  const chosen = new Map<string, string>();
  found.forEach((index, i) => {
    if (index !== undefined) chosen.set(names[i]!, paths[index]!);
  });
  const doubtful = [...unclear].filter(([, fits]) => fits.length > 1);
  for (const [i, fits] of doubtful) chosen.set(names[i]!, paths[fits[0]!]!);
  if (doubtful.length)
    tell(
      `${where}: ${examples(
        doubtful.map(([i, fits]) => `${names[i]} may be ${fits.map((index) => paths[index]).join(' or ')}`),
        'names',
      )}. The first of each is taken. Name images by their path in the references, and the path decides.`,
    );
  const claimed = [...unclear].filter(([, fits]) => fits.length === 1);
  if (claimed.length)
    tell(
      `${where}: ${examples(
        claimed.map(([i, fits]) => `${names[i]} may be ${paths[fits[0]!]}, which others may be too`),
        'names',
      )}. They are left out.`,
    );
  if (by.includes('number in the file name')) tell(`${where}: images are found by the number in their file names.`);
  return chosen;
}
