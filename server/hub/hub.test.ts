import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inEnglish } from '../../models/said';
import { fileAddress } from './address';
import { describe as ask } from './describe';
import { bytesHere, download } from './download';
import { retryAfterMs, type HubSettings } from './request';
import { Speed } from './speed';
import { TestHub } from './test-hub';

const repo = 'somebody/weights';
const path = 'model.safetensors';
const content = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 7919) % 251);
const folder = mkdtempSync(join(tmpdir(), 'studio-hub-'));
const target = join(folder, 'weights.bin');
let hub: TestHub;
let settings: HubSettings;

beforeAll(async () => {
  hub = await TestHub.start();
  hub.put(repo, path, content);
  hub.put(repo, 'tokenizer.json', '{"small":true}', { small: true });
});
afterAll(async () => {
  await hub.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  settings = { endpoint: hub.endpoint, stallMs: 2_000, retryMs: 5 };
  hub.seen.length = hub.faults.length = hub.headFaults.length = 0;
  hub.gated.clear();
  hub.renamed.clear();
  hub.cdnTag = 'a';
  hub.bytesPerSecond = undefined;
  hub.commit = 'c0ffee'.padEnd(40, '0');
});
const remote = () => ask({ repo, path }, settings);
const got = () => Buffer.compare(readFileSync(target), content) === 0;
const ranges = () => hub.downloads.map(({ headers }) => headers.range);

describe('what the hub says of a file', () => {
  it('size, SHA-256 and commit of a large one come from the hub, not from where it redirects to', async () => {
    expect(await remote()).toEqual({
      repo,
      path,
      commit: hub.commit,
      bytes: content.length,
      sha256: hub.files.get(`${repo}/${path}`)!.sha256,
    });
    expect(hub.seen.map(({ from, method }) => `${from} ${method}`)).toEqual(['hub HEAD']);
  });

  it('a small one is known by its git hash, and is checked by it', async () => {
    const small = await ask({ repo, path: 'tokenizer.json' }, settings);
    expect(small).toMatchObject({ bytes: 14, gitHash: expect.stringMatching(/^[0-9a-f]{40}$/) });
    expect(small.sha256).toBeUndefined();
    hub.faults.push({ kind: 'damage' });
    await expect(download(small, target, settings)).rejects.toMatchObject({ code: 'weights-corrupt' });
    await download(small, target, settings);
    expect(readFileSync(target, 'utf8')).toBe('{"small":true}');
  });

  it('a renamed repository is followed', async () => {
    hub.renamed.set('old/name', repo);
    expect(await ask({ repo: 'old/name', path }, settings)).toMatchObject({ bytes: content.length });
  });

  it('names cannot leave the repository', () => {
    expect(
      fileAddress('https://hub.example/mirror/', { repo: 'a/b', path: 'sub dir/x#1.pt', revision: 'refs/pr/3' }).href,
    ).toBe('https://hub.example/mirror/a/b/resolve/refs%2Fpr%2F3/sub%20dir/x%231.pt');
    for (const bad of ['../b', 'a/b/c', 'a b', ''])
      expect(() => fileAddress('https://hub.example', { repo: bad, path: 'x' })).toThrow(/no repository/);
    expect(() => fileAddress('https://hub.example', { repo: 'a/b', path: '../x' })).toThrow(/no path/);
  });
});

describe('what the hub refuses', () => {
  it('gated: says where to accept the terms, without and with a token; the right one opens it', async () => {
    hub.gated.add(repo);
    await expect(remote()).rejects.toMatchObject({
      code: 'hub-refused',
      message: expect.stringMatching(/Accept its terms on http:.*somebody\/weights.*set HF_TOKEN/),
    });
    settings.token = 'hf_wrong';
    await expect(remote()).rejects.toMatchObject({
      code: 'hub-refused',
      message: expect.stringMatching(/HF_TOKEN is set, and is not enough/),
    });
    settings.token = hub.token;
    expect(await remote()).toMatchObject({ bytes: content.length });
  });

  it('missing files and repositories are told apart, and what to do instead', async () => {
    await expect(ask({ repo, path: 'nope.pt' }, settings)).rejects.toMatchObject({
      code: 'hub-missing',
      message: expect.stringMatching(/no file nope\.pt.*import it from your disk/),
    });
    await expect(ask({ repo: 'no/body', path }, settings)).rejects.toMatchObject({
      code: 'hub-missing',
      message: expect.stringMatching(/no repository no\/body, or it is private/),
    });
  });

  it('nobody there: says what was tried and how to go on without the hub', async () => {
    const gone = await TestHub.start();
    settings.endpoint = gone.endpoint;
    await gone.stop();
    await expect(remote()).rejects.toMatchObject({
      code: 'hub-unreachable',
      message: expect.stringMatching(/refuses the connection.*HF_ENDPOINT to a mirror.*import it from your disk/s),
    });
  });

  it('a server that is no hub is told as such', async () => {
    hub.headFaults.push({ kind: 'status', status: 200 });
    await expect(remote()).rejects.toMatchObject({
      code: 'hub-unreachable',
      message: expect.stringMatching(/does not say how long/),
    });
    hub.headFaults.push({ kind: 'status', status: 418 });
    await expect(remote()).rejects.toMatchObject({
      code: 'hub-unreachable',
      message: expect.stringMatching(/status 418.*not understood/),
    });
  });

  it('too many requests and passing failures are waited for as the server asks', async () => {
    hub.headFaults.push(
      { kind: 'status', status: 429, headers: { 'retry-after': '0' } },
      { kind: 'status', status: 503 },
      { kind: 'status', status: 502 },
    );
    const waits: string[] = [];
    await ask({ repo, path }, settings, { onWait: (reason) => waits.push(inEnglish(reason)) });
    expect(waits).toEqual([
      'the hub answers with status 429',
      'the hub answers with status 503',
      'the hub answers with status 502',
    ]);
    hub.headFaults.push({ kind: 'status', status: 429, headers: { 'retry-after': '3600' } });
    await expect(remote()).rejects.toMatchObject({
      code: 'hub-unreachable',
      message: expect.stringMatching(/wait 60 minutes/),
    });
    expect(retryAfterMs('Wed, 21 Oct 2026 07:28:00 GMT', Date.parse('Wed, 21 Oct 2026 07:27:30 GMT'))).toBe(30_000);
    expect(retryAfterMs('soon')).toBeUndefined();
  });

  it('a server that fails for good is given up after a few attempts', async () => {
    hub.headFaults.push(...Array.from({ length: 20 }, () => ({ kind: 'status', status: 500 }) as const));
    await expect(remote()).rejects.toMatchObject({
      code: 'hub-unreachable',
      message: expect.stringMatching(/status 500/),
    });
    expect(hub.seen.length).toBeLessThan(10);
  });
});

describe('a download', () => {
  it('arrives whole under its hash, and the token goes to the hub alone', async () => {
    settings.token = hub.token;
    const file = await remote();
    const received: number[] = [];
    expect(await download(file, target, settings, { onBytes: (bytes) => received.push(bytes) })).toBe(file.sha256);
    expect(got()).toBe(true);
    expect(received.at(-1)).toBe(content.length);
    expect(received).toEqual([...received].sort((a, b) => a - b));
    expect(readdirSync(folder)).toEqual(['weights.bin']);
    for (const { from, headers } of hub.seen)
      expect(headers.authorization).toBe(from === 'hub' ? 'Bearer hf_right' : undefined);
    // The commit that was described is what is downloaded.
    expect(hub.seen.at(-2)!.url).toContain(`/resolve/${hub.commit}/`);
    // A second call finds it whole.
    hub.seen.length = 0;
    await download(file, target, settings);
    expect(hub.seen).toEqual([]);
  });

  it('goes on where a connection was cut, as often as it takes', async () => {
    hub.faults.push(
      { kind: 'cut', after: 700_000 },
      { kind: 'cut', after: 1 },
      { kind: 'status', status: 503 },
      { kind: 'cut', after: 900_000 },
    );
    await download(await remote(), target, settings);
    expect(got()).toBe(true);
    const starts = ranges().map((range) => Number(/\d+/.exec(range ?? '0')![0]));
    expect(starts[0]).toBe(0);
    expect(starts.at(-1)).toBeGreaterThan(1_000_000);
    expect(hub.downloads.at(-1)!.headers['if-range']).toMatch(/-a"$/);
  });

  it('gives a silent connection up and asks for the rest', async () => {
    settings.stallMs = 150;
    hub.faults.push({ kind: 'stall', after: 400_000 });
    const waits: string[] = [];
    await download(await remote(), target, settings, { onWait: (reason) => waits.push(inEnglish(reason)) });
    expect(got()).toBe(true);
    expect(waits.join()).toMatch(/sent nothing for/);
  });

  it('is resumed by another process after a cancel, and keeps what arrived', async () => {
    const controller = new AbortController();
    hub.bytesPerSecond = 4_000_000;
    const file = await remote();
    await expect(
      download(file, target, settings, {
        signal: controller.signal,
        onBytes: (bytes) => bytes > 500_000 && controller.abort(),
      }),
    ).rejects.toMatchObject({ code: 'cancelled' });
    const kept = await bytesHere(file, target);
    expect(kept).toBeGreaterThan(500_000);
    hub.bytesPerSecond = undefined;
    await download(await remote(), target, settings);
    expect(ranges().at(-1)).toBe(`bytes=${kept}-`);
    expect(got()).toBe(true);
  });

  it('starts anew when the content changed meanwhile, or the server knows no ranges', async () => {
    const half = content.subarray(0, 1_500_000);
    const begin = async () => {
      writeFileSync(`${target}.part`, half);
      writeFileSync(
        `${target}.note`,
        JSON.stringify({ commit: hub.commit, bytes: content.length, hash: (await remote()).sha256, etag: '"other"' }),
      );
      expect(await bytesHere(await remote(), target)).toBe(half.length);
    };
    await begin(); // If-Range does not match: all of it
    await download(await remote(), target, settings);
    expect(got()).toBe(true);
    rmSync(target);
    await begin();
    hub.faults.push({ kind: 'no-range' });
    await download(await remote(), target, settings);
    expect(got()).toBe(true);
    rmSync(target);
    writeFileSync(`${target}.part`, half);
    writeFileSync(`${target}.note`, JSON.stringify({ commit: 'other', bytes: content.length, hash: 'f'.repeat(64) }));
    expect(await bytesHere(await remote(), target)).toBe(0);
    await download(await remote(), target, settings);
    expect(ranges().at(-1)).toBeUndefined();
    expect(got()).toBe(true);
  });

  it('with the wrong content is thrown away and told', async () => {
    hub.faults.push({ kind: 'damage' });
    const file = await remote();
    await expect(download(file, target, settings)).rejects.toMatchObject({
      code: 'weights-corrupt',
      message: expect.stringMatching(/wrong content.*hub names/),
    });
    expect(readdirSync(folder)).toEqual([]);
    writeFileSync(target, Buffer.alloc(content.length)); // the right length, another content
    await download(file, target, settings);
    expect(got()).toBe(true);
  });

  it('never follows from https to http, nor to anything but the web', async () => {
    const file = await remote();
    hub.faults.push({ kind: 'redirect', to: 'file:///etc/passwd' });
    await expect(download(file, target, settings)).rejects.toMatchObject({
      code: 'hub-unreachable',
      message: expect.stringMatching(/not safe to follow/),
    });
    expect(statSync(`${target}.part`).size).toBe(0);
  });
});

it('speed and time left follow what happens now', () => {
  let now = 0;
  const speed = new Speed(8_000, () => now);
  expect(speed.bytesPerSecond).toBeUndefined();
  for (now = 100; now <= 4_000; now += 100) speed.reached(now * 1_000);
  now = 4_000;
  expect(speed.bytesPerSecond).toBeCloseTo(1e6, -4);
  expect(speed.secondsLeft(5e6)).toBeCloseTo(5, 0);
  // Ten times slower for a while: the window forgets the fast start.
  for (let bytes = 4_000_000; now < 24_000; now += 100) speed.reached((bytes += 10_000));
  expect(speed.bytesPerSecond).toBeCloseTo(1e5, -4);
});
