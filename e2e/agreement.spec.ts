import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import sharp from 'sharp';
import type { StudioEvent } from '../models/events';
import type { RgbImage } from '../models/spaces/image';
import { imageSet } from '../server/collections/sources/image-set';
import { openEngine } from '../server/engine/host';
import { drawScene } from '../server/engine/test-images';
import { decodeImage } from '../server/media/decode-image';
import { decoders } from './browser-pictures';
import { type AskEngine, giveEngine } from './engine-worker';
import { test } from './studio';

/**
 * The same tokens in Node and in the browser, fp32, fed identical pixels. Pictures of our own always; photos of
 * Flickr8k's validation set by `npm run proof -- agreement` (STUDIO_AGREEMENT=100), on WebGPU too by
 * `npm run proof -- agreement-webgpu`. A part of them is a range: `50-100` leaves out the first fifty, so that a long
 * run can be taken in pieces; STUDIO_AGREEMENT_DECODERS=coca compares some decoders only.
 */
const photos = range('STUDIO_AGREEMENT');
const onWebgpu = range('STUDIO_AGREEMENT_WEBGPU');

type Range = { from: number; to: number };
function range(variable: string): Range | undefined {
  const given = process.env[variable];
  if (!given || given === '0') return undefined;
  const [, from = '0', to] = /^(?:(\d+)-)?(\d+)$/.exec(given) ?? [];
  if (to === undefined || Number(from) >= Number(to))
    throw new Error(`${variable} is "${given}"; expected a number of photos (100) or a range of them (50-100).`);
  return { from: Number(from), to: Number(to) };
}
const named = ({ from, to }: Range) => (from ? `${from} to ${to}` : `${to}`);
const folder = join('..', 'shared', 'data', 'flickr8k');
const tar = join(folder, 'val.tar');
/** Below this, two candidates are as good as equal and rounding decides. */
const margin = 1e-3;

type Step = { token: number; gap: number };
type Run = { tokens: number[]; logProb: number; steps: Step[]; ranks: number[] };
/** The iterative decoder has no plain search: with one beam its guided beam is its greedy one. */
const some = process.env.STUDIO_AGREEMENT_DECODERS?.split(',') ?? decoders;
const lanes = decoders
  .filter((decoder) => some.includes(decoder))
  .flatMap((decoder) =>
    ['greedy', 'beam'].map((search) => ({
      id: `${decoder} ${search}`,
      decoder,
      options: decoder !== 'iterative' ? { search } : search === 'greedy' ? { beam: 1 } : {},
    })),
  );

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
      steps.set(event.lane, [
        ...(steps.get(event.lane) ?? []),
        { token: event.token, gap: Math.min(first && second ? first.logProb - second.logProb : Infinity, ...kept) },
      ]);
    }
    if (event.type === 'lane-finished')
      runs.set(event.lane, {
        tokens: event.result.tokens,
        logProb: event.result.logProb,
        steps: steps.get(event.lane) ?? [],
        ranks: event.result.nBest.slice(0, 2).map(({ score }) => score),
      });
  }
  return runs;
}

type Input = { pixels: string; width: number; height: number } | { file: string };
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

/** Runs a comparison in a worker of the page, where an engine would; a file is decoded there. */
async function inBrowser(
  page: Page,
  device: 'wasm' | 'webgpu',
  input: Input,
  wanted: typeof lanes,
): Promise<StudioEvent[]> {
  return page.evaluate(
    async ({ device, input, wanted }) => {
      const known = globalThis as unknown as { askEngine: AskEngine; opened?: boolean };
      const bytes = (text: string) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      if (!known.opened) await known.askEngine('open', { device, precision: 'fp32' });
      known.opened = true;
      const image =
        'file' in input
          ? await known.askEngine('decode', new Blob([bytes(input.file)]))
          : { width: input.width, height: input.height, data: bytes(input.pixels) };
      const events: unknown[] = [];
      await known.askEngine(
        'compare',
        { family: 'pocket', input: { kind: 'image', image }, lanes: wanted, includeEmbedding: true },
        (event) => events.push(event),
      );
      return events;
    },
    { device, input, wanted },
  ) as Promise<StudioEvent[]>;
}

async function compareHosts(
  page: Page,
  device: 'wasm' | 'webgpu',
  pictures: AsyncIterable<[string, RgbImage]> | Iterable<[string, RgbImage]>,
  wanted = lanes,
) {
  const engine = await openEngine({ device: 'cpu' });
  await giveEngine(page);
  await page.goto('/');
  let captions = 0;
  const differing: string[] = [];
  const unexplained: string[] = [];
  let worst = 0;
  const tell = (so = '') =>
    console.log(
      `${device}: ${captions} captions${so}, ${differing.length} differ; largest difference of log-probabilities of equal captions ${worst.toExponential(1)}${differing.map((line) => `\n  ${line}`).join('')}`,
    );
  for await (const [name, image] of pictures) {
    // A long run that is cut off has said how far it was right.
    if (captions && (device === 'webgpu' || captions % 100 === 0)) tell(' so far');
    const events: StudioEvent[] = [];
    for await (const event of engine.compare({ family: 'pocket', input: { kind: 'image', image }, lanes: wanted }))
      events.push(event);
    const here = runsOf(events);
    const there = runsOf(
      await inBrowser(page, device, { pixels: base64(image.data), width: image.width, height: image.height }, wanted),
    );
    for (const [lane, run] of here) {
      captions++;
      const other = there.get(lane)!;
      if (run.tokens.join() === other.tokens.join()) {
        worst = Math.max(worst, Math.abs(run.logProb - other.logProb));
        continue;
      }
      // Up to the first divergence; there, or between the two best captions, the margin says whether rounding decided.
      const at = run.steps.findIndex((step, i) => step.token !== other.steps[i]?.token);
      const gaps = [
        ...run.steps.slice(0, at < 0 ? undefined : at + 1).map(({ gap }) => gap),
        (run.ranks[0] ?? 0) - (run.ranks[1] ?? -Infinity),
      ];
      const line = `${device} ${name} ${lane}: step ${at}, smallest margin ${Math.min(...gaps).toExponential(1)}`;
      differing.push(line);
      if (Math.min(...gaps) >= margin) unexplained.push(line);
    }
  }
  await engine.close();
  tell();
  return { captions, differing, unexplained, worst };
}

function* drawn(count: number): Generator<[string, RgbImage]> {
  for (let n = 0; n < count; n++) yield [`drawn ${n}`, drawScene(n)];
}

/** Photos of Flickr8k's validation set, as files. */
async function* files({ from, to }: Range): AsyncGenerator<[string, Uint8Array]> {
  const names = readFileSync(join(folder, 'val.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .slice(from, to)
    .map((line) => (JSON.parse(line) as { image: string }).image);
  for await (const { name, bytes } of imageSet(
    { cwd: process.cwd(), stdin: process.stdin },
    tar,
    new Set(names),
    console.error,
  ))
    yield [name, bytes];
}

/** The same, decoded once in Node: both hosts get the same pixels. */
async function* validation(part: Range): AsyncGenerator<[string, RgbImage]> {
  for await (const [name, bytes] of files(part)) yield [name, (await decodeImage(bytes)).image];
}

/** JPEGs of our own pictures. */
async function* drawnFiles(count: number): AsyncGenerator<[string, Uint8Array]> {
  for (const [name, { data, width, height }] of drawn(count))
    yield [
      name,
      new Uint8Array(
        await sharp(data, { raw: { width, height, channels: 3 } })
          .resize(640)
          .jpeg({ quality: 85 })
          .toBuffer(),
      ),
    ];
}

/** From the bytes of a JPEG on: each host decodes by itself. @returns the largest 1 - cosine of the two embeddings */
async function drift(page: Page, pictures: AsyncIterable<[string, Uint8Array]>): Promise<number> {
  const engine = await openEngine({ device: 'cpu' });
  await giveEngine(page);
  await page.goto('/');
  let worst = 0;
  let same = 0;
  let count = 0;
  for await (const [, bytes] of pictures) {
    const wanted = [{ id: 'clipcap', decoder: 'clipcap', options: { search: 'beam' } }];
    const events: StudioEvent[] = [];
    for await (const event of engine.compare({
      family: 'pocket',
      input: { kind: 'image', image: (await decodeImage(bytes)).image },
      lanes: wanted,
      includeEmbedding: true,
    }))
      events.push(event);
    const there = await inBrowser(page, 'wasm', { file: base64(bytes) }, wanted);
    const embedding = (list: readonly StudioEvent[]) =>
      list.flatMap((event) => (event.type === 'encoded' ? event.values! : []));
    worst = Math.max(worst, 1 - cosine(embedding(events), embedding(there)));
    if (runsOf(events).get('clipcap')!.tokens.join() === runsOf(there).get('clipcap')!.tokens.join()) same++;
    count++;
  }
  await engine.close();
  console.log(
    `from JPEG on: ${count} pictures, largest cosine drift ${worst.toExponential(1)}, the same caption for ${same}`,
  );
  return worst;
}
function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, v, i) => sum + v * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

test('WASM gives the tokens of Node on pictures of our own, greedy and beam', async ({ page }) => {
  test.setTimeout(180_000);
  const { differing, worst } = await compareHosts(page, 'wasm', drawn(4));
  expect(differing).toEqual([]);
  expect(worst).toBeLessThan(1e-3);
});

test('a JPEG that each host decodes by itself gives nearly the same embedding', async ({ page }) => {
  test.setTimeout(30 * 60_000);
  expect(await drift(page, photos ? files(photos) : drawnFiles(3))).toBeLessThan(0.002);
});

if (photos)
  test(`WASM gives the tokens of Node on ${named(photos)} validation photos`, async ({ page }) => {
    test.setTimeout(30 * 60_000);
    expect(existsSync(tar), `${tar} holds the photos`).toBe(true);
    const { captions, differing, unexplained } = await compareHosts(page, 'wasm', validation(photos));
    expect(unexplained).toEqual([]);
    expect(differing.length).toBeLessThanOrEqual(0.02 * captions);
  });

if (onWebgpu)
  test(`WebGPU gives the tokens of Node on ${named(onWebgpu)} validation photos`, async ({ page }) => {
    test.setTimeout(60 * 60_000);
    expect(existsSync(tar), `${tar} holds the photos`).toBe(true);
    const { captions, differing, unexplained } = await compareHosts(page, 'webgpu', validation(onWebgpu));
    expect(unexplained).toEqual([]);
    expect(differing.length).toBeLessThanOrEqual(0.02 * captions);
  });
