import type { EventOf } from '../../events';
import type { Session, Tensor } from '../../runtime/types';
import { paddingMaskFeed } from '../../spaces/padding-mask';
import { emptyCache, type Grid } from '../../spaces/space';
import type { DecoderContext } from '../types';
import { cocaGraphs } from './graphs';

/**
 * How much each token of a finished caption looked at each cell of the image, by one run over the whole caption: the
 * decoder's cross-attention to the image tokens, averaged over heads and layers, times the pooler's attention of those
 * tokens to the cells (averaged over heads). A composition in the manner of attention rollout (arXiv 2005.00928)
 * without residuals: it tells where was looked, not what decided. Position i of the decoder predicts token i, so its
 * row is that token's. A pooler with one query more than the decoder has image tokens is open_clip's: its first is the
 * contrastive one, and its grid begins with the class token, which is no cell and is left out.
 * @returns maps [tokens, cells], rows that sum to 1 (less what was looked at the class token); contrast [cells], where
 * the contrastive pooling looked
 */
export async function attentionMaps(
  grid: Grid,
  tokens: readonly number[],
  constants: Record<string, Tensor>,
  context: DecoderContext,
): Promise<AttentionMaps> {
  const { family } = context;
  const device = context.device.at('insight');
  const { runtime } = family;
  const { bos, layers, heads, width } = family.languageModel(context.decoder);
  const [pooler, decoder] = await Promise.all([
    family.session(cocaGraphs.poolerMap),
    family.session(cocaGraphs.decoderMap),
  ]);
  const rows = tokens.length;
  const input = [bos, ...tokens.slice(0, -1)];
  const long = (values: readonly number[], dims: readonly number[]) =>
    runtime.tensor('int64', BigInt64Array.from(values, BigInt), dims);
  const made: Record<string, Tensor> = {
    grid: runtime.tensor('float32', grid.values, [1, grid.tokens, grid.channels]),
  };
  try {
    const pooled = await read(device.run(pooler, { grid: made.grid! }, ['attention']), 'attention');
    const offered: Record<string, () => Tensor> = {
      input_ids: () => long(input, [1, rows]),
      position_ids: () =>
        long(
          Array.from({ length: rows }, (_, i) => i),
          [rows],
        ),
      beam_index: () => long([0], [1]),
      seqlens_k: () => runtime.tensor('int32', Int32Array.of(rows - 1), [1]),
      total_sequence_length: () => runtime.tensor('int32', Int32Array.of(rows), []),
    };
    const feeds: Record<string, Tensor> = {};
    Object.assign(
      made,
      paddingMaskFeed(decoder, runtime, () => [input], rows),
    );
    for (const name of decoder.inputs) {
      if (constants[name] ?? made[name]) feeds[name] = constants[name] ?? made[name]!;
      else feeds[name] = made[name] = offered[name]?.() ?? cacheOf(name, decoder);
    }
    const cross = await read(device.run(decoder, feeds, ['cross_attention']), 'cross_attention');
    const seen = cross.length / rows;
    const contrastive = pooled.length / grid.tokens - seen;
    const maps = product(cross, pooled.subarray(contrastive * grid.tokens), rows, grid.tokens);
    if (!contrastive) return { maps };
    return { maps: cellsOf(maps, grid.tokens), contrast: cellsOf(pooled.subarray(0, grid.tokens), grid.tokens) };
  } finally {
    for (const tensor of Object.values(made)) tensor.dispose();
  }

  function cacheOf(name: string, session: Session): Tensor {
    const layer = Number(name.split('.')[1]);
    if (!name.startsWith('past_') || layer >= layers)
      throw new Error(`CoCa's attention graph wants an unknown input ${name}.`);
    return emptyCache(runtime, session, [1, heads, 0, width / heads]);
  }
}

export type AttentionMaps = { maps: Float32Array; contrast?: Float32Array };

/** The maps as an event: one byte a cell, each token's map scaled by its own greatest cell. */
export function attentionInsight(
  lane: string,
  tokens: readonly number[],
  { maps, contrast }: AttentionMaps,
): EventOf<'insight'> {
  const cells = maps.length / tokens.length;
  const columns = Math.round(Math.sqrt(cells));
  const words = tokens.map((_, t) => scaled(maps.subarray(t * cells, (t + 1) * cells)));
  const pooled = contrast && scaled(contrast);
  return {
    type: 'insight',
    lane,
    insight: {
      kind: 'attention',
      rows: cells / columns,
      columns,
      tokens: [...tokens],
      peaks: words.map(({ peak }) => peak),
      maps: text(words.flatMap(({ bytes }) => bytes)),
      ...(pooled ? { contrast: { peak: pooled.peak, map: text(pooled.bytes) } } : {}),
    },
  };
}

/** A map in bytes, its greatest cell 255. */
function scaled(map: Float32Array): { peak: number; bytes: number[] } {
  const peak = Math.max(...map);
  return {
    peak: Math.round(peak * 1e4) / 1e4,
    bytes: Array.from(map, (v) => (peak > 0 ? Math.round((255 * v) / peak) : 0)),
  };
}

const text = (bytes: readonly number[]) => btoa(bytes.map((byte) => String.fromCharCode(byte)).join(''));

/** Rows of `tokens` values without the first of each. */
function cellsOf(rows: Float32Array, tokens: number): Float32Array {
  return rows.filter((_, i) => i % tokens !== 0);
}

/** [rows, k] times [k, cells]. */
function product(cross: Float32Array, pooled: Float32Array, rows: number, cells: number): Float32Array {
  const k = cross.length / rows;
  const out = new Float32Array(rows * cells);
  for (let r = 0; r < rows; r++)
    for (let i = 0; i < k; i++) {
      const weight = cross[r * k + i]!;
      for (let c = 0; c < cells; c++) out[r * cells + c]! += weight * pooled[i * cells + c]!;
    }
  return out;
}

async function read(run: Promise<Record<string, Tensor>>, name: string): Promise<Float32Array> {
  const outputs = await run;
  try {
    return Float32Array.from((await outputs[name]!.read()) as Float32Array);
  } finally {
    for (const tensor of Object.values(outputs)) tensor.dispose();
  }
}
