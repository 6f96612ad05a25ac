import { StudioError } from '../../models/errors';
import { examples } from './examples';
import { matchImages } from './match';
import type { CaptionedImage } from './types';

/** What an image is called for a person: its file name, else its id. */
export const calledOf = ({ names, ids }: Pick<CaptionedImage, 'names' | 'ids'>) => names[0] ?? ids[0] ?? '?';

/** `reference`: which of the references it is of; `captions`: all candidates of the image, `caption` the first. */
export type JoinedItem = {
  image: string;
  reference: number;
  caption: string;
  captions: readonly string[];
  references: string[];
};
export type Joined = { items: JoinedItem[]; notes: string[] };

/**
 * Candidates beside the references of the same images, joined by file name or id. Of several candidates of an image
 * the first counts, of none the empty caption; both are told. @throws references-invalid for candidates that have no
 * reference, or of which it is not clear which image they are of: counts and examples
 */
export function joinCaptions(candidates: readonly CaptionedImage[], references: readonly CaptionedImage[]): Joined {
  const { by, found, unclear } = matchImages(candidates, references);
  if (unclear.size)
    throw new StudioError(
      'references-invalid',
      `Of ${unclear.size} of ${candidates.length} candidates it is not clear which image they are of: ${examples(
        [...unclear].map(
          ([i, fits]) =>
            `${calledOf(candidates[i]!)} may be ${fits.map((fit) => calledOf(references[fit]!)).join(' or ')}`,
        ),
        'candidates',
      )}. Name images by their whole path or by their id in both files.`,
    );
  const missing = candidates.filter((_, i) => found[i] === undefined);
  if (missing.length)
    throw new StudioError(
      'references-invalid',
      `${missing.length} of ${candidates.length} candidates have no reference: ${examples(missing.map(calledOf), 'candidates')}. The references are of ${examples(references.map(calledOf), 'images')}. ` +
        'Name images alike in both files, by file name or by id.',
    );
  const several = candidates.filter(({ captions }) => captions.length > 1);
  const silent = candidates.filter(({ captions }) => !captions.length);
  const unanswered = references.length - new Set(found).size;
  return {
    items: candidates.map((candidate, i) => ({
      image: calledOf(candidate),
      reference: found[i]!,
      caption: candidate.captions[0] ?? '',
      captions: candidate.captions,
      references: references[found[i]!]!.captions,
    })),
    notes: [
      ...by
        .filter((way) => way !== 'file name' && way !== 'image id')
        .map((way) => `Candidates and references are joined by the ${way}.`),
      ...(several.length
        ? [
            `${several.length} of ${candidates.length} images have several candidates (${examples(several.map(calledOf), 'images')}); the first of each is scored.`,
          ]
        : []),
      ...(silent.length
        ? [
            `${silent.length} of ${candidates.length} candidates are empty (${examples(
              silent.map(({ where }) => where),
              'images',
            )}) and are scored as such.`,
          ]
        : []),
      ...(unanswered
        ? [`${unanswered} of ${references.length} images with references have no candidate; the others are scored.`]
        : []),
    ],
  };
}
