import type { LaneRequest } from '../../models/compare';
import { StudioError } from '../../models/errors';
import type { DocumentFrequencies } from '../../models/metrics/cider';
import { told } from '../errors/told';
import { score } from '../../models/metrics/score';
import type { System } from './scoring/types';
import type { EngineHost } from '../engine/host';
import { decodeImage } from '../media/decode-image';
import { imageSet } from '../collections/sources/image-set';
import { type Io, tell } from './io';
import { gather, type Gathered } from './lane-output';
import { Progress } from './progress';
import { type References, tellOfFrequencies } from './references';

type Tally = { items: System['items'][number][]; optimised: boolean; similarity: number; ms: number };
export type LaneScores = ReturnType<typeof score> & { similarity: number; msPerImage: number };
export type CaptionedSet = {
  /** By lane. */
  scores: Record<string, LaneScores>;
  captions: Record<string, Record<string, string>>;
  /** The lanes as systems whose captions are scored. */
  systems: System[];
  done: number;
  failures: number;
  last: Gathered | undefined;
  /** Why the photos ended early: what was captioned before is scored. */
  fault: StudioError | undefined;
};

/**
 * Captions the photos that references are given for, and scores every lane. Photos that cannot be read are told and
 * left out; where an archive is damaged, what came before is scored. A lane that fails on one photo is scored without.
 * @param keep takes what was said of each photo as it comes
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
  keep?: (image: string, said: Gathered) => Promise<void>,
): Promise<CaptionedSet> {
  const { images, references, file, frequencies, limit, family, lanes } = set;
  const tallies = new Map(
    lanes.map(({ id }): [string, Tally] => [id, { items: [], optimised: false, similarity: 0, ms: 0 }]),
  );
  const captions: Record<string, Record<string, string>> = Object.fromEntries(lanes.map(({ id }) => [id, {}]));
  const progress = new Progress(io.stderr, limit, lanes.length);
  let [done, failures] = [0, 0];
  let last: Gathered | undefined;
  let fault: StudioError | undefined;
  const photos = imageSet(io, images, new Set(references.keys()), (line, lost) => {
    progress.note(line);
    if (lost !== undefined) failures++;
  });
  for await (const { name, bytes } of untilFault(photos, (error) => (fault = error))) {
    if (done + failures >= limit) break;
    let said: Gathered | undefined;
    try {
      said = await gather(
        engine.compare(
          { family, input: { kind: 'image', image: (await decodeImage(bytes)).image }, lanes },
          { signal: io.signal },
        ),
      );
      const broken = said.lanes.filter(({ result }) => !result);
      for (const { decoder, error } of broken) {
        const message = `${decoder}: ${error?.message ?? 'no answer'}`;
        // What fails on the first photo fails on all.
        if (!done) throw new StudioError(error?.code ?? 'internal', message);
        progress.note(`${name}: ${message}`);
      }
      if (broken.length) failures++;
      for (const { id, result } of said.lanes) {
        if (!result) continue;
        const tally = tallies.get(id)!;
        tally.items.push({
          image: name,
          key: name,
          caption: result.caption,
          captions: result.nBest.map(({ caption }) => caption),
          references: references.get(name)!,
        });
        tally.optimised ||= result.optimised;
        tally.similarity += result.similarity;
        tally.ms += result.deviceMs;
        captions[id]![name] = result.caption;
      }
      if (!broken.length) done++;
      last = said;
    } catch (error) {
      const { code, message } = told(error);
      if (!code.startsWith('image-')) throw error;
      failures++;
      progress.note(`${name}: ${message}`);
    }
    if (said) await keep?.(name, said);
    progress.update(done + failures);
  }
  progress.end(done);
  if (fault && !done) throw fault;
  if (fault) tell(io, fault.message);
  if (failures && !done)
    throw new StudioError('image-unreadable', `None of the ${failures} photos in ${images} could be read.`);
  if (!fault && done + failures && done + failures < limit)
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
  const systems = [...tallies].map(([name, { items, optimised }]) => ({ name, items, decodedBy: family, optimised }));
  return { scores, captions, systems, done, failures, last, fault };
}

/** What comes before a fault of the source, which is told when it comes to it. */
async function* untilFault<T>(source: AsyncIterable<T>, onFault: (error: StudioError) => void) {
  try {
    yield* source;
  } catch (error) {
    if (!(error instanceof StudioError) || error.code !== 'file-unreadable') throw error;
    onFault(error);
  }
}

/** What a set answers with beside its scores, as `--json` prints it. */
export const setRecord = ({ failures, last, fault }: CaptionedSet) => ({
  failed: failures,
  device: last?.device.name,
  ...(last?.device.reason ? { deviceReason: last.device.reason } : {}),
  precision: last?.precision,
  ...(fault ? { fault: fault.toData() } : {}),
});
