import type { CreateComparison } from '@/kept/requests';
import type { SampleName } from '@/kept/samples';
import { StudioError } from '@/models/errors';
import type { CompareInput } from '@/models/compare';
import type { WebDeviceName } from '@/models/runtime/web';
import { msg } from '../languages/msg';
import { browserEngine } from '../engine/client';
import { uploadImage } from '../client/client';

export type GivenEmbedding = { name: string; values: number[]; modality?: 'image' | 'text' };

/** What is described: the sample, a photo (a file of the person's, or one that the server has), or an embedding. */
export type Source =
  | { kind: 'sample'; sample?: SampleName }
  | { kind: 'photo'; name: string; blob?: Blob; imageId?: string; url?: string }
  | ({ kind: 'embedding' } & GivenEmbedding);

/**
 * What an input is called, in English where it is kept or exported, in the language of the page where it is shown
 * (`t`).
 */
export const sourceName = (source: Source | undefined, t: (sentence: string) => string = (sentence) => sentence) =>
  source?.kind === 'sample' ? t(sampleTitles[sampleOf(source)]) : (source?.name ?? t(msg('photo')));

export const sampleTitles: Readonly<Record<SampleName, string>> = {
  dog: msg('sample picture'),
  skier: msg('sample picture of a skier'),
  cat: msg('sample picture of a cat'),
};
export const sampleOf = ({ sample = 'dog' }: Extract<Source, { kind: 'sample' }>): SampleName => sample;

/** The input as the server takes it; a photo is sent there first. @throws Error of the server */
export async function serverInput(source: Source): Promise<CreateComparison['input']> {
  if (source.kind === 'sample') return source;
  if (source.kind === 'embedding')
    return { kind: 'embedding', values: source.values, ...(source.modality ? { modality: source.modality } : {}) };
  source.imageId ??= (await uploadImage(source.blob!)).id;
  return { kind: 'image', imageId: source.imageId };
}

/** Where the studio shows a sample. */
export type SampleUrl = (name: SampleName) => string;
export type LocalInput = { input: CompareInput; photo?: { blob: Blob; width: number; height: number } };
/**
 * The input as this browser's engine takes it, and the photo itself. @param sampleUrl where the studio shows a sample
 * @throws image-unreadable
 */
export async function localInput(
  source: Source,
  device: WebDeviceName,
  sampleUrl: SampleUrl,
  space: string,
): Promise<LocalInput> {
  if (source.kind === 'embedding')
    return {
      input: {
        kind: 'embedding',
        embedding: {
          space,
          modality: source.modality ?? 'image',
          state: 'raw',
          values: Float32Array.from(source.values),
        },
      },
    };
  const blob = await blobOf(source, sampleUrl);
  const image = await browserEngine(device).decode(blob);
  return { input: { kind: 'image', image }, photo: { blob, width: image.width, height: image.height } };
}

async function blobOf(source: Exclude<Source, { kind: 'embedding' }>, sampleUrl: SampleUrl): Promise<Blob> {
  if (source.kind === 'photo' && source.blob) return source.blob;
  const response = await fetch(source.kind === 'sample' ? sampleUrl(sampleOf(source)) : source.url!).catch(
    () => undefined,
  );
  if (!response?.ok)
    throw new StudioError(
      'image-unreadable',
      msg('The picture could not be fetched from the studio. Is it still running? Choose a file of your own instead.'),
    );
  return response.blob();
}

const urls = new WeakMap<Blob, string>();
/** An address for a picture of this browser, one each for as long as the page lives. */
export function urlOf(blob: Blob): string {
  let url = urls.get(blob);
  if (!url) urls.set(blob, (url = URL.createObjectURL(blob)));
  return url;
}
