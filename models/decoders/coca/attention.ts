import type { EventOf } from '../../events';
import type { Session, Tensor } from '../../runtime/types';
import { emptyCache, type Grid } from '../../spaces/space';
import type { DecoderContext } from '../types';

/**
 * How much each token of a finished caption looked at each cell of the image, by one run over the whole caption: the
 * decoder's
 * cross-attention to the image tokens, averaged over heads and layers, times the pooler's attention of those tokens to
 * the cells
 * (averaged over heads). A composition in the manner of attention rollout (arXiv 2005.00928) without residuals: it
 * tells where was looked, not
 * what decided. Position i of the decoder predicts token i, so its row is that token's. @returns [tokens, cells], rows
 * that sum to 1
 */
export async function attentionMaps(
  grid: Grid,
  tokens: readonly number[],
  constants: Record<string, Tensor>,
  context: DecoderContext,
): Promise<Float32Array> {
  const { family } = context;
  const device = context.device.at('insight');
  const { runtime } = family;
  const { bos, layers, heads, width } = family.languageModel(context.decoder);
  const [pooler, decoder] = await Promise.all([family.session('coca.pooler-map'), family.session('coca.decoder-map')]);
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
    for (const name of decoder.inputs) {
      if (constants[name]) feeds[name] = constants[name];
      else feeds[name] = made[name] = offered[name]?.() ?? cacheOf(name, decoder);
    }
    const cross = await read(device.run(decoder, feeds, ['cross_attention']), 'cross_attention');
    return product(cross, pooled, rows, grid.tokens);
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

/** The maps as an event: one byte a cell, each token's map scaled by its own greatest cell. */
export function attentionInsight(lane: string, tokens: readonly number[], maps: Float32Array): EventOf<'insight'> {
  const cells = maps.length / tokens.length;
  const columns = Math.round(Math.sqrt(cells));
  const peaks: number[] = [];
  const bytes = new Uint8Array(maps.length);
  for (let t = 0; t < tokens.length; t++) {
    const map = maps.subarray(t * cells, (t + 1) * cells);
    const peak = Math.max(...map);
    peaks.push(Math.round(peak * 1e4) / 1e4);
    map.forEach((v, i) => (bytes[t * cells + i] = peak > 0 ? Math.round((255 * v) / peak) : 0));
  }
  return {
    type: 'insight',
    lane,
    insight: {
      kind: 'attention',
      rows: cells / columns,
      columns,
      tokens: [...tokens],
      peaks,
      maps: btoa(String.fromCharCode(...bytes)),
    },
  };
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
