import { buildTextTower } from '../../models/networks/text-tower';
import { clipTextTower, clipVitB32Text } from '../../models/networks/published-keys';
import type { Precision, Runtime, Session, Tensor } from '../../models/runtime/types';
import { causalBias } from '../../models/spaces/attention-bias';
import { timed } from '../../models/bench/timing';
import { clipTextShapes, randomWeights } from '../../models/bench/random-weights';

const { layers, heads, width, positions } = clipVitB32Text;
const beams = 5;
const candidatesPerBeam = 10;
/** Caption lengths, in tokens of the text tower, at which a guided step is timed. */
const lengths = [3, 7, 11];

export type Guided = { precision: Precision; candidates: number; sharedMs: number; fullMs: number; speedup: number };

/**
 * One step of CLIP-guided search with the text tower of CLIP ViT-B/32: 5 beams with 10 candidates each are scored.
 * Shared: the beams' caches take up the token that each beam chose last, then every candidate costs one token and its
 * end token.
 * Full: every candidate is encoded anew over the whole context of 77 tokens.
 */
export async function guidedStep(runtime: Runtime, precision: Precision): Promise<Guided> {
  const model = buildTextTower(clipTextTower(clipVitB32Text), randomWeights(clipTextShapes(clipVitB32Text)), {
    precision,
    device: 'cpu',
  });
  const session = await runtime.load(model, { name: 'text tower' });
  const candidates = beams * candidatesPerBeam;
  const rows = Array.from({ length: candidates }, (_, i) => i);
  const parents = rows.map((i) => Math.floor(i / candidatesPerBeam));
  let sharedMs = 0;
  for (const length of lengths) {
    const prefix = await encode(
      runtime,
      session,
      {},
      0,
      beams,
      length,
      parents.slice(0, beams).map(() => 0),
    );
    const runs: number[] = [];
    for (let repeat = 0; repeat < 6; repeat++) {
      const { ms } = await timed(async () => {
        const grown = await encode(runtime, session, prefix, length, beams, 1, rows.slice(0, beams));
        const scored = await encode(runtime, session, grown, length + 1, candidates, 2, parents);
        for (const tensor of [...Object.values(grown), ...Object.values(scored)]) tensor.dispose();
      });
      runs.push(ms);
    }
    for (const tensor of Object.values(prefix)) tensor.dispose();
    sharedMs += Math.min(...runs) / lengths.length;
  }
  const full: number[] = [];
  for (let repeat = 0; repeat < 2; repeat++) {
    const { result, ms } = await timed(() =>
      encode(
        runtime,
        session,
        {},
        0,
        candidates,
        positions,
        rows.map(() => 0),
      ),
    );
    for (const tensor of Object.values(result)) tensor.dispose();
    full.push(ms);
  }
  await session.release();
  const fullMs = Math.min(...full);
  return { precision, candidates, sharedMs, fullMs, speedup: fullMs / sharedMs };
}

/**
 * Encodes `count` new tokens of every row after a past of `offset` tokens; gives the new cache under its input names.
 */
async function encode(
  runtime: Runtime,
  session: Session,
  past: Record<string, Tensor>,
  offset: number,
  rows: number,
  count: number,
  parents: number[],
): Promise<Record<string, Tensor>> {
  const long = (values: number[], dims: number[]) => runtime.tensor('int64', BigInt64Array.from(values, BigInt), dims);
  const own: Record<string, Tensor> = {
    input_ids: long(
      Array.from({ length: rows * count }, (_, i) => (i * 7919) % 40000),
      [rows, count],
    ),
    told_tokens: long(
      parents.map((_, row) => (row + 1) * count - 1),
      [rows],
    ),
    position_ids: long(
      Array.from({ length: count }, (_, i) => offset + i),
      [count],
    ),
    attention_bias: runtime.tensor('float32', causalBias(offset, count), [1, 1, count, offset + count]),
    beam_index: long(parents, [rows]),
  };
  if (!offset)
    for (let l = 0; l < layers; l++)
      for (const part of ['key', 'value'])
        own[`past_${part}.${l}`] = runtime.tensor('float32', new Float32Array(0), [1, heads, 0, width / heads]);
  const outputs = await session.run({ ...past, ...own });
  for (const tensor of Object.values(own)) tensor.dispose();
  outputs.embedding?.dispose();
  return Object.fromEntries(
    Object.entries(outputs).flatMap(([name, tensor]) =>
      name.startsWith('present_') ? [[name.replace('present', 'past'), tensor]] : [],
    ),
  );
}
