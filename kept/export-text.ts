import { StudioError } from '../models/errors';
import { numberIn } from './captions/match';
import { ofPerson } from './captions/studio-files';
import type { ComparisonView, LaneView } from './comparison';
import type { PersonCaption } from './fields';
import { csvCell } from './csv';

/** Comparisons one after the other, so that a long export is never in memory as a whole. */
export type Views = AsyncIterable<ComparisonView>;

const columns: [string, (view: ComparisonView, lane: LaneView) => string | number | boolean | null | undefined][] = [
  ['comparison', ({ id }) => id],
  ['created', ({ createdAt }) => createdAt.toISOString()],
  ['title', ({ title }) => title],
  ['note', ({ note }) => note],
  ['lane', (_, { id }) => id],
  ['decoder', (_, { decoder }) => decoder],
  ['status', (_, { status }) => status],
  ['caption', (_, { result }) => result?.caption],
  ['similarity', (_, { result }) => result?.similarity],
  ['similarity_space', (_, { result }) => result?.similaritySpace],
  ['optimised', (_, { result }) => result?.optimised],
  ['log_prob', (_, { result }) => result?.logProb],
  ['tokens', (_, { result }) => result?.tokens.length],
  ['device_ms', (_, { result }) => result?.deviceMs],
  ['first_token_ms', (_, { result }) => result?.firstTokenMs],
  ['device', ({ device }) => device?.name],
  ['precision', ({ precision }) => precision],
  ['family', ({ family }) => family],
  ['family_sha256', ({ familyHash }) => familyHash],
  ['computed_by', ({ computedBy }) => computedBy],
  ['options', (_, { options }) => JSON.stringify(options)],
  ['error', (_, { error }) => error?.message],
  ['stars', (_, { rating }) => rating?.stars],
  ['rated_blind', (_, { rating }) => rating?.blind],
  ['said_by', () => undefined],
  ['said_at', () => undefined],
];

/** What a person says of the photo has a row of its own, of no decoder; `lane` is the one that it was taken from. */
function personRow(view: ComparisonView, { lane, own, text, score, by, at }: PersonCaption): string {
  const said: Record<string, string | number | undefined> = {
    comparison: view.id,
    created: view.createdAt.toISOString(),
    title: view.title,
    note: view.note,
    lane,
    status: own ? 'own' : 'accepted',
    caption: text,
    similarity: score?.cosine,
    similarity_space: score?.space,
    said_by: by,
    said_at: at,
  };
  return columns.map(([name]) => csvCell(said[name])).join(',');
}

/**
 * A lane a row, then what a person says of the photo (RFC 4180). Text that a spreadsheet would take for a formula is
 * preceded by an apostrophe.
 */
export async function* exportCsv(views: Views): AsyncGenerator<string> {
  yield `${columns.map(([name]) => name).join(',')}\r\n`;
  for await (const view of views) {
    for (const lane of view.lanes) yield `${columns.map(([, value]) => csvCell(value(view, lane))).join(',')}\r\n`;
    for (const said of view.said) yield `${personRow(view, said)}\r\n`;
  }
}

/**
 * COCO's results format: `[{"image_id", "caption"}]`, one caption a picture, so it is of one lane: `lane` names a lane
 * or a decoder.
 * `image_id` is the number at the end of the title where that is a file's name as COCO's
 * (COCO_val2014_000000391895.jpg), else that file's name, else the comparison's id: so it is joined with references.
 * @throws option-invalid where several lanes have captions and none is named
 */
export async function* exportCoco(views: Views, lane?: string): AsyncGenerator<string> {
  let first = true;
  yield '[';
  for await (const view of views) {
    const said = view.lanes.filter(({ result }) => result);
    if (!said.length) continue;
    const chosen = lane === undefined ? said : said.filter(({ id, decoder }) => id === lane || decoder === lane);
    if (lane === undefined && said.length > 1)
      throw new StudioError(
        'option-invalid',
        `COCO's format has one caption a picture. Name the lane: ${said.map(({ id }) => id).join(', ')}.`,
      );
    const result = chosen[0]?.result;
    if (!result)
      throw new StudioError(
        'option-invalid',
        `Comparison ${view.title || view.id} has no caption of "${lane}". It has ${said.map(({ id }) => id).join(', ')}.`,
      );
    yield `${first ? '' : ',\n'}${JSON.stringify({ image_id: imageIdOf(view), caption: result.caption })}`;
    first = false;
  }
  yield ']\n';
}

export function imageIdOf({ id, title }: Pick<ComparisonView, 'id' | 'title'>): number | string {
  const number = numberIn(title);
  if (number !== undefined) return Number(number);
  return /\.(jpe?g|png|webp|tiff?|avif|gif)$/i.test(title) ? title : id;
}

/**
 * Captions to read or to paste: the title of each comparison, then a line for each lane and for each caption that a
 * person said.
 */
export async function* exportCaptions(views: Views): AsyncGenerator<string> {
  let first = true;
  for await (const view of views) {
    yield `${first ? '' : '\n'}# ${oneLine(view.title) || view.createdAt.toISOString()}\n`;
    first = false;
    for (const { id, result, status } of view.lanes)
      yield `${id}\t${result ? oneLine(result.caption) : `(${status})`}\n`;
    for (const { text } of view.said) yield `${ofPerson}\t${oneLine(text)}\n`;
  }
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();
