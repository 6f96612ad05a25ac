import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CompareRequest } from '../../models/compare';
import type { StudioEvent } from '../../models/events';
import { cosine, norm } from '../../models/spaces/embedding';
import { type EngineHost, type EngineOptions, openEngine } from './host';
import { drawScene } from './test-images';

// Everything here goes through the real worker thread and the embedded family.
const engines: EngineHost[] = [];
async function open(options: EngineOptions = {}): Promise<EngineHost> {
  const engine = await openEngine({ device: 'cpu', ...options });
  engines.push(engine);
  return engine;
}
let shared: Promise<EngineHost> | undefined;
const cpu = () => (shared ??= open());
const scratch = mkdtempSync(join(tmpdir(), 'studio-engine-'));
afterAll(async () => {
  await Promise.all(engines.map((engine) => engine.close()));
  rmSync(scratch, { recursive: true, force: true });
});

const image = drawScene();
const request = (lanes: CompareRequest['lanes'], more: Partial<CompareRequest> = {}): CompareRequest => ({
  family: 'pocket',
  input: { kind: 'image', image },
  lanes,
  ...more,
});
const short = { search: 'greedy', maxTokens: 6 };
async function all(events: AsyncIterable<StudioEvent>): Promise<StudioEvent[]> {
  const out: StudioEvent[] = [];
  for await (const event of events) out.push(event);
  return out;
}
const only = <T extends StudioEvent['type']>(events: readonly StudioEvent[], type: T) =>
  events.filter((event) => event.type === type) as Extract<StudioEvent, { type: T }>[];

describe('the engine', () => {
  it('compares in its worker: events in order, lanes interleaved, one encoding', async () => {
    const engine = await cpu();
    const lanes = ['clipcap', 'capdec', 'coca'].map((decoder) => ({ id: decoder, decoder, options: { maxTokens: 8 } }));
    // A lane begins as soon as its own networks are there, and may be done before another's are: with all of them
    // loaded, they must take turns.
    await all(engine.compare(request(lanes, { input: { kind: 'image', image: drawScene(1) } })));
    const events = await all(engine.compare(request(lanes, { includeEmbedding: true })));
    expect(events[0]).toMatchObject({ type: 'comparison-started', family: 'pocket', device: { name: 'cpu' } });
    expect(events.at(-1)!.type).toBe('comparison-finished');
    expect(only(events, 'encoded')).toHaveLength(1);
    expect(only(events, 'encoded')[0]!.values).toHaveLength(256);
    const finished = only(events, 'lane-finished');
    expect(finished.map((event) => event.lane).sort()).toEqual(['capdec', 'clipcap', 'coca']);
    for (const { result } of finished) {
      expect(result.deviceMs).toBeGreaterThan(0);
      expect(result.deviceMs).toBeLessThanOrEqual(result.ms * 1.1);
    }
    const order = only(events, 'step').map((event) => event.lane);
    expect(order.lastIndexOf('clipcap')).toBeGreaterThan(order.indexOf('capdec'));
    expect(order.lastIndexOf('capdec')).toBeGreaterThan(order.indexOf('clipcap'));
    expect((await engine.status()).liveTensors).toBe(0);
  });

  it('embeds photos and texts: raw, of the space, and the same as the comparison sees', async () => {
    const engine = await cpu();
    const photo = await engine.embedImage('pocket', image);
    expect(photo).toMatchObject({ space: 'pocket', modality: 'image', state: 'raw' });
    expect(photo.values).toHaveLength(256);
    const [dog, again, sea] = await engine.embedTexts('pocket', [
      'a dog runs on the grass',
      'a dog runs on the grass',
      'a boat on the sea',
    ]);
    expect(dog).toMatchObject({ modality: 'text', state: 'raw' });
    expect(cosine(dog!, again!)).toBeCloseTo(1, 6);
    expect(cosine(dog!, sea!)).toBeLessThan(0.999);
    const events = await all(
      engine.compare(request([{ id: 'a', decoder: 'clipcap', options: short }], { includeEmbedding: true })),
    );
    const encoded = only(events, 'encoded')[0]!;
    expect(encoded.norm).toBeCloseTo(norm(photo.values), 3);
    expect(Math.max(...encoded.values!.map((v, i) => Math.abs(v - photo.values[i]!)))).toBeLessThan(1e-5);
    await expect(engine.embedTexts('pocket', ['fine', ' '])).rejects.toMatchObject({ code: 'embedding-invalid' });
  });

  it('scores a text of nobody’s lane as it scores a lane’s caption, in any script, and says where it read the beginning alone', async () => {
    const engine = await cpu();
    const events = await all(
      engine.compare(request([{ id: 'a', decoder: 'clipcap', options: short }], { includeEmbedding: true })),
    );
    const { values, space } = only(events, 'encoded')[0]!;
    const score = (text: string) => engine.scoreText({ family: 'pocket', text, input: { values: values!, space } });
    const { result } = only(events, 'lane-finished')[0]!;
    const same = await score(result.caption);
    expect(same).toEqual({ cosine: expect.closeTo(result.similarity, 3) as number, space: 'pocket' });
    expect((await score('a boat on the sea at night')).cosine).toBeLessThan(same.cosine);
    expect(Math.abs((await score('כלב רץ על הדשא')).cosine)).toBeLessThanOrEqual(1);
    const long = await score('a dog runs on the grass and '.repeat(15).slice(0, 400));
    expect([long.cut, Number.isFinite(long.cosine)]).toEqual([true, true]);
    await expect(score(' ')).rejects.toMatchObject({ code: 'embedding-invalid' });
    await expect(
      engine.scoreText({ family: 'pocket', text: 'a dog', input: { values: [1, 2], space } }),
    ).rejects.toMatchObject({ code: 'embedding-mismatch' });
  });

  it('decodes a bare embedding; the decoder that needs image tokens says so and its neighbour goes on', async () => {
    const engine = await cpu();
    const [embedding] = await engine.embedTexts('pocket', ['a dog runs on the grass']);
    const lanes = [
      { id: 'coca', decoder: 'coca' },
      { id: 'decap', decoder: 'decap', options: short },
    ];
    const events = await all(engine.compare(request(lanes, { input: { kind: 'embedding', embedding: embedding! } })));
    expect(only(events, 'lane-failed')).toMatchObject([{ lane: 'coca', error: { code: 'needs-image' } }]);
    expect(only(events, 'lane-finished').map((event) => event.lane)).toEqual(['decap']);
  });

  it('tells each device and why it cannot be used', async () => {
    const reports = await (await cpu()).devices();
    expect(reports.map((report) => report.name).sort()).toEqual(['coreml', 'cpu', 'cuda', 'dml', 'webgpu']);
    expect(reports.find((report) => report.name === 'cpu')).toEqual({ name: 'cpu', available: true });
    for (const report of reports) if (!report.available) expect(report.reason!.length).toBeGreaterThan(10);
  });

  it('refuses a device that is not there, and an unknown name instead of running it on the CPU', async () => {
    const absent = process.platform === 'darwin' ? 'dml' : 'coreml';
    await expect((await open({ device: absent })).status()).rejects.toMatchObject({
      code: 'device-unavailable',
      message: expect.stringMatching(absent),
    });
    await expect((await open({ device: 'nosuch' as 'cpu' })).status()).rejects.toMatchObject({
      code: 'device-unavailable',
      message: expect.stringMatching(/nosuch/),
    });
    process.env.STUDIO_DEVICES = 'cuda,gpu,cpu';
    await expect(openEngine()).rejects.toMatchObject({
      code: 'option-invalid',
      message: expect.stringMatching(/"gpu".*cuda, webgpu, coreml, dml, cpu/),
    });
    delete process.env.STUDIO_DEVICES;
  });

  it('takes the first device of the order that works and says why others were passed over', async () => {
    process.env.STUDIO_DEVICES = process.platform === 'darwin' ? 'dml,cpu' : 'coreml,cpu';
    const { device } = await (await open({ device: 'auto' })).status();
    delete process.env.STUDIO_DEVICES;
    expect(device.name).toBe('cpu');
    expect(device.reason).toMatch(/^(coreml|dml): onnxruntime-node on this system has cpu/);
  });

  it('cancels: the loop ends as cancelled at once, nothing stays on the device, and the engine goes on', async () => {
    const engine = await open({ slowMs: 60 });
    const controller = new AbortController();
    let steps = 0;
    let abortedAt = 0;
    const consume = async () => {
      for await (const event of engine.compare(
        request([{ id: 'a', decoder: 'clipcap', options: { maxTokens: 20, minTokens: 19 } }]),
        { signal: controller.signal },
      )) {
        if (event.type !== 'step') continue;
        if (++steps < 2) continue;
        abortedAt ||= performance.now();
        controller.abort();
      }
    };
    await expect(consume()).rejects.toMatchObject({ code: 'cancelled' });
    expect(steps).toBeLessThanOrEqual(3);
    expect(performance.now() - abortedAt).toBeLessThan(10_000);
    expect((await engine.status()).liveTensors).toBe(0);
    // Leaving the loop early cancels too.
    for await (const event of engine.compare(request([{ id: 'a', decoder: 'clipcap', options: short }])))
      if (event.type === 'lane-started') break;
    await expect(all(engine.compare(request([{ id: 'a', decoder: 'nosuch' }])))).rejects.toMatchObject({
      code: 'decoder-unknown',
    });
    await expect(all(engine.compare(request([], { family: 'nosuch' })))).rejects.toMatchObject({
      code: 'family-unknown',
      message: expect.stringMatching(/pocket/),
    });
  });

  it('fails what is in flight when its thread breaks, and starts a new one for the next call', async () => {
    const root = process.cwd();
    mkdirSync(join(scratch, '.studio'));
    // The real worker behind one that breaks on its first message.
    const broken = join(scratch, 'broken');
    writeFileSync(
      join(scratch, '.studio', 'engine-worker.mjs'),
      `import { existsSync, writeFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
if (existsSync(${JSON.stringify(broken)})) await import(${JSON.stringify(join(root, '.studio', 'engine-worker.mjs'))});
else parentPort.on('message', () => { writeFileSync(${JSON.stringify(broken)}, ''); throw new Error('out of memory'); });`,
    );
    process.env.STUDIO_ROOT = scratch;
    const engine = await open({ familiesDir: join(root, 'models') });
    delete process.env.STUDIO_ROOT;
    const calls = await Promise.allSettled([
      engine.status(),
      all(engine.compare(request([{ id: 'a', decoder: 'clipcap' }]))),
    ]);
    for (const call of calls)
      expect(call).toMatchObject({
        status: 'rejected',
        // The thread's own words go to the log.
        reason: { code: 'device-failed', message: expect.stringMatching(/^The engine stopped: (?!.*out of memory)/) },
      });
    expect((await engine.status()).device.name).toBe('cpu');
    await engine.close();
    await expect(engine.status()).rejects.toMatchObject({
      code: 'device-failed',
      message: expect.stringMatching(/closed/),
    });
  });
});

describe('a damaged family', () => {
  const family = join(scratch, 'models', 'pocket');
  cpSync('models/pocket', family, { recursive: true });
  const restore = (file: string) => cpSync(join('models/pocket', file), join(family, file));
  const lanes = [
    { id: 'clipcap', decoder: 'clipcap', options: short },
    { id: 'capdec', decoder: 'capdec', options: short },
  ];

  it('names the file with a flipped byte and how to mend it; its neighbour goes on; mended, it works without a new start', async () => {
    const engine = await open({ familiesDir: join(scratch, 'models') });
    const bytes = readFileSync(join(family, 'clipcap.safetensors'));
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(join(family, 'clipcap.safetensors'), bytes);
    const events = await all(engine.compare(request(lanes)));
    expect(only(events, 'lane-failed')).toMatchObject([
      {
        lane: 'clipcap',
        error: { code: 'weights-corrupt', message: expect.stringMatching(/clipcap\.safetensors.*git checkout/) },
      },
    ]);
    expect(only(events, 'lane-finished').map((event) => event.lane)).toEqual(['capdec']);
    restore('clipcap.safetensors');
    expect(only(await all(engine.compare(request(lanes))), 'lane-finished')).toHaveLength(2);
  });

  it('names the file that is missing, and one that is cut', async () => {
    rmSync(join(family, 'clipcap.safetensors'));
    writeFileSync(
      join(family, 'capdec.safetensors'),
      readFileSync(join('models/pocket', 'capdec.safetensors')).subarray(0, 1000),
    );
    const engine = await open({ familiesDir: join(scratch, 'models') });
    const events = await all(engine.compare(request(lanes)));
    const errors = Object.fromEntries(only(events, 'lane-failed').map((event) => [event.lane, event.error]));
    expect(errors.clipcap).toMatchObject({
      code: 'weights-missing',
      message: expect.stringMatching(/pocket\/clipcap\.safetensors is missing.*git checkout/),
    });
    expect(errors.capdec).toMatchObject({
      code: 'weights-corrupt',
      message: expect.stringMatching(/capdec\.safetensors has 1000 bytes/),
    });
    restore('clipcap.safetensors');
    restore('capdec.safetensors');
  });

  it('fails the comparison when the image tower itself is damaged, and when the manifest is', async () => {
    writeFileSync(
      join(family, 'joint.safetensors'),
      readFileSync(join('models/pocket', 'joint.safetensors')).fill(0, 5000, 5008),
    );
    const engine = await open({ familiesDir: join(scratch, 'models') });
    await expect(all(engine.compare(request(lanes)))).rejects.toMatchObject({
      code: 'weights-corrupt',
      message: expect.stringMatching(/joint\.safetensors/),
    });
    restore('joint.safetensors');
    writeFileSync(join(family, 'manifest.json'), '{"family":"pocket"}');
    const other = await open({ familiesDir: join(scratch, 'models') });
    await expect(all(other.compare(request(lanes)))).rejects.toMatchObject({
      code: 'weights-invalid',
      message: expect.stringMatching(/manifest\.json/),
    });
    restore('manifest.json');
  });
});
