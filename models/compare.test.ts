import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compare, type CompareRequest } from './compare';
import { StudioError } from './errors';
import type { LaneResult, StudioEvent } from './events';
import { NodeRuntime } from './runtime/node';
import { Scheduler } from './runtime/scheduler';
import { cosine, unit } from './spaces/embedding';
import type { RgbImage } from './spaces/image';
import { encodeTokenRows, Space } from './spaces/space';
import { TextScorer } from './spaces/text-scorer';
import { TextTree } from './spaces/text-tree';
import { Family } from './weights/family';
import { textTowerOf } from './manifest';
import { readFile } from 'node:fs/promises';
import { searches } from './decoders/prefix';
import { decoders } from './decoders/registry';

const folder = new URL('./pocket/', import.meta.url);
const names = decoders.map(({ name }) => name);

/** Sky over grass with a brown blob: drawn here, so that it exists everywhere. */
function drawing(width = 64, height = 48, shift = 0): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const blob = (x - 30 - shift) ** 2 / 200 + (y - 26) ** 2 / 80 < 1;
      data.set(blob ? [110, 70, 30] : y < height / 2 ? [140, 190, 240] : [70, 140, 60], (y * width + x) * 3);
    }
  return { width, height, data };
}

describe.runIf(existsSync(folder))('compare() on the embedded family', () => {
  const runtime = new NodeRuntime({ device: { name: 'cpu' }, threads: 1 });
  const scheduler = new Scheduler();
  let family: Family;
  const openFamily = async (name: string) => {
    if (name !== 'pocket') throw new StudioError('family-unknown', `no ${name}`);
    return family;
  };
  beforeAll(async () => {
    family = await Family.open({
      files: { read: async (path) => new Uint8Array(await readFile(new URL(path, folder))) },
      runtime,
      precision: 'fp32',
    });
  });
  afterAll(() => runtime.close());

  const request = (
    lanes: CompareRequest['lanes'],
    input: CompareRequest['input'] = { kind: 'image', image: drawing() },
  ): CompareRequest => ({ family: 'pocket', input, lanes });
  async function run(what: CompareRequest, signal?: AbortSignal) {
    const events: StudioEvent[] = [];
    for await (const event of compare(what, { scheduler, openFamily, signal })) events.push(event);
    const results: Record<string, LaneResult> = {};
    for (const event of events) if (event.type === 'lane-finished') results[event.lane] = event.result;
    // A lane that fails where its result is wanted should say why.
    const failures = events.flatMap((event) => (event.type === 'lane-failed' ? [event.error.message] : []));
    return { events, results, failures };
  }
  const lane = (decoder: string, options: Record<string, unknown> = {}, id = decoder) => ({ id, decoder, options });

  it('runs five decoders on one photo, streams steps, and leaves no tensor behind', async () => {
    const before = runtime.liveTensors();
    const { events, results } = await run(request(names.map((name) => lane(name))));
    expect(Object.keys(results).sort()).toEqual([...names].sort());
    for (const name of names) {
      const steps = events.filter((event) => event.type === 'step' && event.lane === name);
      expect(steps.length).toBeGreaterThan(2);
      const { caption, tokens, similarity, nBest, deviceMs, counters } = results[name]!;
      expect(caption.length).toBeGreaterThan(0);
      expect(tokens.length).toBeGreaterThan(2);
      expect(Math.abs(similarity)).toBeLessThanOrEqual(1);
      expect(nBest[0]!.caption).toBe(caption);
      expect(deviceMs).toBeGreaterThan(0);
      expect(counters.modelRuns).toBeGreaterThan(tokens.length - 2);
    }
    expect(results.iterative!.optimised).toBe(true);
    // The joint embedding ranks ClipCap's finished captions, and has no say in DeCap's.
    expect(results.clipcap!.optimised).toBe(true);
    expect(results.decap!.optimised).toBe(false);
    for (const name of names) {
      const bound = family.manifest.decoders[name]!.likelyFrom!;
      expect(results[name]!.certainty, name).toBe(results[name]!.similarity >= bound ? 'likely' : 'unsure');
    }
    expect(runtime.liveTensors()).toBe(before);
  });

  it('lets all lanes stream side by side', async () => {
    const { events } = await run(request(names.map((name) => lane(name))));
    const lastFirst = Math.max(
      ...names.map((name) => events.findIndex((event) => event.type === 'step' && event.lane === name)),
    );
    const firstEnd = events.findIndex((event) => event.type === 'lane-finished');
    expect(lastFirst).toBeLessThan(firstEnd);
  });

  it('says the same alone as among others, and again', async () => {
    const together = (await run(request(names.map((name) => lane(name))))).results;
    for (const name of names)
      expect((await run(request([lane(name)]))).results[name]!.tokens).toEqual(together[name]!.tokens);
  });

  it('continues from forced tokens as a fresh run does', async () => {
    const free = await run(request([lane('clipcap', { search: 'greedy' })]));
    expect(free.failures).toEqual([]);
    const { tokens } = free.results.clipcap!;
    for (const name of ['clipcap', 'capdec', 'decap', 'coca'])
      expect(
        (await run(request([lane(name, { search: 'greedy', prefixTokens: tokens.slice(0, 3) })]))).results[
          name
        ]!.tokens.slice(0, 3),
      ).toEqual(tokens.slice(0, 3));
    expect(
      (await run(request([lane('clipcap', { search: 'greedy', prefixTokens: tokens.slice(0, 3) })]))).results.clipcap!
        .tokens,
    ).toEqual(tokens);
  });

  it.each([
    ...['guided-beam', 'magic', 'rounds'].map((search) => ['iterative', search] as const),
    ...['clipcap', 'capdec', 'decap', 'coca'].flatMap((d) => searches.map((search) => [d, search] as const)),
  ])('%s by %s branches from an alternative, and says the same again', async (decoder, search) => {
    const options = {
      search,
      beam: 2,
      samples: 2,
      candidates: 4,
      maxTokens: 8,
      ...(search === 'rounds' ? { rounds: 1, keep: 2 } : {}),
    };
    const free = (await run(request([lane(decoder, options)]))).results[decoder]!;
    const at = free.trail!.findIndex(
      ({ id, alternatives }, i) => i > 0 && alternatives.some((other) => other.id !== id && other.id !== 2),
    );
    const other = free.trail![at]!.alternatives.find(({ id }) => id !== free.trail![at]!.id && id !== 2)!;
    const prefixTokens = [...free.trail!.slice(0, at).map(({ id }) => id), other.id];
    const branch = await run(request([lane(decoder, { ...options, prefixTokens })]));
    expect(branch.failures).toEqual([]);
    const { tokens, trail } = branch.results[decoder]!;
    expect(tokens.slice(0, prefixTokens.length)).toEqual(prefixTokens);
    expect(trail!.filter(({ forced }) => forced)).toHaveLength(prefixTokens.length);
    expect((await run(request([lane(decoder, { ...options, prefixTokens })]))).results[decoder]!.tokens).toEqual(
      tokens,
    );
  });

  it('refuses a beginning that cannot be one', async () => {
    for (const [prefixTokens, message] of [
      [[6000], /below 6000/],
      [[2], /neither the begin token/],
      [Array.from({ length: 24 }, () => 5), /Raise maxTokens/],
      [[1.5], /whole numbers/],
    ] as const)
      await expect(run(request([lane('clipcap', { prefixTokens })]))).rejects.toMatchObject({
        code: 'option-invalid',
        message: expect.stringMatching(message) as string,
      });
  });

  it('keeps all that the views need: trail, trace, insights, stages, memory; the caption stays the same', async () => {
    const told = { cosineTrace: true, insight: true };
    const silent = await run(request(names.map((name) => lane(name))));
    const { events, results, failures } = await run(
      request(names.map((name) => lane(name, name === 'capdec' ? { ...told, noisySamples: 2, seed: 5 } : told))),
    );
    expect(failures).toEqual([]);
    for (const name of names) {
      const { tokens, trail, logProb, similarity, stages, deviceMs, memory } = results[name]!;
      expect(tokens).toEqual(silent.results[name]!.tokens);
      expect(trail!.map(({ id }) => id)).toEqual([...tokens, 2]);
      expect(trail!.reduce((sum, choice) => sum + choice.logProb, 0)).toBeCloseTo(logProb, 2);
      expect(trail!.at(-1)!.similarity).toBeCloseTo(similarity, 3);
      for (const { entropy, alternatives } of trail!) {
        expect(entropy).toBeGreaterThanOrEqual(0);
        expect(alternatives).toHaveLength(8);
      }
      const steps = events.filter((event) => event.type === 'step').filter((event) => event.lane === name);
      for (const step of steps) {
        expect(step.entropy).toBeGreaterThanOrEqual(0);
        if (step.partial) expect(Math.abs(step.similarity!)).toBeLessThanOrEqual(1);
        expect(step.deviceMs).toBeGreaterThanOrEqual(0);
      }
      // What explains is counted apart from the lane's own work.
      const own = stages!.filter(({ stage }) => stage !== 'trace' && stage !== 'insight');
      expect(own.reduce((sum, stage) => sum + stage.deviceMs, 0)).toBeCloseTo(deviceMs, 1);
      expect(stages!.map(({ stage }) => stage)).toContain('step');
      expect(memory!.graphs).toBeGreaterThan(1e6);
      expect(memory!.host).toBeGreaterThan(1e6);
      expect(JSON.stringify(events.filter((event) => 'lane' in event && event.lane === name)).length).toBeLessThan(
        120_000,
      );
    }
    const insights = (name: string) =>
      events.flatMap((event) => (event.type === 'insight' && event.lane === name ? [event.insight] : []));
    const memoryOf = insights('decap').find((insight) => insight.kind === 'memory')!;
    expect(memoryOf.sentences).toHaveLength(8);
    expect(memoryOf.sentences[0]!.weight).toBeGreaterThanOrEqual(memoryOf.sentences[1]!.weight);
    expect(memoryOf.moved).toBeLessThan(1);
    expect(insights('capdec')).toMatchObject([
      { kind: 'modality', offsetUsed: true },
      { kind: 'prefix' },
      { kind: 'noisy-samples', seed: 5, samples: [{ seed: 5 }, { seed: 6 }] },
    ]);
    const [prefix] = insights('clipcap');
    expect(prefix).toMatchObject({
      kind: 'prefix',
      slots: Array.from({ length: 10 }, () => ({ words: Array.from({ length: 5 }, () => ({})) })),
    });
    const [attention] = insights('coca');
    expect(attention).toMatchObject({ kind: 'attention', rows: 7, columns: 7, tokens: results.coca!.tokens });
    expect(attention!.kind === 'attention' && atob(attention!.maps).length).toBe(49 * results.coca!.tokens.length);
  });

  it.each(['greedy', 'beam', 'sample', 'clipcap-beam', 'magic', 'guided-beam'])(
    'every prefix decoder can search by %s',
    async (search) => {
      const { results } = await run(
        request(
          ['clipcap', 'capdec', 'decap', 'coca'].map((name) =>
            lane(name, { search, samples: 2, candidates: 6, beam: 2, maxTokens: 8 }),
          ),
        ),
      );
      expect(Object.keys(results)).toHaveLength(4);
      for (const [decoder, result] of Object.entries(results))
        expect(result.optimised, decoder).toBe(
          search === 'magic' ||
            search === 'guided-beam' ||
            (search !== 'greedy' && ['clipcap', 'coca'].includes(decoder)),
        );
    },
  );

  it.each(['magic', 'rounds'])('the iterative decoder offers %s', async (search) => {
    const { results } = await run(
      request([lane('iterative', { search, candidates: 6, samples: 3, rounds: 2, maxTokens: 8 })]),
    );
    expect(results.iterative!.counters.candidatesScored).toBeGreaterThan(4);
  });

  it('decodes a bare embedding, and CoCa says that it needs the photo', async () => {
    const { embedding } = await new Space(family).encodeImage(drawing(), scheduler.lane());
    const photo = await run(request(names.map((name) => lane(name))));
    const bare = await run(
      request(
        names.map((name) => lane(name)),
        { kind: 'embedding', embedding },
      ),
    );
    for (const name of names.filter((n) => n !== 'coca'))
      expect(bare.results[name]!.tokens).toEqual(photo.results[name]!.tokens);
    // A cosine is judged as those of photos were calibrated: not for a bare embedding, not after a search that lifts
    // it.
    for (const name of names) expect(bare.results[name]?.certainty).toBeUndefined();
    expect((await run(request([lane('clipcap', { search: 'magic' })]))).results.clipcap!.certainty).toBeUndefined();
    expect(bare.events.find((event) => event.type === 'lane-failed')).toMatchObject({
      lane: 'coca',
      error: { code: 'needs-image' },
    });
    const half = { ...embedding, values: embedding.values.map((v) => v / 2) };
    expect(
      (await run(request([lane('clipcap')], { kind: 'embedding', embedding: half }))).results.clipcap!.tokens,
    ).toEqual(bare.results.clipcap!.tokens);
    expect(
      (await run(request([lane('clipcap')], { kind: 'embedding', embedding: unit(embedding) }))).results.clipcap!
        .tokens,
    ).toEqual(bare.results.clipcap!.tokens);
  });

  it.each([
    ['decoder-unknown', /Did you mean "clipcap"/, [lane('clipcop')]],
    ['option-invalid', /Did you mean "beam"/, [lane('clipcap', { beem: 3 })]],
    ['option-invalid', /whole number from 1 to 32/, [lane('clipcap', { beam: 0 })]],
    ['option-invalid', /one of beam, greedy/, [lane('clipcap', { search: 'best' })]],
    ['option-invalid', /Two lanes/, [lane('clipcap'), lane('clipcap')]],
    ['option-invalid', /no lane/, []],
  ])('refuses a bad request before any work: %s', async (code, message, lanes) => {
    await expect(run(request(lanes))).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('refuses an embedding of another space or size', async () => {
    const values = new Float32Array(256).fill(0.1);
    const embedding = { space: 'pocket', modality: 'image', state: 'raw', values } as const;
    for (const [bad, code] of [
      [{ ...embedding, space: 'clip-vit-b32' }, 'embedding-mismatch'],
      [{ ...embedding, values: new Float32Array(512).fill(0.1) }, 'embedding-mismatch'],
      [{ ...embedding, values: new Float32Array(256) }, 'embedding-invalid'],
      [{ ...embedding, values: values.map(() => NaN) }, 'embedding-invalid'],
    ] as const)
      await expect(run(request([lane('clipcap')], { kind: 'embedding', embedding: bad }))).rejects.toMatchObject({
        code,
      });
  });

  it('begins at most one model run after it is cancelled, and leaves nothing', async () => {
    const before = runtime.liveTensors();
    const controller = new AbortController();
    let after = 0;
    const session = await family.session('clipcap.lm');
    const original = session.run;
    session.run = (...args) => {
      if (controller.signal.aborted) after++;
      return original.apply(session, args);
    };
    try {
      const work = async () => {
        for await (const event of compare(request([lane('clipcap'), lane('capdec')]), {
          scheduler,
          openFamily,
          signal: controller.signal,
        }))
          if (event.type === 'step') controller.abort();
      };
      await expect(work()).rejects.toMatchObject({ code: 'cancelled' });
    } finally {
      session.run = original;
    }
    expect(after).toBeLessThanOrEqual(1);
    expect(runtime.liveTensors()).toBe(before);
  });

  it('scores candidates as the whole text would be scored, and none twice', async () => {
    const space = new Space(family);
    const { embedding } = await space.encodeImage(drawing(), scheduler.lane());
    const scorer = new TextScorer(space, embedding, new TextTree(space, scheduler.lane()));
    const beams = ['a brown dog', 'a black dog', 'two people in'];
    await scorer.follow(beams);
    const texts = [
      ...beams.flatMap((beam) => ['runs', 'jumping', 'on', "n't", 's'].map((word) => `${beam} ${word}`)),
      ...beams.map((beam) => `${beam}s`),
      'something else',
      'a brown dog',
    ];
    const fast = await scorer.score(texts);
    const rows = await encodeTokenRows(
      { session: await family.session('text-tower'), runtime, shape: textTowerOf(family.manifest) },
      await Promise.all(texts.map((text) => space.textTokens(text))),
      scheduler.lane(),
    );
    const target = unit(embedding).values;
    rows.forEach((row, i) => {
      const length = Math.hypot(...row);
      expect(Math.abs(fast[i]! - row.reduce((sum, v, j) => sum + (v / length) * target[j]!, 0)), texts[i]).toBeLessThan(
        1e-5,
      );
    });
    const { textEncodings } = scorer.counters;
    expect(await scorer.score([...texts, ...texts])).toEqual([...fast, ...fast]);
    expect(scorer.counters.textEncodings).toBe(textEncodings);
    scorer.dispose();
  });

  it('encodes many texts that have little in common in rows of like length, each as alone', async () => {
    const space = new Space(family);
    const session = await family.session('text-tower');
    const shapes: (readonly number[])[] = [];
    const lane = scheduler.lane();
    const watched = {
      run: (...args: Parameters<typeof lane.run>) => {
        shapes.push(args[1].input_ids!.dims);
        return lane.run(...args);
      },
    };
    const words = 'dog boat street tree red two plays river snow umbrella'.split(' ');
    const unlike = Array.from({ length: 120 }, (_, n) => [`${1000 + 37 * n}`, ...words.slice(0, n % 9)].join(' '));
    const tree = new TextTree(space, watched);
    const together = await tree.encode(unlike);
    tree.dispose();
    expect(shapes.length).toBeGreaterThan(1);
    expect(shapes.every(([rows]) => rows! > 1)).toBe(true);
    for (const [i, text] of unlike.entries()) {
      const [alone] = await encodeTokenRows(
        { session, runtime, shape: textTowerOf(family.manifest) },
        [await space.textTokens(text)],
        lane,
      );
      alone!.forEach((value, d) => expect(Math.abs(value - together[i]![d]!), text).toBeLessThan(1e-4));
    }
    shapes.length = 0;
    await new TextTree(space, watched).encode(
      Array.from({ length: 60 }, (_, n) => `a dog in the snow with ${words[n % 10]}${n}`),
    );
    expect(
      shapes.every(([rows]) => rows === 1),
      'texts that begin alike stay one sequence',
    ).toBe(true);
  });

  it('scores words that go on with the last word of what is followed, from former caches', async () => {
    const space = new Space(family);
    const { embedding } = await space.encodeImage(drawing(), scheduler.lane());
    const scorer = new TextScorer(space, embedding, new TextTree(space, scheduler.lane()));
    const before = runtime.liveTensors();
    for (const text of ['a', 'a big', 'a big brown dog', 'a big brown dog runs'])
      await scorer.follow([text, `${text} too`.replace(' runs too', ' sits')]);
    const texts = ['a big brown dog runs fast', 'a big brown dog runsx', 'a big brown doghouse', 'a bigger', 'the sea'];
    const cosines = await scorer.score(texts);
    const expected = await space.encodeTexts(texts, scheduler.lane());
    cosines.forEach((cosineOf, i) => expect(cosineOf).toBeCloseTo(cosine(embedding, expected[i]!), 4));
    scorer.dispose();
    expect(runtime.liveTensors()).toBe(before);
  });

  it('lets the lane that scores every step load when the others have their graphs', async () => {
    // A family with nothing in memory yet.
    const fresh = await Family.open({
      files: { read: async (path) => new Uint8Array(await readFile(new URL(path, folder))) },
      runtime,
      precision: 'fp32',
    });
    const seen: string[] = [];
    for await (const event of compare(request([lane('iterative'), lane('coca'), lane('clipcap')]), {
      scheduler,
      openFamily: async () => fresh,
    })) {
      if (event.type === 'loading' && event.what) seen.push(event.what);
      if (event.type === 'lane-started') seen.push(event.lane);
    }
    await fresh.close();
    // The others begin as their files arrive, in any order; the iterative lane's own graph comes after all of theirs.
    const started = seen.filter((what) => names.includes(what));
    expect(new Set(started)).toEqual(new Set(['clipcap', 'coca', 'iterative']));
    expect(started.at(-1)).toBe('iterative');
    const last = Math.max(
      ...['clipcap.mapper', 'clipcap.lm', ...seen.filter((what) => what.startsWith('coca.'))].map((graph) =>
        seen.lastIndexOf(graph),
      ),
    );
    expect(seen.indexOf('lm')).toBeGreaterThan(last);
  });
  it("CoCa's caption collapses without its image tokens", async () => {
    const space = new Space(family);
    const coca = decoders.find(({ name }) => name === 'coca')!;
    const say = async (image: RgbImage, blind: boolean) => {
      const device = scheduler.lane();
      const { embedding, grid } = await space.encodeImage(image, device);
      if (blind) grid!.values.fill(0);
      const context = {
        lane: 'coca',
        decoder: 'coca',
        modes: coca.modes,
        family,
        space,
        device,
        scorer: new TextScorer(space, embedding, new TextTree(space, device)),
        prefixTokens: [],
      };
      const options = Object.fromEntries(coca.options.map((spec) => [spec.name, spec.default]));
      const work = coca.run({ embedding, grid }, options, context);
      for (;;) {
        const { value, done } = await work.next();
        if (done) return value.found[0]!.caption;
      }
    };
    // Whatever the picture, the same words.
    expect(await say(drawing(), true)).toBe(await say(drawing(64, 48, 25), true));
  });
});
