import type { LaneRequest } from '../../models/compare';
import { StudioError } from '../../models/errors';
import type { DocumentFrequencies } from '../../models/metrics/cider';
import { score, type Captioned } from '../../models/metrics/score';
import type { EngineHost } from '../engine/host';
import { decodeImage } from '../media/decode-image';
import { imageSet } from './image-set';
import { type Io, tell } from './io';
import { gather, type Gathered } from './lane-output';
import { Progress } from './progress';
import { type References, tellOfFrequencies } from './references';

type Tally = { items: Captioned[]; similarity: number; ms: number };
export type LaneScores = ReturnType<typeof score> & { similarity: number; msPerImage: number };
export type CaptionedSet = {
  /** By lane. */
  scores: Record<string, LaneScores>;
  captions: Record<string, Record<string, string>>;
  done: number;
  failures: number;
  last: Gathered | undefined;
};

/**
 * Captions the photos that references are given for, and scores every lane. Photos that cannot be read are told and
 * left out.
 * @throws references-invalid when no photo is there, image-unreadable when none can be read, and what a lane fails with
 */
export async function captionSet(
  engine: EngineHost,
  set: {
    images: string;
    references: References;
    file: string;
    frequencies?: DocumentFrequencies;
    limit: number;
    family: string;
    lanes: readonly LaneRequest[];
  },
  io: Io,
): Promise<CaptionedSet> {
  const { images, references, file, frequencies, limit, family, lanes } = set;
  const tallies = new Map(lanes.map(({ id }): [string, Tally] => [id, { items: [], similarity: 0, ms: 0 }]));
  const captions: Record<string, Record<string, string>> = Object.fromEntries(lanes.map(({ id }) => [id, {}]));
  const progress = new Progress(io.stderr, limit, lanes.length);
  let [done, failures] = [0, 0];
  let last: Gathered | undefined;
  for await (const { name, bytes } of imageSet(io, images, new Set(references.keys()), (line) => progress.note(line))) {
    if (done + failures >= limit) break;
    try {
      last = await gather(
        engine.compare(
          { family, input: { kind: 'image', image: (await decodeImage(bytes)).image }, lanes },
          { signal: io.signal },
        ),
      );
      for (const { id, decoder, result, error } of last.lanes) {
        if (!result) throw new StudioError(error?.code ?? 'internal', `${decoder}: ${error?.message ?? 'no answer'}`);
        const tally = tallies.get(id)!;
        tally.items.push({ caption: result.caption, references: references.get(name)! });
        tally.similarity += result.similarity;
        tally.ms += result.deviceMs;
        captions[id]![name] = result.caption;
      }
      done++;
    } catch (error) {
      const { code, message } = StudioError.from(error);
      if (!code.startsWith('image-')) throw error;
      failures++;
      progress.note(`${name}: ${message}`);
    }
    progress.update(done + failures);
  }
  progress.end(done);
  if (failures && !done)
    throw new StudioError('image-unreadable', `None of the ${failures} photos in ${images} could be read.`);
  if (done + failures && done + failures < limit)
    tell(io, `${limit - done - failures} of ${limit} photos are not in ${images}; the others are scored.`);
  if (!done)
    throw new StudioError(
      'references-invalid',
      `None of the ${references.size} images of ${file} is in ${images}. Names must be equal, for example "1000.jpg".`,
    );
  tellOfFrequencies(io, done, frequencies);
  const scores = Object.fromEntries(
    [...tallies].map(([id, { items, similarity, ms }]) => [
      id,
      { ...score(items, 'ptb', frequencies), similarity: similarity / items.length, msPerImage: ms / items.length },
    ]),
  );
  return { scores, captions, done, failures, last };
}
