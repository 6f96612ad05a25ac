import { matchImages, namedBy } from '../../kept/captions/match';
import type { CaptionedImage } from '../../kept/captions/types';
import { StudioError } from '../../models/errors';
import { type Recall, recallOf } from '../../models/vectors/recall';
import { RowShare } from '../../models/vectors/row-share';
import type { OpenMatrix } from './open-matrix';
import { single } from './vector-index';

export type EmbedTexts = (texts: readonly string[]) => Promise<Float32Array[]>;
export type RecallReport = {
  /** Rows that are searched, and those of them that have references. */
  rows: number;
  images: number;
  texts: number;
  /** A text looks for its photo among all rows. */
  textToImage: Recall;
  /** A photo looks for any of its texts among all of them. */
  imageToText: Recall;
};

/** Texts embedded at once. */
const atOnce = 256;

/**
 * How well texts find their photos among the rows of a matrix, and photos their texts.
 * @param onProgress texts that are embedded @throws references-invalid where no row has references
 */
export async function recallAgainst(
  { matrix, keys }: OpenMatrix,
  references: readonly CaptionedImage[],
  embedTexts: EmbedTexts,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<RecallReport> {
  const named = Array.from({ length: matrix.rows }, (_, row) => namedBy(keys.of(row)));
  const { found } = matchImages(references, named);
  const images = references.flatMap(({ captions }, i) => (found[i] === undefined ? [] : [{ row: found[i], captions }]));
  if (!images.length)
    throw new StudioError(
      'references-invalid',
      `None of the ${references.length} images with references is a row: the rows are called ${keys.of(0)}${matrix.rows > 1 ? `, ${keys.of(1)} …` : ''}. Name images alike in both files, or name the rows by --keys.`,
    );
  const photos = single(matrix);
  photos.seal();
  const texts = images.flatMap(({ row, captions }) => captions.map((text) => ({ row, text })));
  const all = new RowShare(texts.length, matrix.dim, 'F32');
  const ranks: number[] = [];
  for (let from = 0; from < texts.length; from += atOnce) {
    const part = texts.slice(from, from + atOnce);
    const embedded = await embedTexts(part.map(({ text }) => text));
    embedded.forEach((values, i) => {
      all.put(from + i, values);
      ranks.push(rankOf(photos.cosines(values), [part[i]!.row]));
    });
    onProgress(from + part.length, texts.length);
  }
  all.seal();
  let next = 0;
  const back = images.map(({ row, captions }) => {
    const own = captions.map(() => next++);
    return rankOf(all.cosines(matrix.row(row)), own);
  });
  return {
    rows: matrix.rows,
    images: images.length,
    texts: texts.length,
    textToImage: recallOf(ranks),
    imageToText: recallOf(back),
  };
}

/** The rank, from 1, of the best of the right ones; of equals the first is first. Infinity where none is a vector. */
function rankOf(cosines: Float32Array, right: readonly number[]): number {
  const best = right.reduce((a, b) => (cosines[b]! > cosines[a]! || Number.isNaN(cosines[a]!) ? b : a));
  const mine = cosines[best]!;
  if (Number.isNaN(mine)) return Infinity;
  let rank = 1;
  cosines.forEach((cosine, i) => {
    if (cosine > mine || (cosine === mine && i < best)) rank++;
  });
  return rank;
}
