import { ratingsOf } from '@/kept/ratings';
import type { SaveComparison } from '@/kept/requests';
import { uploadImage, type StudioClient } from '../client/client';
import { keepLocal, type LocalComparison } from './local-comparisons';
import { localLanes, localStatus } from './local-view';

/** What goes along with the captions and their numbers, by choice. */
export type SaveChoice = { picture: boolean; embedding: boolean };

/** The embedding of the picture, as the browser's engine gave it. */
export function embeddingOf({ runs }: LocalComparison): number[] | undefined {
  for (const { items } of runs)
    for (const item of items)
      if (item.kind === 'event' && item.event.type === 'encoded' && item.event.values) return item.event.values;
  return undefined;
}

/** What is sent: the captions of this browser's lanes with all their steps; picture and embedding only where chosen. */
export function savedForm(comparison: LocalComparison, choice: SaveChoice, imageId?: string): SaveComparison {
  const { family, precision, runs } = comparison;
  // Values of the embedding travel by choice alone, so they are taken out of the events.
  const items = runs
    .flatMap((run) => run.items)
    .flatMap((item) => (item.kind === 'event' ? [item] : []))
    .map((item) =>
      item.event.type === 'encoded'
        ? {
            ...item,
            event: { type: item.event.type, space: item.event.space, ms: item.event.ms, norm: item.event.norm },
          }
        : item,
    );
  const ratings = ratingsOf(localLanes(comparison));
  const started = items.map(({ event }) => event).find((event) => event.type === 'comparison-started');
  const embedding = choice.embedding ? embeddingOf(comparison) : undefined;
  return {
    family,
    precision,
    ...(started?.familyHash ? { familyHash: started.familyHash } : {}),
    device: started?.device ?? { name: runs[0]!.device },
    // A lane that ran again is one lane.
    lanes: localLanes(comparison).map(({ id, decoder, options }) => ({ id, decoder, options })),
    ...(Object.keys(ratings).length ? { ratings } : {}),
    items,
    status: localStatus(comparison),
    ...(comparison.title ? { title: comparison.title } : {}),
    ...(comparison.references?.length ? { references: comparison.references } : {}),
    ...(comparison.photo ? {} : { input: 'embedding' as const, modality: comparison.embedding?.modality ?? 'image' }),
    ...(imageId ? { imageId } : {}),
    ...(embedding ? { embedding } : {}),
  };
}

/** Sends a comparison of this browser to the studio. @returns its address there */
export async function saveLocal(
  client: StudioClient,
  comparison: LocalComparison,
  choice: SaveChoice,
): Promise<string> {
  const imageId = choice.picture && comparison.photo ? (await uploadImage(comparison.photo.blob)).id : undefined;
  const { id } = await client.comparison.save.mutate(savedForm(comparison, choice, imageId));
  comparison.savedId = id;
  await keepLocal(comparison);
  return `/c/${id}`;
}
