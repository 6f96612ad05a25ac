import { isGuided } from '../decoders/prefix';
import { withMode } from '../decoders/published';
import type { DecoderInput } from '../decoders/types';
import { StudioError, throwIfAborted } from '../errors';
import { certaintyIn, refuseWithoutTokens, withCosines } from '../lanes/answer';
import { stated } from '../lanes/encode';
import { laneGraphs, load } from '../lanes/load';
import { checkEmbedding, type Planned, planLanes, requestOf } from '../lanes/plan';
import type { CompareContext } from '../lanes/request';
import { laneInput } from '../own-embedding';
import { Space } from '../spaces/space';
import { TextScorer } from '../spaces/text-scorer';
import { TextTree } from '../spaces/text-tree';
import type { Family } from '../weights/family';
import { Gang } from './gang';
import { GangTexts } from './gang-texts';
import { drawsAtRandom, seedOf } from './seed';
import type { BatchAnswer, BatchInput, BatchPhoto, BatchRequest, BatchRow } from './types';

/**
 * Captions photos side by side: the same decoders as `compare` runs, one a photo, whose model runs are put together
 * (gang.ts). A photo or a lane that fails is told in its row. @throws decoder-unknown, option-invalid, cancelled
 */
export async function captionBatch(request: BatchRequest, context: CompareContext): Promise<BatchAnswer> {
  const family = await context.openFamily(request.family, request.precision);
  const space = new Space(family);
  const lanes = request.lanes.length ? planLanes(request.lanes, family.manifest) : [];
  const towers = request.photos.some((given) => 'image' in given) ? (['image-tower'] as const) : [];
  await loaded(family, [...towers, ...lanes.flatMap(({ decoder }) => laneGraphs(decoder, family))], context);
  const photos = await encoded(request.photos, space, context);
  const at = request.photos.map((given, i) => ({ given, photo: photos[i]! }));
  for (const lane of lanes) {
    const side = photosAtOnce(lane);
    for (let from = 0; from < at.length; from += side)
      await decoded(lane, at.slice(from, from + side), space, family, context);
  }
  return {
    family: family.name,
    familyHash: family.hash,
    space: space.name,
    device: family.runtime.device,
    precision: family.precision,
    lanes: lanes.map(requestOf),
    photos: photos.map(({ key, input, error, rows }) => ({
      key,
      ...(request.includeEmbedding && input ? { embedding: input.embedding.values } : {}),
      ...(error ? { error } : {}),
      rows,
    })),
  };
}

type Encoded = BatchPhoto & { input?: DecoderInput };

async function loaded(family: Family, graphs: Parameters<typeof load>[1], { scheduler, signal }: CompareContext) {
  const loading = load(family, [...new Set(graphs)], scheduler, signal);
  // Nobody is told how far it is: a collection loads once.
  while (!(await loading.next()).done);
}

async function encoded(
  photos: readonly BatchInput[],
  space: Space,
  { scheduler, signal }: CompareContext,
): Promise<Encoded[]> {
  const gang = new Gang(space.family.runtime, scheduler.lane(signal), signal);
  const answers = await gang.all<DecoderInput>(photos.length, async (member, i) => {
    const given = photos[i]!;
    if ('image' in given) return space.encodeImage(given.image, member.at('encode'));
    checkEmbedding(given.embedding, space);
    return { embedding: stated(given.embedding) };
  });
  throwIfAborted(signal);
  return answers.map((answer, i) => ({
    key: photos[i]!.key,
    rows: [],
    ...(answer.status === 'fulfilled' ? { input: answer.value } : { error: StudioError.from(answer.reason).toData() }),
  }));
}

/**
 * Photos that a lane decodes side by side, by the rows that each has in a run. Of 4, 8, 16 and 32 photos with five
 * beams of pocket the steps of one took 23, 20, 18.6 and 19.5 ms: few rows do not fill a product, and of many the
 * cache leaves the processor's.
 */
function photosAtOnce({ decoder, options }: Planned): number {
  const { search, beam } = withMode(decoder.modes, options);
  const rows = search === 'greedy' || search === 'published-greedy' ? 1 : Number(beam);
  return Math.max(4, Math.floor(rowsAtOnce / Math.max(1, rows)));
}
const rowsAtOnce = 80;

/** Adds the row of one lane to every photo. */
async function decoded(
  { id, decoder, options: given }: Planned,
  photos: readonly { photo: Encoded; given: BatchInput }[],
  space: Space,
  family: Family,
  { scheduler, signal }: CompareContext,
): Promise<void> {
  const device = scheduler.lane(signal);
  const gang = new Gang(family.runtime, device, signal);
  const tree = new TextTree(space, device.at('score'));
  // Candidates of one photo fill a run of the text tower by themselves; of many they would look at one another in vain.
  const scores = decoder.scoresSteps || isGuided(decoder.modes, given);
  const draws = drawsAtRandom(decoder, given);
  const able = photos.flatMap(({ photo, given }) =>
    photo.input ? [{ photo, shared: photo.input, input: given }] : [],
  );
  try {
    const answers = await gang.all(able.length, async (member, i): Promise<BatchRow> => {
      const { shared, input: one } = able[i]!;
      const { key } = one;
      const image = 'image' in one ? one.image : undefined;
      refuseWithoutTokens(decoder, Boolean(shared.grid ?? image));
      const options = draws ? { ...given, seed: seedOf(Number(given.seed), key) } : given;
      const input = await laneInput(decoder, options, image, shared, space, family, member.at('encode'));
      const texts = scores ? new TextTree(space, device.at('score')) : new GangTexts(tree, member);
      const scorer = new TextScorer(space, input.embedding, texts);
      const run = decoder.run(input, options, {
        lane: id,
        decoder: decoder.name,
        modes: decoder.modes,
        family,
        space,
        device: member,
        scorer,
        prefixTokens: options.prefixTokens as readonly number[],
      });
      try {
        let next = await run.next();
        while (!next.done) next = await run.next();
        const { found, optimised } = next.value;
        const nBest = await withCosines(decoder, found, scorer);
        const { caption, tokens, logProb, similarity } = nBest[0];
        const certainty = certaintyIn(family.manifest, decoder, options, similarity);
        return {
          lane: id,
          decoder: decoder.name,
          ...(draws ? { seed: Number(options.seed) } : {}),
          ...{ caption, tokens, logProb, similarity },
          ...(certainty ? { certainty } : {}),
          ...(input.told ? { ownEmbedding: input.told } : {}),
          optimised,
          captions: nBest.map((one) => one.caption),
          similarities: nBest.map((one) => one.similarity),
        };
      } finally {
        scorer.dispose();
      }
    });
    throwIfAborted(signal);
    answers.forEach((answer, i) =>
      able[i]!.photo.rows.push(
        answer.status === 'fulfilled'
          ? answer.value
          : { lane: id, decoder: decoder.name, error: StudioError.from(answer.reason).toData() },
      ),
    );
  } finally {
    tree.dispose();
  }
}
