import { describe, expect, it } from 'vitest';
import { ends, type StepCase, stepCases, textCases } from './goldens/cases';
import { type Golden, goldenWeights, relativeError, type Trace } from './goldens/golden';
import { float, long, StepSession, values } from './goldens/session';
import { buildTextTower } from './text-tower';
import type { GraphOptions } from './types';

const devices: GraphOptions[] = [
  { precision: 'fp32', device: 'cpu' },
  { precision: 'fp32', device: 'webgpu' },
];
const numbersOf = (outputs: Awaited<ReturnType<StepSession['run']>>, name: string) =>
  Array.from(values(outputs[name] as Parameters<typeof values>[0]));
/** Another order of summation is all that may differ. */
const close = 5e-5;
const steps = { temperature: float([0.05], [1]), k: long([8]) };
const visible = ['top_log_probs', 'last_hidden', 'entropy'] as const;

describe.each(stepCases)('$name', (test) => {
  it.each(devices)('gives cached steps what one run over all tokens gives, on $device', async (options) => {
    const session = await test.open(goldenWeights(test.golden), options);
    const rows = test.golden.ids!;
    const whole = await session.run(rows, [0, 0], { ...steps, ...test.first(2) });
    session.reset();
    await session.run(
      rows.map((row) => row.slice(0, 2)),
      [0, 0],
      { ...steps, ...test.first(2) },
    );
    let last = whole;
    for (let i = 2; i < rows[0]!.length; i++)
      last = await session.run(
        rows.map((row) => [row[i]!]),
        [0, 1],
        { ...steps, ...test.later(2) },
      );
    expect(numbersOf(last, 'top_ids')).toEqual(numbersOf(whole, 'top_ids'));
    for (const name of visible)
      expect(relativeError(numbersOf(last, name), numbersOf(whole, name)), name).toBeLessThan(close);
  });

  it.each(devices)('re-orders, repeats and drops beams by beam_index, on $device', async (options) => {
    const session = await test.open(goldenWeights(test.golden), options);
    let texts = [[3], [9], [27]];
    let actual = await session.run(texts, [0, 0, 0], { ...steps, ...repeated(test.first(1), 3) });
    // Repeats a row, drops one, grows and shrinks the batch, and crosses over.
    const walk = [
      { parents: [2, 0, 0], tokens: [5, 6, 7] },
      { parents: [2, 1, 0, 1], tokens: [8, 9, 10, 11] },
      { parents: [3, 0], tokens: [12, 13] },
      { parents: [1, 0, 1], tokens: [14, 15, 16] },
    ];
    for (const { parents, tokens } of walk) {
      texts = parents.map((parent, i) => [...texts[parent]!, tokens[i]!]);
      actual = await session.run(
        tokens.map((token) => [token]),
        parents,
        { ...steps, ...test.later(parents.length) },
      );
    }
    session.reset();
    const expected = await session.run(texts, [0, 0, 0], { ...steps, ...repeated(test.first(1), 3) });
    for (const name of visible)
      expect(relativeError(numbersOf(actual, name), numbersOf(expected, name)), name).toBeLessThan(close);
  });

  it("walks PyTorch's greedy and beam traces token by token", async () => {
    const trace = test.golden.trace!;
    const session = await traceSession(test, trace);
    const greedy = await greedyTrace(test, session, trace);
    expect(greedy.tokens).toEqual(trace.greedy.tokens);
    expect(relativeError(greedy.logProbs, trace.greedy.logProbs)).toBeLessThan(1e-4);
    session.reset();
    const beam = await beamTrace(test, session, trace);
    expect(beam.steps.map(({ parents, tokens }) => ({ parents, tokens }))).toEqual(
      trace.beam.steps.map(({ parents, tokens }) => ({ parents, tokens })),
    );
    expect(
      relativeError(
        beam.steps.flatMap((step) => step.logProbs),
        trace.beam.steps.flatMap((step) => step.logProbs),
      ),
    ).toBeLessThan(1e-4);
    expect(beam.finished.map((one) => one.tokens)).toEqual(trace.beam.finished.map((one) => one.tokens));
  });

  it('has traces that a wrong cache could not follow', () => {
    const { greedy, beam, stop, beams } = test.golden.trace!;
    expect(new Set(greedy.tokens).size).toBeGreaterThanOrEqual(10);
    expect(greedy.tokens.at(-1)).toBe(stop);
    expect(new Set(beam.steps.flatMap((step) => step.tokens)).size).toBeGreaterThanOrEqual(10);
    expect(beam.finished.length).toBeGreaterThan(0);
    expect(
      beam.steps.slice(1).some((step) => new Set(step.parents).size < beams),
      'a beam is evicted',
    ).toBe(true);
  });

  it('notices a position that is off by one while it steps', async () => {
    const trace = test.golden.trace!;
    const session = await traceSession(test, trace);
    const right = await session.run([[...trace.start, ...trace.greedy.tokens.slice(0, 3)]], [0], {
      ...steps,
      ...test.first(1),
    });
    session.reset();
    const count = trace.start.length + 3 + (test.first(1).prefix_embeds?.dims[1] ?? 0);
    const wrong = await session.run([[...trace.start, ...trace.greedy.tokens.slice(0, 3)]], [0], {
      ...steps,
      ...test.first(1),
      position_ids: long(Array.from({ length: count }, (_, i) => i + 1)),
    });
    expect(relativeError(numbersOf(wrong, 'last_hidden'), numbersOf(right, 'last_hidden'))).toBeGreaterThan(1e-2);
  });
});

describe.each(textCases)('$name with a cache', ({ golden, config }) => {
  const { width, heads } = golden.config as { width: number; heads: number };
  const whole = async (session: StepSession, rows: number[][], end: number[]) => {
    session.reset();
    return numbersOf(
      await session.run(
        rows,
        rows.map(() => 0),
        { told_tokens: ends(rows, end) },
      ),
      'embedding',
    );
  };

  it('encodes several tails after shared beginnings as it encodes whole texts', async () => {
    const session = await StepSession.open(
      buildTextTower(config(golden), goldenWeights(golden), devices[0]!),
      heads,
      width / heads,
    );
    const beginnings = [
      [1, 17, 33],
      [1, 44, 5],
    ];
    const tails = [
      [9, 70, 2],
      [10, 2, 0],
      [81, 64, 2],
      [12, 2, 0],
    ];
    const parents = [0, 1, 1, 0];
    const end = [2, 1, 2, 1];
    await session.run(beginnings, [0, 0], { told_tokens: ends(beginnings, [2, 2]) });
    const tailed = numbersOf(await session.run(tails, parents, { told_tokens: ends(tails, end) }), 'embedding');
    const expected = await whole(
      session,
      tails.map((tail, i) => [...beginnings[parents[i]!]!, ...tail]),
      end.map((at) => at + 3),
    );
    expect(relativeError(tailed, expected)).toBeLessThan(close);
  });

  it('does not see what follows the end token', async () => {
    const session = await StepSession.open(
      buildTextTower(config(golden), goldenWeights(golden), devices[0]!),
      heads,
      width / heads,
    );
    const short = await whole(session, [[1, 17, 2]], [2]);
    const padded = await whole(session, [[1, 17, 2, 0, 63, 99]], [2]);
    expect(relativeError(padded, short)).toBeLessThan(close);
  });
});

function repeated(feeds: ReturnType<StepCase['first']>, rows: number): ReturnType<StepCase['first']> {
  const prefix = feeds.prefix_embeds;
  if (!prefix) return feeds;
  const row = Array.from(prefix.data as Float32Array);
  return { prefix_embeds: float(Array.from({ length: rows }, () => row).flat(), [rows, ...prefix.dims.slice(1)]) };
}

function traceSession(test: StepCase, trace: Trace): Promise<StepSession> {
  const golden: Golden = { ...test.golden, seed: trace.seed };
  return test.open(goldenWeights(golden, { deviations: trace.deviations }), devices[0]!);
}

type Row = { ids: number[]; logProbs: number[] };

/** One run of a trace: the best `k` of every row. */
async function advance(
  test: StepCase,
  session: StepSession,
  trace: Trace,
  rows: number[][],
  parents: number[],
  first: boolean,
): Promise<Row[]> {
  const k = 2 * trace.beams;
  const outputs = await session.run(rows, parents, {
    k: long([k]),
    temperature: float([trace.temperature], [1]),
    ...(first ? test.first(1) : test.later(rows.length)),
  });
  const [ids, logProbs] = [numbersOf(outputs, 'top_ids'), numbersOf(outputs, 'top_log_probs')];
  return rows.map((_, row) => ({
    ids: ids.slice(row * k, row * k + k),
    logProbs: logProbs.slice(row * k, row * k + k),
  }));
}

async function greedyTrace(
  test: StepCase,
  session: StepSession,
  trace: Trace,
): Promise<{ tokens: number[]; logProbs: number[] }> {
  const tokens: number[] = [];
  const logProbs: number[] = [];
  let rows = [trace.start];
  while (tokens.at(-1) !== trace.stop && tokens.length < 30) {
    const [best] = await advance(test, session, trace, rows, [0], tokens.length === 0);
    tokens.push(best!.ids[0]!);
    logProbs.push(best!.logProbs[0]!);
    rows = [[best!.ids[0]!]];
  }
  return { tokens, logProbs };
}

type Beam = { tokens: number[]; logProb: number; parent: number };

async function beamTrace(test: StepCase, session: StepSession, trace: Trace): Promise<Trace['beam']> {
  const result: Trace['beam'] = { steps: [], finished: [] };
  let beams: Beam[] = [{ tokens: [], logProb: 0, parent: 0 }];
  while (result.steps.length < trace.beam.steps.length) {
    const first = result.steps.length === 0;
    const rows = await advance(
      test,
      session,
      trace,
      first ? [trace.start] : beams.map((beam) => [beam.tokens.at(-1)!]),
      beams.map((beam) => beam.parent),
      first,
    );
    const grown = rows
      .flatMap((row, parent) =>
        row.ids.map((id, i): Beam => ({
          tokens: [...beams[parent]!.tokens, id],
          logProb: beams[parent]!.logProb + row.logProbs[i]!,
          parent,
        })),
      )
      .sort((a, b) => b.logProb - a.logProb)
      .slice(0, 2 * trace.beams);
    const live: Beam[] = [];
    for (const beam of grown) {
      if (beam.tokens.at(-1) !== trace.stop) live.push(beam);
      else if (live.length < trace.beams) result.finished.push({ tokens: beam.tokens, logProb: beam.logProb });
    }
    beams = live.slice(0, trace.beams);
    result.steps.push({
      parents: beams.map((beam) => beam.parent),
      tokens: beams.map((beam) => beam.tokens.at(-1)!),
      logProbs: beams.map((beam) => beam.logProb),
    });
  }
  return result;
}
