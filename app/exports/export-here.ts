import { canonicalJson } from '@/models/canonical';
import type { ComparisonView } from '@/kept/comparison';
import { fileNameOf, mostExported, refuseTooMany } from '@/kept/export-formats';
import { exportCaptions, exportCoco, exportCsv } from '@/kept/export-text';
import { type FigureSpeech, figureSvg } from '@/kept/figure';
import { frequenciesOf } from '@/kept/frequencies';
import { type ExportedComparison, type Picture } from '@/kept/record-schema';
import { recordFile, recordOf } from '@/kept/record';
import { type ShareBundle, shareFile } from '@/kept/share-file';
import { StudioError } from '@/models/errors';
import { sha256 } from '@/models/weights/verify';
import { msg } from '../languages/msg';
import { decodePhoto } from '../engine/decode-photo';
import type { StudioClient } from '../client/client';
import type { ExportWish } from './fetch-export';
import { frequenciesFrom } from '../references/frequencies';
import type { Address } from '../comparisons/address';
import type { LocalComparison } from '../comparisons/local-comparisons';
import { wholeComparison } from '../comparisons/whole-comparison';
import { serverRecords, viewOfRecord } from './server-records';

export type HereFile = { name: string; blob: Blob };
/** As the studio keeps a photo: with its longer side at most so many pixels where it has more than a million. */
const [losslessPixels, longSide] = [1_000_000, 2048];

/**
 * A file of comparisons some of which are in this browser alone, made in this browser: nothing of them is sent
 * anywhere. Those of the
 * studio are asked for. `speech`: how a figure speaks. @throws StudioError
 */
export async function exportHere(
  client: StudioClient,
  speech: FigureSpeech,
  { addresses, format, lane }: ExportWish,
): Promise<HereFile> {
  const count = addresses.length;
  refuseTooMany(count, format);
  if (count > mostExported.json)
    throw new StudioError(
      'option-invalid',
      `${count} comparisons are too many for one file that this browser makes; at most ${mostExported.json}. Export them in parts.`,
    );
  const theirs = await serverRecords(addresses.flatMap(({ where, id }) => (where === 'server' ? [id] : [])));
  const views: ComparisonView[] = [];
  const exported: ExportedComparison[] = [];
  for (const address of addresses) {
    const known = address.where === 'server' ? theirs.get(address.id) : undefined;
    const one = known ? { view: viewOfRecord(address.id, known), file: known } : await ownRecord(client, address);
    views.push(one.view);
    exported.push(one.file);
  }
  const name = count === 1 ? fileNameOf(views[0]!) : `${count}-comparisons`;
  const text = async (parts: AsyncIterable<string>, type: string) => new Blob(await gather(parts), { type });
  switch (format) {
    case 'json':
      return {
        name: `${name}.caption-studio.json`,
        blob: await text(recordFile(each(exported), hashText), 'application/json'),
      };
    case 'csv':
      return { name: `${name}.csv`, blob: await text(exportCsv(each(views)), 'text/csv') };
    case 'coco':
      return {
        name: `${name}.${lane ? `${lane}.` : ''}coco.json`,
        blob: await text(exportCoco(each(views), lane), 'application/json'),
      };
    case 'txt':
      return { name: `${name}.txt`, blob: await text(exportCaptions(each(views)), 'text/plain') };
    case 'svg':
    case 'png': {
      const svg = figureSvg(
        views.map((view, i) => ({ view, ...(exported[i]!.picture ? { picture: exported[i]!.picture } : {}) })),
        speech,
      );
      return format === 'svg'
        ? { name: `${name}.svg`, blob: new Blob([svg], { type: 'image/svg+xml' }) }
        : { name: `${name}.png`, blob: await drawn(svg) };
    }
    case 'html':
      return {
        name: `${name}.html`,
        blob: new Blob(
          [
            shareFile(
              await Promise.all(
                exported.map(async (one) => ({
                  ...one,
                  frequencies: await frequenciesOf(one.comparison, (family, grams) =>
                    frequenciesFrom(client, family, grams),
                  ),
                })),
              ),
              await bundle(),
            ),
          ],
          { type: 'text/html' },
        ),
      };
  }
}

/** A comparison of this browser, with its half on the studio where it has one, as a file holds it. */
async function ownRecord(
  client: StudioClient,
  address: Address,
): Promise<{ view: ComparisonView; file: ExportedComparison }> {
  const { view, local } = await wholeComparison(client, address);
  const photo = local?.photo && (await keptPhoto(local.photo));
  const record = recordOf(view, photo ? photo.digest : null);
  return {
    view,
    file: { hash: await hashText(canonicalJson(record)), comparison: record, picture: photo?.picture ?? null },
  };
}

/**
 * The photo as the studio would keep it: decoded, upright, encoded anew as PNG, so that none of its metadata is in the
 * file.
 */
async function keptPhoto({ blob }: NonNullable<LocalComparison['photo']>) {
  const { width, height, data } = await decodePhoto(blob);
  const shrink = width * height > losslessPixels ? Math.min(1, longSide / Math.max(width, height)) : 1;
  const size = { width: Math.max(1, Math.round(width * shrink)), height: Math.max(1, Math.round(height * shrink)) };
  const whole = new OffscreenCanvas(width, height);
  whole.getContext('2d')!.putImageData(new ImageData(withAlpha(data), width, height), 0, 0);
  let canvas = whole;
  if (shrink < 1) {
    canvas = new OffscreenCanvas(size.width, size.height);
    const context = canvas.getContext('2d', { willReadFrequently: true })!;
    context.imageSmoothingQuality = 'high';
    context.drawImage(whole, 0, 0, size.width, size.height);
  }
  const rgb =
    shrink < 1 ? withoutAlpha(canvas.getContext('2d')!.getImageData(0, 0, size.width, size.height).data) : data;
  const head = new TextEncoder().encode(`${size.width}x${size.height}\n`);
  const named = new Uint8Array(head.length + rgb.length);
  named.set(head);
  named.set(rgb, head.length);
  const picture: Picture = {
    mime: 'image/png',
    base64: await base64Of(await canvas.convertToBlob({ type: 'image/png' })),
  };
  return { picture, digest: { ...size, of: 'pixels' as const, sha256: await sha256(named) } };
}

function withAlpha(rgb: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray((rgb.length / 3) * 4).fill(255);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) rgba.set(rgb.subarray(from, from + 3), to);
  return rgba;
}
function withoutAlpha(rgba: Uint8ClampedArray): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) rgb.set(rgba.subarray(from, from + 3), to);
  return rgb;
}

/** A figure at twice its size, for print. */
async function drawn(svg: string): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = new OffscreenCanvas(image.naturalWidth * 2, image.naturalHeight * 2);
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await canvas.convertToBlob({ type: 'image/png' });
  } catch (cause) {
    throw new StudioError(
      'internal',
      msg('This browser could not draw the picture: it may be too high. Export fewer comparisons at once, or as SVG.'),
      { cause },
    );
  } finally {
    URL.revokeObjectURL(url);
  }
}

async function bundle(): Promise<ShareBundle> {
  const [script, style] = await Promise.all(
    ['js', 'css'].map(async (kind) => {
      const response = await fetch(`/engine/share-file.${kind}`).catch(() => undefined);
      if (!response?.ok)
        throw new StudioError(
          'file-unreadable',
          msg(
            'What draws the views in a file of its own could not be fetched from the studio. Is it still running? Then try again.',
          ),
        );
      return response.text();
    }),
  );
  return { script: script!, style: style!, scriptHash: await policyHash(script!), styleHash: await policyHash(style!) };
}
const policyHash = async (text: string) =>
  `sha256-${await base64Of(new Blob([await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))]))}`;
const hashText = (text: string) => sha256(new TextEncoder().encode(text));

const base64Of = (blob: Blob) =>
  new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve((reader.result as string).replace(/^[^,]*,/, ''));
    reader.onerror = () => reject(reader.error ?? new Error('The bytes could not be read.'));
    reader.readAsDataURL(blob);
  });

async function* each<T>(list: readonly T[]): AsyncGenerator<T> {
  yield* list;
}
async function gather(parts: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const part of parts) all.push(part);
  return all;
}
