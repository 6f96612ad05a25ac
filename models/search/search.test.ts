import { describe, expect, it } from 'vitest';
import { beamSearch } from './beam';
import { clipcapBeam } from './clipcap-beam';
import { allowed } from './constraints';
import { guidedBeam } from './guided-beam';
import { magic } from './magic';
import { sample } from './sampling';
import { finish, normalised, randomTable, searchInput, TableModel, type NextTable } from './table-model';

const free = { minTokens: 0, noRepeat: 0 };

/** Every caption up to `longest` tokens with its log-probability (end included), by brute force. */
function every(table: NextTable, vocabulary: number, longest: number) {
  const out: { tokens: number[]; logProb: number }[] = [];
  const grow = (tokens: number[], logProb: number) => {
    const next = table(tokens);
    out.push({ tokens, logProb: logProb + next[0]! });
    if (tokens.length < longest - 1) for (let id = 1; id < vocabulary; id++) grow([...tokens, id], logProb + next[id]!);
  };
  grow([], 0);
  return out;
}

describe('beam search', () => {
  it.each([1, 2, 3])('with a beam wide enough finds the best caption there is (table %i)', async (seed) => {
    const table = randomTable(4, seed);
    for (const lengthPenalty of [0, 0.7, 1]) {
      const { result } = await finish(
        beamSearch(searchInput(new TableModel(table, 4), { maxTokens: 5 }), { ...free, beam: 400, lengthPenalty }),
      );
      const score = ({ tokens, logProb }: { tokens: number[]; logProb: number }) =>
        logProb / (tokens.length + 1) ** lengthPenalty;
      const best = every(table, 4, 5).sort((a, b) => score(b) - score(a))[0]!;
      expect(result[0]!.tokens).toEqual(best.tokens);
      expect(result[0]!.score).toBeCloseTo(score(best), 5);
    }
  });

  it('with one beam takes the likeliest token each time', async () => {
    const table = randomTable(20, 5);
    const { result, events } = await finish(
      beamSearch(searchInput(new TableModel(table, 20), { maxTokens: 8 }), { ...free, beam: 1, lengthPenalty: 0.7 }),
    );
    const expected: number[] = [];
    while (expected.length < 8) {
      const next = table(expected);
      const best = next.indexOf(Math.max(...next));
      if (best === 0) break;
      expected.push(best);
    }
    expect(result[0]!.tokens).toEqual(expected);
    expect(events[0]!.alternatives[0]!.id).toBe(events[0]!.token);
  });

  it('never loses a finished caption to a live one', async () => {
    // "1" ends at once with a good mean; what begins with "2" is likelier at first and pays for every further token.
    const table: NextTable = (tokens) =>
      normalised(tokens.length === 0 ? [-9, 0, 0.1] : tokens[tokens.length - 1] === 1 ? [2, -9, -9] : [-9, 0, 0]);
    const { result, events } = await finish(
      beamSearch(searchInput(new TableModel(table, 3)), { ...free, beam: 2, lengthPenalty: 0.7 }),
    );
    expect(result[0]!.tokens).toEqual([1]);
    expect(events.length).toBeGreaterThan(2);
  });

  it('evicts a beam whose children are all worse, and says from which row each one grew', async () => {
    const table: NextTable = (tokens) =>
      normalised(tokens.length === 0 ? [-9, 1, 0.9, -9] : tokens[0] === 2 ? [-9, 4, 3.9, -9] : [-9, 0, 0, 0]);
    const { events } = await finish(
      beamSearch(searchInput(new TableModel(table, 4), { maxTokens: 3 }), { ...free, beam: 2, lengthPenalty: 0 }),
    );
    expect(events[0]!.beams.map(({ token }) => token)).toEqual([1, 2]);
    expect(events[1]!.beams.map(({ parent }) => parent)).toEqual([1, 1]);
  });

  it('begins with forced tokens, however unlikely', async () => {
    const { result } = await finish(
      beamSearch(searchInput(new TableModel(randomTable(30, 3), 30), { forcedTokens: [29, 11] }), {
        ...free,
        beam: 3,
        lengthPenalty: 0.7,
      }),
    );
    for (const { tokens } of result) expect(tokens.slice(0, 2)).toEqual([29, 11]);
  });

  it('keeps its rules', async () => {
    const { result } = await finish(
      beamSearch(searchInput(new TableModel(randomTable(6, 8), 6), { maxTokens: 10 }), {
        minTokens: 4,
        noRepeat: 2,
        beam: 3,
        lengthPenalty: 0.7,
      }),
    );
    for (const { tokens } of result) {
      expect(tokens.length).toBeGreaterThanOrEqual(4);
      const pairs = tokens.slice(1).map((token, i) => `${tokens[i]} ${token}`);
      expect(new Set(pairs).size).toBe(pairs.length);
    }
    expect(allowed([1, 2, 3, 1, 2], 3, 0, { minTokens: 0, noRepeat: 3 })).toBe(false);
    expect(allowed([1, 2, 3, 1, 2], 4, 0, { minTokens: 0, noRepeat: 3 })).toBe(true);
  });
});

describe("ClipCap's own beam", () => {
  /**
   * The published loop, written again without caches: whole sequences, mean log-probability, finished rows offer token
   * 0 at 0.
   */
  function naive(table: NextTable, vocabulary: number, beam: number, stop: number, limit: number) {
    let rows = [...table([])]
      .map((p, id) => ({ tokens: [id], sum: p, length: 1, stopped: id === stop }))
      .sort((a, b) => b.sum - a.sum)
      .slice(0, beam);
    for (let step = 1; step < limit && !rows.every((row) => row.stopped); step++) {
      const all = rows.flatMap((row) => {
        const next = row.stopped
          ? Float64Array.from({ length: vocabulary }, (_, id) => (id === 0 ? 0 : -Infinity))
          : table(row.tokens);
        const length = row.length + (row.stopped ? 0 : 1);
        return [...next].map((p, id) => ({ row, id, length, mean: (row.sum + p) / length }));
      });
      rows = all
        .sort((a, b) => b.mean - a.mean)
        .slice(0, beam)
        .map(({ row, id, length, mean }) => ({
          tokens: [...row.tokens, id],
          sum: mean * length,
          length,
          stopped: row.stopped || id === stop,
        }));
    }
    const best = rows.sort((a, b) => b.sum / b.length - a.sum / a.length)[0]!;
    return best.tokens.slice(0, best.length).filter((id) => id !== stop);
  }

  it.each([1, 2, 3, 4, 5])('gives the tokens of the published loop (table %i)', async (seed) => {
    const table = randomTable(9, seed);
    const { result } = await finish(
      clipcapBeam(searchInput(new TableModel(table, 9), { maxTokens: 7 }), { beam: 5, stopToken: 3 }),
    );
    expect(result[0]!.tokens).toEqual(naive(table, 9, 5, 3, 7));
  });
});

describe('sampling', () => {
  const options = { ...free, temperature: 1, topK: 0, topP: 1, seed: 7, samples: 3 };
  const run = (more: Partial<typeof options>) =>
    finish(sample(searchInput(new TableModel(randomTable(12, 4), 12)), { ...options, ...more }));

  it('is repeatable by its seed', async () => {
    const drawn = async (seed?: number) =>
      (await run(seed === undefined ? {} : { seed })).result.map(({ tokens, logProb }) => ({ tokens, logProb }));
    expect(await drawn()).toEqual(await drawn());
    expect(await drawn(8)).not.toEqual(await drawn());
  });

  it('draws as often as the probabilities say', async () => {
    const table: NextTable = (tokens) =>
      tokens.length ? normalised([9, -9, -9]) : normalised([-20, Math.log(0.8), Math.log(0.2)]);
    const { result } = await finish(sample(searchInput(new TableModel(table, 3)), { ...options, samples: 2000 }));
    const share = result.filter(({ tokens }) => tokens[0] === 1).length / 2000;
    expect(Math.abs(share - 0.8)).toBeLessThan(0.03);
  });

  it('stays inside top-k and the nucleus', async () => {
    const table: NextTable = () => normalised([-9, Math.log(0.5), Math.log(0.3), Math.log(0.2)]);
    const seen = async (more: Partial<typeof options>) =>
      new Set(
        (
          await finish(sample(searchInput(new TableModel(table, 4)), { ...options, ...more, samples: 60 }))
        ).result.flatMap(({ tokens }) => tokens),
      );
    expect(await seen({ topK: 2 })).toEqual(new Set([1, 2]));
    expect(await seen({ topP: 0.45 })).toEqual(new Set([1]));
    expect((await seen({})).size).toBe(3);
  });
});

describe('guided searches', () => {
  const likes = (token: number) => async (captions: readonly string[]) =>
    captions.map(
      (caption) =>
        caption.split(' ').filter((word) => word === String(token)).length / (caption.split(' ').length || 1),
    );

  it('guided beam follows the joint embedding where the language model does not care', async () => {
    const table: NextTable = (tokens) => normalised(tokens.length < 2 ? [-9, 0, 0, 0] : [5, 0, 0, 0]);
    const followed: string[] = [];
    const follow = async (captions: readonly string[]) => void followed.push(...captions);
    const run = (guidance: number) =>
      finish(
        guidedBeam(searchInput(new TableModel(table, 4), { similarity: likes(3) }), {
          ...free,
          beam: 2,
          candidates: 4,
          lengthPenalty: 0.7,
          guidance,
          follow,
        }),
      );
    expect((await run(20)).result[0]!.tokens.filter((token) => token === 3).length).toBe(2);
    expect(followed).toContain('3');
    // Without guidance it is the language model's own order.
    expect((await run(0)).result[0]!.score).toBeCloseTo((await run(0)).result[0]!.logProb / 3 ** 0.7, 5);
  });

  it.each([
    ['', { vocabulary: 8, candidates: 4, alpha: 0.1, beta: 2 }, false],
    [
      ', where a token wins that was not among the likeliest winners',
      { vocabulary: 12, candidates: 10, alpha: 0.9, beta: 0.1 },
      true,
    ],
  ])('MAGIC equals its formula, token by token%s', async (_, { vocabulary, candidates, alpha, beta }, isRepeated) => {
    const table = randomTable(vocabulary, 11);
    const scale = 10;
    const model = new TableModel(table, vocabulary);
    const { result } = await finish(
      magic(searchInput(model, { similarity: likes(5), maxTokens: 5 }), {
        candidates,
        alpha,
        beta,
        logitScale: scale,
        follow: async () => undefined,
      }),
    );
    expect(model.repeats > 0).toBe(isRepeated);
    const state = (token: number) => [Math.cos(token), Math.sin(token)];
    const tokens: number[] = [];
    const states = [state(0)];
    while (tokens.length < 5) {
      const best = [...table(tokens)]
        .map((logProb, id) => ({ id, p: Math.exp(logProb) }))
        .sort((a, b) => b.p - a.p)
        .slice(0, candidates);
      const captions = best.map(({ id }) => [...tokens, id].filter((token) => token !== 0).join(' '));
      const cosines = await likes(5)(captions);
      const weights = cosines.map((c) => Math.exp(scale * c));
      const total = weights.reduce((a, b) => a + b, 0);
      const scores = best.map(
        ({ id, p }, i) =>
          (1 - alpha) * p -
          alpha * Math.max(...states.map(([x, y]) => x! * state(id)[0]! + y! * state(id)[1]!)) +
          (beta * weights[i]!) / total,
      );
      const chosen = best[scores.indexOf(Math.max(...scores))]!.id;
      if (chosen === 0) break;
      tokens.push(chosen);
      states.push(state(chosen));
    }
    expect(result[0]!.tokens).toEqual(tokens);
  });
});

/** Every search over a table, with what makes its score a plain sum, so that a beginning adds the same to all. */
const everySearch: Record<string, (input: ReturnType<typeof searchInput>) => ReturnType<typeof beamSearch>> = {
  greedy: (input) => beamSearch(input, { ...free, beam: 1, lengthPenalty: 0 }),
  beam: (input) => beamSearch(input, { ...free, beam: 3, lengthPenalty: 0 }),
  sample: (input) => sample(input, { ...free, temperature: 1, topK: 0, topP: 1, seed: 4, samples: 2 }),
  'clipcap-beam': (input) => clipcapBeam(input, { beam: 3, stopToken: 0 }),
  magic: (input) => magic(input, { candidates: 6, alpha: 0, beta: 0, logitScale: 1, follow: async () => {} }),
  'guided-beam': (input) =>
    guidedBeam(input, { ...free, beam: 3, candidates: 12, lengthPenalty: 0, guidance: 0, follow: async () => {} }),
};

describe.each(Object.entries(everySearch))('a branch of %s', (name, search) => {
  const table = randomTable(12, 6);
  // The least likely first tokens, which no search would take by itself.
  const order = [...table([]).entries()]
    .sort((a, b) => a[1] - b[1])
    .map(([id]) => id)
    .filter((id) => id !== 0);
  const prefix = [order[0]!, order[1]!];

  it('begins with its forced tokens and says which they are', async () => {
    const { result } = await finish(
      search(searchInput(new TableModel(table, 12), { maxTokens: 7, forcedTokens: prefix })),
    );
    for (const { tokens } of result) expect(tokens.slice(0, 2)).toEqual(prefix);
    const trail = result[0]!.trail!();
    expect(trail.map(({ forced }) => forced ?? false).slice(0, 3)).toEqual([true, true, false]);
    trail.forEach(({ id, logProb, entropy }, i) => {
      const next = table(trail.slice(0, i).map((choice) => choice.id));
      expect(logProb).toBeCloseTo(next[id]!, 3);
      expect(entropy).toBeCloseTo(-next.reduce((sum, lp) => sum + Math.exp(lp) * lp, 0), 3);
    });
  });

  // Its mean over the length weighs the beginning too.
  if (name !== 'clipcap-beam')
    it('goes on as a search that knows nothing but what follows the beginning', async () => {
      const branch = await finish(
        search(searchInput(new TableModel(table, 12), { maxTokens: 7, forcedTokens: prefix })),
      );
      const fresh = await finish(
        search(searchInput(new TableModel((tokens) => table([...prefix, ...tokens]), 12), { maxTokens: 5 })),
      );
      expect(branch.result.map(({ tokens }) => tokens.slice(2))).toEqual(fresh.result.map(({ tokens }) => tokens));
    });
});

describe('what a step tells', () => {
  it.each(Object.entries(everySearch))(
    '%s: parents point into the step before, the leader is what is shown, the sums add up',
    async (_name, search) => {
      const { events } = await finish(search(searchInput(new TableModel(randomTable(12, 9), 12), { maxTokens: 6 })));
      let before: (typeof events)[number] | undefined;
      for (const event of events) {
        if (before?.pass !== event.pass) before = undefined;
        const leader = event.beams[event.leader!]!;
        expect(leader.token).toBe(event.token);
        for (const beam of [...event.beams, ...(event.dropped ?? [])]) {
          const parent = before?.beams[beam.parent];
          if (before) expect(parent).toBeDefined();
          else expect(beam.parent).toBe(0);
          expect(beam.logProb).toBeLessThanOrEqual((parent?.logProb ?? 0) + 1e-3);
        }
        const parent = before?.beams[leader.parent];
        expect(leader.logProb - (parent?.logProb ?? 0)).toBeCloseTo(event.logProb, 3);
        expect(event.weighed).toBeGreaterThanOrEqual(event.beams.length + (event.dropped?.length ?? 0));
        before = event;
      }
    },
  );
});
