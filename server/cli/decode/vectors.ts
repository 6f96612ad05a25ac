import { StudioError } from '../../../models/errors';
import type { Manifest } from '../../../models/manifest';
import { centroids, direction } from '../../../models/vectors/groups';
import { madeSources, rowSources } from '../../collections/sources/vectors';
import type { Sources } from '../../collections/sources/types';
import { readBytes } from '../../files/read-bytes';
import { labelsOf } from '../../vectors/labels';
import { openMatrix, type OpenMatrix } from '../../vectors/open-matrix';
import { examples } from '../../../kept/captions/examples';
import { text, type Values } from '../args';
import { type Io, nameOf, tell } from '../io';

export type Modality = 'image' | 'text';
/** What is decoded, as the flags ask for it. */
export type Decoded = { sources: Sources; modality: Modality };
type EmbedTexts = (texts: readonly string[]) => Promise<Float32Array[]>;

/**
 * The vectors that `decode` answers: rows of a matrix, centroids of their clusters, or a direction.
 * @throws option-invalid, embedding-invalid, embedding-mismatch, file-unreadable
 */
export async function vectorsOf(
  values: Values,
  file: string | undefined,
  { space }: Pick<Manifest, 'space'>,
  io: Io,
  embedTexts: EmbedTexts,
): Promise<Decoded> {
  const asked = modalityOf(values);
  const kind = (modality: Modality) => `${space.name} ${modality}`;
  const pair = text(values.direction);
  if (file === undefined) {
    const [a, b] = pairOf(pair!, () => true);
    const [one, other] = await embedTexts([a, b]);
    const modality = asked ?? 'text';
    return {
      modality,
      sources: madeSources([difference(one!, other!, [a, b])], kind(modality)),
    };
  }
  const open = await openMatrix(io, file, text(values.keys));
  try {
    const { matrix, keys } = open;
    matrix.demand(space);
    const modality = asked ?? matrix.told.modality ?? 'image';
    const rows = rowSources(open, kind(modality));
    if (pair !== undefined) {
      const [a, b] = pairOf(pair, (key) => keys.row(key) !== undefined, keysIn(open));
      const [one, other] = [a, b].map((key) => matrix.row(keys.row(key)!));
      return {
        modality,
        sources: { ...madeSources([difference(one!, other!, [a, b])], kind(modality)), close: rows.close },
      };
    }
    const column = text(values['mean-by']);
    if (column === undefined) return { modality, sources: rows };
    const table = text(values.labels)!;
    const { labels, tell: said } = labelsOf(nameOf(table), await readBytes(io, table), {
      column,
      keys,
      rows: matrix.rows,
    });
    for (const line of said) tell(io, line);
    const { clusters, lost } = centroids(matrix, labels);
    if (lost.length)
      tell(
        io,
        `${lost.length} rows with a label are no vectors (NaN, infinity or zeros) and are left out: ${examples(lost.map(keys.of), 'rows')}.`,
      );
    const made = clusters.map(({ label, rows: n, centroid, cohesion }) => ({
      key: label,
      path: `${column} ${label}: ${n} ${n === 1 ? 'row' : 'rows'}, mean cosine to their centroid ${cohesion.toFixed(2)}`,
      values: centroid,
    }));
    return { modality, sources: { ...madeSources(made, kind(modality)), close: rows.close } };
  } catch (error) {
    open.close();
    throw error;
  }
}

function difference(a: Float32Array, b: Float32Array, words: [string, string]) {
  const key = `${words[0]} − ${words[1]}`;
  return { key, path: key, values: direction(a, b, words) };
}

const keysIn = ({ matrix, keys }: OpenMatrix) =>
  `${matrix.name} has ${examples(
    Array.from({ length: Math.min(matrix.rows, 50) }, (_, row) => keys.of(row)),
    'keys',
  )}.`;

/** The two sides of a direction: parted at the comma on whose both sides something is known. @throws option-invalid */
function pairOf(given: string, known: (name: string) => boolean, has = ''): [string, string] {
  const commas = [...given.matchAll(/,/g)].map(({ index }) => index);
  const pairs = commas
    .map((at): [string, string] => [given.slice(0, at).trim(), given.slice(at + 1).trim()])
    .filter(([a, b]) => a && b && known(a) && known(b));
  if (pairs.length === 1) return pairs[0]!;
  throw new StudioError(
    'option-invalid',
    pairs.length
      ? `--direction "${given}" has several commas. Expected two texts with one between them: --direction "a dog,a cat".`
      : `--direction "${given}": expected two ${has ? 'keys of rows' : 'texts'} with a comma between them, what is moved to first.${has && ` ${has}`}`,
  );
}

function modalityOf(values: Values): Modality | undefined {
  const asked = text(values.modality);
  if (asked !== undefined && asked !== 'image' && asked !== 'text')
    throw new StudioError('option-invalid', `--modality is "${asked}"; expected image or text.`);
  return asked;
}
