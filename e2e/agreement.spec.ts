import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import type { StudioEvent } from '../models/events';
import type { RgbImage } from '../models/spaces/image';
import { openEngine } from '../server/engine/host';
import { drawScene } from '../server/engine/test-images';
import { decoders } from './browser-pictures';

/**
 * The same tokens in Node and in the browser, fp32, fed identical pixels. Pictures of our own always; photos of Flickr8k's validation
 * set with STUDIO_AGREEMENT=100 (npm run bench -- agreement), on WebGPU too with STUDIO_AGREEMENT_WEBGPU=5.
 */
const photos = Number(process.env.STUDIO_AGREEMENT || 0);
const onWebgpu = Number(process.env.STUDIO_AGREEMENT_WEBGPU || 0);
const folder = join('..', 'shared', 'data', 'flickr8k');
const tar = join(folder, 'val.tar');
/** Below this, two candidates are as good as equal and rounding decides. */
const margin = 1e-3;

type Step = { token: number; gap: number };
type Run = { tokens: number[]; logProb: number; steps: Step[]; ranks: number[] };
/** The iterative decoder has no plain search: with one beam its guided beam is its greedy one. */
const lanes = decoders.flatMap((decoder) => ['greedy', 'beam'].map((search) => ({ id: `${decoder} ${search}`, decoder, options: decoder !== 'iterative' ? { search } : search === 'greedy' ? { beam: 1 } : {} })));

/** What a comparison said, lane by lane; `gap`: how far the chosen token was ahead of the next. */
function runsOf(events: readonly StudioEvent[]): Map<string, Run> {
  const steps = new Map<string, Step[]>();
  const runs = new Map<string, Run>();
  for (const event of events) {
    if (event.type === 'lane-failed') throw new Error(`${event.lane}: ${event.error.message}`);
    if (event.type === 'step') {
      const [first, second] = event.alternatives;
      const beams = event.beams.map(({ score }) => score).sort((a, b) => b - a);
      const kept = beams.slice(1).map((score, i) => beams[i]! - score);
      steps.set(event.lane, [...(steps.get(event.lane) ?? []), { token: event.token, gap: Math.min(first && second ? first.logProb - second.logProb : Infinity, ...kept) }]);
    }
    if (event.type === 'lane-finished')
      runs.set(event.lane, { tokens: event.result.tokens, logProb: event.result.logProb, steps: steps.get(event.lane) ?? [], ranks: event.result.nBest.slice(0, 2).map(({ score }) => score) });
  }
  return runs;
}

/** Runs comparisons in a worker of the page, where an engine would. */
async function inBrowser(page: Page, device: 'wasm' | 'webgpu', image: RgbImage, wanted: typeof lanes): Promise<StudioEvent[]> {
  const pixels = Buffer.from(image.data).toString('base64');
  return page.evaluate(
    async ({ device, pixels, width, height, wanted }) => {
      const known = globalThis as { agreementWorker?: Worker; agreementCalls?: number };
      const call = (message: Record<string, unknown>, onEvent?: (event: unknown) => void) =>
        new Promise<void>((resolve, reject) => {
          const worker = (known.agreementWorker ??= new Worker('/engine/worker.js', { type: 'module' }));
          const id = (known.agreementCalls = (known.agreementCalls ?? 0) + 1);
          const listen = ({ data }: MessageEvent) => {
            if (data.id !== id) return;
            if (data.kind === 'event') return onEvent?.(data.event);
            if (data.kind !== 'done' && data.kind !== 'failed') return;
            worker.removeEventListener('message', listen);
            if (data.kind === 'done') resolve();
            else reject(new Error(data.error.message));
          };
          worker.addEventListener('message', listen);
          worker.postMessage({ ...message, id });
        });
      if (!known.agreementWorker) await call({ kind: 'open', settings: { device, precision: 'fp32' } });
      const events: unknown[] = [];
      const data = Uint8Array.from(atob(pixels), (letter) => letter.charCodeAt(0));
      await call({ kind: 'compare', request: { family: 'pocket', input: { kind: 'image', image: { width, height, data } }, lanes: wanted } }, (event) => events.push(event));
      return events;
    },
    { device, pixels, width: image.width, height: image.height, wanted },
  ) as Promise<StudioEvent[]>;
}

async function compareHosts(page: Page, device: 'wasm' | 'webgpu', pictures: AsyncIterable<[string, RgbImage]> | Iterable<[string, RgbImage]>, wanted = lanes) {
  const engine = await openEngine({ device: 'cpu' });
  await page.goto('/');
  let captions = 0;
  const differing: string[] = [];
  const unexplained: string[] = [];
  let worst = 0;
  for await (const [name, image] of pictures) {
    const events: StudioEvent[] = [];
    for await (const event of engine.compare({ family: 'pocket', input: { kind: 'image', image }, lanes: wanted })) events.push(event);
    const here = runsOf(events);
    const there = runsOf(await inBrowser(page, device, image, wanted));
    for (const [lane, run] of here) {
      captions++;
      const other = there.get(lane)!;
      if (run.tokens.join() === other.tokens.join()) {
        worst = Math.max(worst, Math.abs(run.logProb - other.logProb));
        continue;
      }
      // Up to the first divergence; there, or between the two best captions, the margin says whether rounding decided.
      const at = run.steps.findIndex((step, i) => step.token !== other.steps[i]?.token);
      const gaps = [...run.steps.slice(0, at < 0 ? undefined : at + 1).map(({ gap }) => gap), (run.ranks[0] ?? 0) - (run.ranks[1] ?? -Infinity)];
      const line = `${device} ${name} ${lane}: step ${at}, smallest margin ${Math.min(...gaps).toExponential(1)}`;
      differing.push(line);
      if (Math.min(...gaps) >= margin) unexplained.push(line);
    }
  }
  await engine.close();
  console.log(`${device}: ${captions} captions, ${differing.length} differ; largest difference of log-probabilities of equal captions ${worst.toExponential(1)}${differing.map((line) => `\n  ${line}`).join('')}`);
  return { captions, differing, unexplained, worst };
}

function* drawn(count: number): Generator<[string, RgbImage]> {
  for (let n = 0; n < count; n++) yield [`drawn ${n}`, drawScene(n)];
}

/** Photos of a tar, decoded once in Node: both hosts get the same pixels. */
async function* validation(count: number): AsyncGenerator<[string, RgbImage]> {
  const { imageSet } = await import('../server/cli/image-set');
  const { decodeImage } = await import('../server/media/decode-image');
  const names = readFileSync(join(folder, 'val.jsonl'), 'utf8').trim().split('\n').slice(0, count).map((line) => (JSON.parse(line) as { image: string }).image);
  for await (const { name, bytes } of imageSet(tar, new Set(names))) yield [name, (await decodeImage(bytes)).image];
}

test('WASM gives the tokens of Node on pictures of our own, greedy and beam', async ({ page }) => {
  test.setTimeout(180_000);
  const { differing, worst } = await compareHosts(page, 'wasm', drawn(8));
  expect(differing).toEqual([]);
  expect(worst).toBeLessThan(1e-3);
});

if (photos)
  test(`WASM gives the tokens of Node on ${photos} validation photos`, async ({ page }) => {
    test.setTimeout(30 * 60_000);
    expect(existsSync(tar), `${tar} holds the photos`).toBe(true);
    const { captions, differing, unexplained } = await compareHosts(page, 'wasm', validation(photos));
    expect(unexplained).toEqual([]);
    expect(differing.length).toBeLessThanOrEqual(0.02 * captions);
  });

if (onWebgpu)
  test(`WebGPU gives the tokens of Node on ${onWebgpu} validation photos`, async ({ page }) => {
    test.setTimeout(60 * 60_000);
    expect(existsSync(tar), `${tar} holds the photos`).toBe(true);
    const { captions, differing, unexplained } = await compareHosts(page, 'webgpu', validation(onWebgpu));
    expect(unexplained).toEqual([]);
    expect(differing.length).toBeLessThanOrEqual(0.02 * captions);
  });
