import { type ExportFormat, exportFormats, fileNameOf, refuseTooMany } from '../../kept/export-formats';
import { exportCaptions, exportCoco, exportCsv } from '../../kept/export-text';
import { frequenciesOf } from '../../kept/frequencies';
import { type FigurePart, type FigureSpeech, figureSvg } from '../../kept/figure';
import { shareFile } from '../../kept/share-file';
import { StudioError } from '../../models/errors';
import type { ComparisonView } from '../../kept/comparison';
import { exportedComparison, exportFile, type ExportSource } from './export-json';
import { figurePng } from './figure-png';
import { shareBundle } from './share-bundle';

export { type ExportFormat, exportFormats };

export type Exported = { mime: string; fileName: string; parts: AsyncIterable<string | Uint8Array> };

/**
 * Comparisons as a file. @param lane for `coco`: the lane or decoder whose captions are wanted @param speech how a
 * figure speaks, English
 * unless given
 * @throws option-invalid (too many, none), not-found, before the first byte where it can be told then
 */
export async function exportComparisons(
  source: ExportSource,
  ids: readonly string[],
  format: ExportFormat,
  { lane, speech }: { lane?: string; speech?: FigureSpeech } = {},
): Promise<Exported> {
  refuseTooMany(ids.length, format);
  // The first one is read before the answer begins, so that most of what can be wrong is told in words.
  const first = await source.view(ids[0]!);
  if (first.status === 'queued' || first.status === 'running')
    throw new StudioError('option-invalid', 'This comparison still runs. Export it when it is done, or stop it first.');
  const name = ids.length === 1 ? fileNameOf(first) : `${ids.length}-comparisons`;
  async function* views() {
    for (const id of ids) yield id === ids[0] ? first : await source.view(id);
  }
  switch (format) {
    case 'json':
      return { mime: 'application/json', fileName: `${name}.caption-studio.json`, parts: exportFile(source, ids) };
    case 'csv':
      return { mime: 'text/csv; charset=utf-8', fileName: `${name}.csv`, parts: exportCsv(views()) };
    case 'coco':
      // As a whole: which lane is meant may be unclear at any of them.
      return {
        mime: 'application/json',
        fileName: `${name}.${lane ? `${lane}.` : ''}coco.json`,
        parts: once(await gather(exportCoco(views(), lane))),
      };
    case 'txt':
      return { mime: 'text/plain; charset=utf-8', fileName: `${name}.txt`, parts: exportCaptions(views()) };
    case 'svg':
      return {
        mime: 'image/svg+xml',
        fileName: `${name}.svg`,
        parts: once(figureSvg(await figureParts(source, views()), speech)),
      };
    case 'png':
      return {
        mime: 'image/png',
        fileName: `${name}.png`,
        parts: once(await figurePng(await figureParts(source, views()), speech)),
      };
    case 'html':
      return {
        mime: 'text/html; charset=utf-8',
        fileName: `${name}.html`,
        parts: once(shareFile(await Promise.all(ids.map((id) => shown(source, id))), await shareBundle())),
      };
  }
}

/** A comparison with what its file needs to score it against its references. */
async function shown(source: ExportSource, id: string) {
  const exported = await exportedComparison(source, id);
  const frequencies = source.frequencies && (await frequenciesOf(exported.comparison, source.frequencies));
  return { ...exported, ...(frequencies ? { frequencies } : {}) };
}

async function figureParts({ images }: ExportSource, views: AsyncIterable<ComparisonView>): Promise<FigurePart[]> {
  const parts: FigurePart[] = [];
  for await (const view of views)
    parts.push({ view, ...(view.image ? { picture: pictureOf(await images.file(view.image.id, false)) } : {}) });
  return parts;
}

const pictureOf = ({ mime, bytes }: { mime: string; bytes: Uint8Array }) => ({
  mime: mime as 'image/png' | 'image/jpeg',
  base64: Buffer.from(bytes).toString('base64'),
});

async function* once<T>(part: T): AsyncGenerator<T> {
  yield part;
}
async function gather(parts: AsyncIterable<string>): Promise<string> {
  let all = '';
  for await (const part of parts) all += part;
  return all;
}
