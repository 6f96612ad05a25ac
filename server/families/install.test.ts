import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bundleFile } from '../engine/bundle.mjs';
import { TestHub } from '../hub/test-hub';
import { Installer } from './install';
import { type Source } from './import-job';
import { lockFamily } from '../weights/lock';
import { FamilyStore, tidy } from './store';
import { copyingImporter, writeTestFamily } from './test-families';
import type { InstallProgress } from './types';

const folder = mkdtempSync(join(tmpdir(), 'studio-families-'));
const dirs = { embedded: join(folder, 'embedded'), installed: join(folder, 'installed') };
const weights = Uint8Array.from({ length: 2_000_000 }, (_, i) => (i * 31) % 253);
const sources: Source[] = [
  {
    name: 'space',
    title: 'A space',
    kind: 'clip',
    adds: 'space',
    goodAt: 'spaces',
    licence: 'MIT',
    files: [
      { repository: 'some/space', path: 'model.safetensors' },
      { repository: 'some/space', path: 'tokenizer.json' },
    ],
  },
  {
    name: 'decoder',
    title: 'A decoder',
    kind: 'clipcap',
    adds: 'decoder',
    goodAt: 'words',
    licence: 'none stated',
    needs: 'space',
    note: 'A mirror.',
    files: [{ repository: 'some/decoder', path: 'weights.pt' }],
  },
  {
    name: 'elsewhere',
    title: 'By hand',
    kind: 'decap',
    adds: 'decoder',
    goodAt: 'words',
    licence: 'none',
    files: [],
    page: 'https://example.org/drive',
    note: 'On a Drive only: download it by hand',
  },
];
let hub: TestHub;
let store: FamilyStore;
const installer = (gate?: () => Promise<void>, free?: number) =>
  new Installer(
    store,
    { endpoint: hub.endpoint, stallMs: 2_000, retryMs: 5 },
    sources,
    copyingImporter(gate),
    async () => {},
    ...(free === undefined ? [] : [async () => free]),
  );

beforeAll(async () => {
  hub = await TestHub.start();
  hub.put('some/space', 'model.safetensors', weights);
  hub.put('some/space', 'tokenizer.json', '{}', { small: true });
  hub.put('some/decoder', 'weights.pt', weights.subarray(0, 1_000_000));
  await bundleFile('server/weights/lock-holder.ts', 'test-lock-holder');
});
afterAll(async () => {
  await hub.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await mkdir(dirs.installed, { recursive: true });
  await writeTestFamily(join(dirs.embedded, 'pocket'), 'pocket', { 'lm.safetensors': weights.subarray(0, 100) });
  store = new FamilyStore(dirs);
});
afterEach(() => {
  rmSync(dirs.installed, { recursive: true, force: true });
  hub.faults.length = 0;
  hub.bytesPerSecond = undefined;
});

const names = async () => (await store.list()).map(({ name }) => name);
const staged = () =>
  existsSync(join(dirs.installed, '.staging')) ? readdirSync(join(dirs.installed, '.staging')) : [];

/** Another process that holds a lock until it is killed. */
async function holder(name: string, mode: 'shared' | 'exclusive') {
  const child = spawn(process.execPath, ['.studio/test-lock-holder.mjs', dirs.installed, name, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  expect(said.toString()).toBe('locked\n');
  return async () => {
    child.kill('SIGKILL');
    await once(child, 'close');
  };
}

describe('a pull', () => {
  it('asks first, brings the space that is needed, and keeps where every file came from', async () => {
    const install = installer();
    const plan = await install.plan('decoder');
    expect(plan.steps.map(({ name, base, licence }) => [name, base, licence])).toEqual([
      ['space', undefined, 'MIT'],
      ['decoder', 'space', 'none stated'],
    ]);
    expect(plan).toMatchObject({ bytes: 3_000_002, received: 0 });
    const progress: InstallProgress[] = [];
    await install.pull(plan, { onProgress: (one) => progress.push(one) });
    expect(await names()).toEqual(['pocket', 'decoder', 'space']);
    expect(staged()).toEqual([]);
    const manifest = JSON.parse(readFileSync(join(dirs.installed, 'decoder', 'manifest.json'), 'utf8')) as {
      origins: unknown[];
    };
    expect(manifest.origins).toEqual([
      {
        repository: 'some/space',
        path: 'model.safetensors',
        commit: hub.commit,
        bytes: weights.length,
        sha256: hub.files.get('some/space/model.safetensors')!.sha256,
      },
      {
        repository: 'some/space',
        path: 'tokenizer.json',
        commit: hub.commit,
        bytes: 2,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      },
      {
        repository: 'some/decoder',
        path: 'weights.pt',
        commit: hub.commit,
        bytes: 1_000_000,
        sha256: hub.files.get('some/decoder/weights.pt')!.sha256,
      },
    ]);
    expect([...new Set(progress.map(({ phase }) => phase))]).toEqual([
      'downloading',
      'checking',
      'importing',
      'settling',
    ]);
    expect(await store.verify('decoder')).toMatchObject({ ok: true, files: [{ path: 'weights.pt' }] });
    await expect(install.plan('decoder')).rejects.toMatchObject({
      code: 'family-exists',
      message: expect.stringMatching(/models remove decoder/),
    });
  });

  it('names what it does not know, and what is not on the hub', async () => {
    await expect(installer().plan('decodr')).rejects.toMatchObject({
      code: 'option-invalid',
      message: expect.stringMatching(/Did you mean "decoder"/),
    });
    await expect(installer().plan('elsewhere')).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/By hand is not on the hub.*models import decap FILE/s),
    });
    await expect(installer().plan('space', { as: '../x' })).rejects.toMatchObject({
      code: 'option-invalid',
      message: expect.stringMatching(/cannot be a family's name/),
    });
    await expect(installer().plan('decoder', { base: 'nosuch' })).rejects.toMatchObject({ code: 'family-unknown' });
  });

  it('does not begin where the disk is too small', async () => {
    const install = installer(undefined, 203e6);
    const plan = await install.plan('space');
    expect(plan).toMatchObject({ freeBytes: 203e6, diskBytes: 4_000_004 });
    hub.seen.length = 0;
    await expect(install.pull(plan)).rejects.toMatchObject({
      code: 'storage-full',
      message: expect.stringMatching(/4\.0 MB of disk.*203 MB are free.*STUDIO_INSTALLED_DIR/),
    });
    expect(hub.seen).toEqual([]);
    await installer(undefined, 205e6).pull(plan);
    expect(await names()).toContain('space');
  });

  it('that is cancelled leaves what arrived, and the next goes on from there', async () => {
    hub.bytesPerSecond = 4_000_000;
    const controller = new AbortController();
    const install = installer();
    const plan = await install.plan('space');
    await expect(
      install.pull(plan, {
        signal: controller.signal,
        onProgress: (one) => one.phase === 'downloading' && one.received > 400_000 && controller.abort(),
      }),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(await names()).toEqual(['pocket']);
    const [left] = await store.unfinished();
    expect(left).toMatchObject({ name: 'space', published: 'space', bytes: 2_000_002 });
    expect(left!.received).toBeGreaterThan(400_000);
    // What starts anew tidies up, and does not throw the download away.
    await tidy(dirs.installed);
    hub.bytesPerSecond = undefined;
    const again = await install.plan('space');
    expect(again.received).toBeGreaterThan(400_000);
    hub.seen.length = 0;
    await install.pull(again);
    expect(hub.downloads[0]!.headers.range).toMatch(/^bytes=[4-9]\d{5}-$/);
    expect(await store.verify('space')).toMatchObject({ ok: true });
    expect(await store.unfinished()).toEqual([]);
  });

  it('that is cancelled or fails while it imports leaves nothing half-made, and the download', async () => {
    const controller = new AbortController();
    const install = installer(async () => controller.abort());
    await expect(install.pull(await install.plan('space'), { signal: controller.signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(await names()).toEqual(['pocket']);
    await tidy(dirs.installed);
    expect(readdirSync(join(dirs.installed, '.staging/space'))).toEqual(['download', 'job.json']);
    expect((await store.unfinished())[0]).toMatchObject({ received: 2_000_002 });
    hub.seen.length = 0;
    await installer().pull(await installer().plan('space'));
    expect(hub.downloads).toEqual([]);
    expect(await names()).toContain('space');
  });

  it('is made by one process at a time; the lock of a dead one is free at once', async () => {
    const release = await holder('space', 'exclusive');
    const plan = await installer().plan('space');
    await expect(installer().pull(plan)).rejects.toMatchObject({
      code: 'busy',
      message: expect.stringMatching(/space is being installed/),
    });
    await release();
    await installer().pull(plan);
    expect(await names()).toContain('space');
  });

  it('can be thrown away half done', async () => {
    const install = installer();
    hub.faults.push(...Array.from({ length: 8 }, () => ({ kind: 'status', status: 500 }) as const));
    await expect(install.pull(await install.plan('space'))).rejects.toMatchObject({ code: 'hub-unreachable' });
    expect(await store.unfinished()).toHaveLength(1);
    await store.discard('space');
    expect(staged()).toEqual([]);
    await expect(store.discard('space')).rejects.toMatchObject({ code: 'family-unknown' });
  });
});

describe('an import', () => {
  const file = join(folder, 'mine.pt');
  beforeAll(() => writeFileSync(file, weights.subarray(0, 5_000)));

  it('makes a family of files, all or nothing', async () => {
    const controller = new AbortController();
    await expect(
      installer(async () => controller.abort()).import(
        { kind: 'clipcap', files: [file], name: 'mine' },
        { signal: controller.signal },
      ),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect([await names(), staged()]).toEqual([['pocket'], []]);
    await installer().import({ kind: 'clipcap', files: [file], name: 'mine' });
    expect(await names()).toEqual(['pocket', 'mine']);
    await expect(installer().import({ kind: 'clipcap', files: [file], name: 'mine' })).rejects.toMatchObject({
      code: 'family-exists',
    });
    await expect(
      installer().import({ kind: 'clipcap', files: [join(folder, 'nope.pt')], name: 'other' }),
    ).rejects.toMatchObject({ code: 'file-unreadable', message: expect.stringMatching(/no file .*nope\.pt/) });
    await expect(
      installer(undefined, 1_000).import({ kind: 'clipcap', files: [file], name: 'other' }),
    ).rejects.toMatchObject({ code: 'storage-full' });
  });

  it('cleans up after a process that was killed in the middle', async () => {
    await writeTestFamily(join(dirs.installed, '.staging/dead/family'), 'dead', { 'x.bin': weights.subarray(0, 10) });
    await mkdir(join(dirs.installed, '.staging/.removed-x'), { recursive: true });
    const alive = lockFamily(dirs.installed, 'alive', 'exclusive')!;
    await writeTestFamily(join(dirs.installed, '.staging/alive/family'), 'alive', { 'x.bin': weights.subarray(0, 10) });
    await tidy(dirs.installed);
    expect(staged()).toEqual(['alive']);
    expect(await names()).toEqual(['pocket']);
    alive();
    await tidy(dirs.installed);
    expect(staged()).toEqual([]);
  });
});

describe('a store of families', () => {
  beforeEach(() =>
    writeTestFamily(join(dirs.installed, 'mine'), 'mine', {
      'a.safetensors': weights.subarray(0, 1_000),
      'b.json': weights.subarray(0, 50),
    }),
  );

  it('finds what is damaged, cut or missing', async () => {
    expect(await store.verify('mine')).toMatchObject({
      ok: true,
      files: [{ path: 'a.safetensors' }, { path: 'b.json' }],
    });
    writeFileSync(join(dirs.installed, 'mine/a.safetensors'), weights.subarray(1, 1_001));
    rmSync(join(dirs.installed, 'mine/b.json'));
    expect(await store.verify('mine')).toMatchObject({
      ok: false,
      files: [{ problem: expect.stringMatching(/is damaged/) as string }, { problem: 'is missing' }],
    });
    writeFileSync(join(dirs.installed, 'mine/a.safetensors'), weights.subarray(0, 999));
    expect((await store.verify('mine')).files[0]!.problem).toBe('has 999 bytes, expected 1000');
    await expect(store.verify('nosuch')).rejects.toMatchObject({
      code: 'family-unknown',
      message: expect.stringMatching(/Installed are pocket, mine/),
    });
  });

  it('removes a family, but none that is used, here or elsewhere, nor the embedded one', async () => {
    const inUse = lockFamily(dirs.installed, 'mine', 'shared')!;
    await expect(store.remove('mine')).rejects.toMatchObject({
      code: 'family-needed',
      message: expect.stringMatching(/in use/),
    });
    inUse();
    const release = await holder('mine', 'shared');
    await expect(store.remove('mine')).rejects.toMatchObject({ code: 'family-needed' });
    await release();
    expect((await store.remove('mine')).bytes).toBeGreaterThan(1_050);
    expect(await names()).toEqual(['pocket']);
    await expect(store.remove('pocket')).rejects.toMatchObject({
      code: 'family-needed',
      message: expect.stringMatching(/ships with the studio/),
    });
  });

  it('lists a broken family with what is wrong, and never one that is called like an embedded one', async () => {
    writeFileSync(join(dirs.installed, 'mine/manifest.json'), '{');
    await writeTestFamily(join(dirs.installed, 'pocket'), 'pocket', { 'a.bin': weights.subarray(0, 5) });
    expect(await store.list()).toMatchObject([
      { name: 'pocket', embedded: true },
      { name: 'mine', problem: expect.stringMatching(/not JSON/) as string },
    ]);
  });
});
