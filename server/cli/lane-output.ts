import type { ErrorData } from '../../models/errors';
import type { StudioEvent, LaneResult } from '../../models/events';
import type { Device, Precision } from '../../models/runtime/types';
import { errorFields, type Fields, within } from './fields';

/** What a comparison said, gathered for printing. */
export type Gathered = {
  family: string;
  device: Device;
  precision: Precision;
  encodeMs: number;
  lanes: { id: string; decoder: string; result?: LaneResult; error?: ErrorData }[];
};

export async function gather(events: AsyncIterable<StudioEvent>): Promise<Gathered> {
  const out: Gathered = { family: '', device: { name: 'cpu' }, precision: 'fp32', encodeMs: 0, lanes: [] };
  for await (const event of events) {
    if (event.type === 'comparison-started')
      Object.assign(out, {
        family: event.family,
        device: event.device,
        precision: event.precision,
        lanes: event.lanes.map(({ id, decoder }) => ({ id, decoder })),
      });
    if (event.type === 'encoded') out.encodeMs = event.ms;
    const lane = 'lane' in event ? out.lanes.find(({ id }) => id === event.lane) : undefined;
    if (lane && event.type === 'lane-finished') lane.result = event.result;
    if (lane && event.type === 'lane-failed') lane.error = event.error;
  }
  return out;
}

/** One caption as `--json` prints it. */
function captionJson({ decoder, result, error }: Gathered['lanes'][number]) {
  if (!result) return { decoder, error };
  const { caption, tokens, logProb, similarity, deviceMs, ms, firstTokenMs, optimised, certainty } = result;
  const { ownEmbedding } = result;
  return {
    decoder,
    caption,
    tokens,
    logProb,
    similarity,
    certainty,
    ms,
    firstTokenMs,
    deviceMs,
    optimised,
    ownEmbedding,
  };
}

const captionJsonFields: Fields = {
  decoder: 'its name',
  caption: 'the caption',
  'tokens[]': 'ids of its tokens, without the end token',
  logProb: 'sum of their natural log-probabilities, end token included',
  similarity: "cosine of the caption and what was given, in the family's space",
  certainty: 'likely or unsure: what that cosine says of such a caption, where the family was calibrated',
  ms: 'wall clock of the lane in milliseconds',
  firstTokenMs: 'until its first token',
  deviceMs: "the lane's own time on the device",
  optimised: 'true where the search optimised this very cosine, so that it ranks nothing',
  ...within('error', { ...errorFields, 'details.*': 'more of it, for programs' }),
};
const answerFields: Fields = {
  family: 'whose decoders answered',
  device: 'what did the work',
  deviceReason: 'why that device, in the first answer alone and where there is something to say',
  precision: 'fp32, fp16 or q8',
};

/** What was said of one photo, as `caption --json` prints it. @param reason whether to say why that device */
export const captionRecord = (image: string, said: Gathered, how: { reason: boolean }) => ({
  image,
  ...answer(said, how),
  encodeMs: said.encodeMs,
  captions: said.lanes.map(captionJson),
});
export const captionRecordFields: Fields = {
  image: 'the photo as it was named',
  ...answerFields,
  encodeMs: "the image tower's time in milliseconds",
  ...within('captions[]', captionJsonFields),
};

/** What was said of one embedding, as `decode --json` prints it. */
export const embeddingRecord = (embedding: string, row: number, said: Gathered, how: { reason: boolean }) => ({
  embedding,
  row,
  ...answer(said, how),
  captions: said.lanes.map(captionJson),
});
export const embeddingRecordFields: Fields = {
  embedding: 'the file as it was named',
  row: 'which of its embeddings, from 0',
  ...answerFields,
  ...within('captions[]', captionJsonFields),
};

const answer = ({ family, device, precision }: Gathered, { reason }: { reason: boolean }) => ({
  family,
  device: device.name,
  ...(reason && device.reason ? { deviceReason: device.reason } : {}),
  precision,
});

type ShownLane = {
  decoder: string;
  result?: Pick<LaneResult, 'caption' | 'similarity' | 'certainty' | 'optimised' | 'ownEmbedding'> & { ms?: number };
  error?: Pick<ErrorData, 'message'>;
};
/** Captions as lines of a table: decoder, caption, cosine, how sure that makes it, milliseconds where known. */
export function captionLines(lanes: readonly ShownLane[]): string[] {
  const width = Math.max('caption'.length, ...lanes.map(({ result }) => result?.caption.length ?? 0));
  const row = (decoder: string, caption: string, cosine: string, sure: string, ms: string, note = '') =>
    `  ${decoder.padEnd(10)} ${caption.padEnd(width)}  ${cosine.padStart(5)}  ${sure.padEnd(6)}  ${ms.padStart(5)}${note}`;
  return [
    row(
      'decoder',
      'caption',
      'cos',
      'sure',
      lanes.some(({ result }) => result?.ms !== undefined) ? 'ms' : '',
    ).trimEnd(),
    ...lanes.map(({ decoder, result, error }) =>
      result
        ? row(
            decoder,
            result.caption,
            result.similarity.toFixed(2),
            result.certainty ?? '',
            result.ms?.toFixed(0) ?? '',
            `${result.optimised ? '  optimised this cosine' : ''}${result.ownEmbedding ? "  the photo cut as its authors' code cuts it" : ''}`,
          )
        : `  ${decoder.padEnd(10)} ${error ? error.message : 'no answer'}`,
    ),
  ];
}

/** Whether any lane failed, apart from decoders that cannot read such an input at all. */
export const anyFailed = (lanes: Gathered['lanes']) => lanes.some(({ error }) => error && error.code !== 'needs-image');
