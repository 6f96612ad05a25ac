import { StudioError } from '../../../models/errors';
import type { Manifest } from '../../../models/manifest';
import { norm } from '../../../models/spaces/embedding';
import { imageSet } from '../../collections/sources/image-set';
import type { EngineHost } from '../../engine/host';
import { told } from '../../errors/told';
import { decodeImage } from '../../media/decode-image';
import { type Io, tell } from '../io';
import { Progress } from '../progress';
import type { System } from './types';

/** Cosines of a caption: with its image, and with each of its references. */
export type Cosines = { image: number; references: number[] };
/** How independent a referee is of a system. */
export type RefereeNote = {
  /** The system's search optimised the cosine in this very space: its score there ranks nothing. */
  optimised?: boolean;
  /** Its decoders read embeddings of this very space. */
  sameSpace?: boolean;
};
export type Referee = { family: string; manifest: Manifest; engine: EngineHost; prompt: string; images: string };

/** What CLIPScore's authors put before a caption. */
export const usualPrompt = 'A photo depicts ';
const atOnce = 256;

/**
 * Cosines of all captions in a referee's space. Images that are not there, or cannot be read, have none, and are told.
 * @param spaceOf the space of a family, where it is known here
 * @throws references-invalid where no image is there, cancelled, and what embedding throws
 */
export async function refereed(
  systems: readonly System[],
  { family, manifest, engine, prompt, images }: Referee,
  spaceOf: (family: string) => Promise<string | undefined>,
  io: Io,
): Promise<ReadonlyMap<string, { cosines: (Cosines | undefined)[] } & RefereeNote>> {
  const wanted = new Set(systems.flatMap(({ items }) => items.map(({ image }) => image)));
  const photos = new Map<string, Float32Array>();
  const progress = new Progress(io.stderr, wanted.size, 1);
  for await (const { name, bytes } of imageSet(io, images, wanted, (line) => progress.note(line)))
    try {
      photos.set(name, unit((await engine.embedImage(family, (await decodeImage(bytes)).image)).values));
      progress.update(photos.size);
      if (io.signal.aborted) throw new StudioError('cancelled', 'Cancelled.');
    } catch (error) {
      const { code, message } = told(error);
      if (!code.startsWith('image-')) throw error;
      progress.note(`${name}: ${message}`);
    }
  progress.hide();
  if (!photos.size)
    throw new StudioError(
      'references-invalid',
      `None of the ${wanted.size} images that are scored is in ${images}: CLIPScore needs them. Names must be equal, for example "1000.jpg".`,
    );
  if (photos.size < wanted.size)
    tell(io, `${wanted.size - photos.size} of ${wanted.size} images are not in ${images}, and have no CLIPScore.`);
  const scored = systems.map((system) => system.items.filter(({ image }) => photos.has(image)));
  const texts = await embedded(
    [...new Set(scored.flat().flatMap(({ caption, references }) => [caption, ...references]))],
    (some) =>
      engine.embedTexts(
        family,
        some.map((text) => prompt + text),
      ),
    io,
  );
  const out = new Map<string, { cosines: (Cosines | undefined)[] } & RefereeNote>();
  for (const system of systems) {
    const cosines = system.items.map(({ image, caption, references }) => {
      const [photo, mine] = [photos.get(image), texts.get(caption)];
      if (!photo || !mine) return undefined;
      return { image: dot(photo, mine), references: references.map((reference) => dot(mine, texts.get(reference)!)) };
    });
    out.set(system.name, { cosines, ...(await noteOn(system, manifest, spaceOf, io)) });
  }
  return out;
}

/** Says where a referee is none. */
async function noteOn(
  { name, decodedBy, optimised }: System,
  { space }: Manifest,
  spaceOf: (family: string) => Promise<string | undefined>,
  io: Io,
): Promise<RefereeNote> {
  const called = name || 'These captions';
  if (decodedBy === undefined) {
    tell(
      io,
      `${called}: nothing tells whose decoders wrote ${name ? 'these captions' : 'them'}. Where a search optimised the cosine in ${space.name}, CLIPScore there ranks nothing.`,
    );
    return {};
  }
  if (((await spaceOf(decodedBy)) ?? decodedBy) !== space.name) return {};
  if (optimised)
    tell(io, `${called}: the search optimised the cosine in ${space.name}, so that CLIPScore there ranks nothing.`);
  else
    tell(io, `${called}: the decoders read embeddings of ${space.name}, so that CLIPScore there is no second opinion.`);
  return { sameSpace: true, ...(optimised ? { optimised: true } : {}) };
}

async function embedded(
  texts: readonly string[],
  embed: (texts: readonly string[]) => Promise<{ values: Float32Array }[]>,
  io: Io,
): Promise<Map<string, Float32Array>> {
  const out = new Map<string, Float32Array>();
  const progress = new Progress(io.stderr, texts.length, 1, { what: 'text' });
  for (let from = 0; from < texts.length; from += atOnce) {
    const part = texts.slice(from, from + atOnce);
    (await embed(part)).forEach(({ values }, i) => out.set(part[i]!, unit(values)));
    progress.update(out.size);
    if (io.signal.aborted) throw new StudioError('cancelled', 'Cancelled.');
  }
  progress.hide();
  return out;
}

function unit(values: Float32Array): Float32Array {
  const length = norm(values);
  return values.map((value) => value / length);
}
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
