import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { nearest } from '../../models/decoders/options';
import { StudioError } from '../../models/errors';

/** Where families lie: those that ship with the studio, and those that were installed. */
export type FamilyDirs = { embedded: string; installed: string };
export type FamilyFolder = {
  name: string;
  folder: string;
  embedded: boolean;
  /** manifest.json as it is. */ manifest: Buffer;
};

const root = () => process.env.STUDIO_ROOT || process.cwd();

/** The two folders, absolute. Without settings: `models` and `data/families` of the repository. */
export function familyDirs({ embedded, installed }: { embedded?: string; installed?: string } = {}): FamilyDirs {
  return {
    embedded: resolve(/* turbopackIgnore: true */ root(), embedded || 'models'),
    installed: resolve(/* turbopackIgnore: true */ root(), installed || 'data/families'),
  };
}

/**
 * Every folder that holds a manifest: the embedded family first, then by name. @throws weights-missing when the
 * embedded ones cannot be read
 */
export async function familyFolders(dirs: FamilyDirs): Promise<FamilyFolder[]> {
  const embedded = await readdir(dirs.embedded, { withFileTypes: true }).catch((cause: unknown) => {
    throw new StudioError(
      'weights-missing',
      `The folder of families ${dirs.embedded} cannot be read. STUDIO_FAMILIES_DIR must name a folder with one subfolder for each family.`,
      { cause },
    );
  });
  const installed = await readdir(dirs.installed, { withFileTypes: true }).catch(() => []);
  const both = [
    ...embedded.map((entry) => ({ entry, embedded: true, parent: dirs.embedded })),
    ...installed.map((entry) => ({ entry, embedded: false, parent: dirs.installed })),
  ];
  const found = await Promise.all(
    both
      .filter(({ entry }) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(async ({ entry: { name }, embedded: ships, parent }) => {
        const folder = join(parent, name);
        const manifest = await readFile(join(folder, 'manifest.json')).catch(() => undefined);
        return manifest && { name, folder, embedded: ships, manifest };
      }),
  );
  const families = found.filter((family) => family !== undefined);
  const first = (name: string) => families.find((family) => family.name === name);
  return families
    .filter((family) => first(family.name) === family)
    .sort((a, b) => Number(b.name === 'pocket') - Number(a.name === 'pocket') || a.name.localeCompare(b.name));
}

/** @throws family-unknown that lists what there is, and how to get more */
export async function familyFolder(name: string, dirs: FamilyDirs): Promise<FamilyFolder> {
  const families = await familyFolders(dirs);
  const found = families.find((family) => family.name === name);
  if (found) return found;
  const near = nearest(
    name,
    families.map((family) => family.name),
  );
  throw new StudioError(
    'family-unknown',
    `There is no family "${name}".${near ? ` Did you mean "${near}"?` : ''} Installed are ${families.map((family) => family.name).join(', ') || 'none'}. ` +
      `\`npm run -s studio -- models list\` and the page Models show what can be pulled or imported.`,
  );
}
