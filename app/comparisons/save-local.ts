import { inputEmbedding } from '@/kept/input-embedding';
import { ratingsOf } from '@/kept/ratings';
import type { SaveComparison } from '@/kept/requests';
import { uploadImage, type StudioClient } from '../client/client';
import type { LocalComparison } from './local-comparisons';
import type { Address } from './address';
import { localLanes, localStatus } from './local-view';

/** What goes along with the captions and their numbers, by choice. */
export type SaveChoice = { picture: boolean; embedding: boolean };

/** What would be sent, for the person to see before. */
export type SaveOffer = {
  lanes: { decoder: string; device: string }[];
  photo?: { name: string; width: number; height: number };
  /** How many values the embedding has. */
  values?: number;
  title: boolean;
  references: boolean;
  ratings: boolean;
  said: boolean;
  /** Where it was saved before. */
  saved?: Address;
};

/** What of a comparison of this browser can be saved; undefined where no lane has a caption. */
export function saveOffer(comparison: LocalComparison): SaveOffer | undefined {
  const lanes = localLanes(comparison);
  if (!lanes.some(({ result }) => result)) return undefined;
  const { photo, title, references, ratings = {}, said, savedId } = comparison;
  const values = embeddingOf(comparison)?.length;
  return {
    lanes: lanes.map(({ decoder, device }) => ({ decoder, device })),
    ...(photo ? { photo: { name: photo.name, width: photo.width, height: photo.height } } : {}),
    ...(values === undefined ? {} : { values }),
    title: Boolean(title),
    references: Boolean(references?.length),
    ratings: Object.keys(ratings).length > 0,
    said: Boolean(said?.length),
    ...(savedId === undefined ? {} : { saved: { where: 'server', id: savedId } }),
  };
}

/** The embedding of the picture, as the browser's engine gave it. */
const embeddingOf = ({ runs }: LocalComparison) =>
  inputEmbedding({ items: runs.flatMap(({ items }) => items), embedding: null })?.values;

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
    ...(comparison.said?.length ? { said: comparison.said } : {}),
    ...(comparison.photo ? {} : { input: 'embedding' as const, modality: comparison.embedding?.modality ?? 'image' }),
    ...(imageId ? { imageId } : {}),
    ...(embedding ? { embedding: [...embedding] } : {}),
  };
}

/** Sends a comparison of this browser to the studio. @returns its id there */
export async function saveLocal(
  client: StudioClient,
  comparison: LocalComparison,
  choice: SaveChoice,
): Promise<string> {
  const imageId = choice.picture && comparison.photo ? (await uploadImage(comparison.photo.blob)).id : undefined;
  const { id } = await client.comparison.save.mutate(savedForm(comparison, choice, imageId));
  return id;
}
