import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { norm } from '../../../models/spaces/embedding';
import { readNpy } from '../../../models/files/npy';
import { lockOutput } from '../../collections/run/process-lock';
import { openDatabase } from '../../db/open';
import { mayMount } from '../../setup/may-mount.mjs';
import { inProcess, jsonLines, program, root, SharedEngines, spawned } from '../test-cli';
import { drawCollection } from '../test-photos';

const folder = mkdtempSync(join(tmpdir(), 'studio-collection-'));
const at = (...names: string[]) => join(folder, ...names);
const engines = new SharedEngines();
const { openEngine } = engines;
const env = {
  ...process.env,
  STUDIO_DEVICE: 'cpu',
  STUDIO_ROOT: root,
  DATABASE_URL: `file:${at('data', 'studio.db')}`,
};
const greedy = ['--decoder', 'clipcap', '--option', 'clipcap.search=greedy'];

const studio = (...args: string[]) => inProcess(args, { cwd: folder, env, openEngine });
const never = () => Promise.reject(new Error('no engine may be opened'));
const rows = (name: string) => jsonLines(readFileSync(at(name), 'utf8'));

let names: string[];
beforeAll(async () => {
  mkdirSync(at('photos', 'more'), { recursive: true });
  names = await drawCollection(at('photos'), 12);
});
afterAll(async () => {
  await engines.close();
  rmSync(folder, { recursive: true, force: true });
});

// Programs of their own among them: on a machine that has other work each takes its time.
describe('caption of a collection', { timeout: 240_000 }, () => {
  it('writes for each photo of a folder the line that --json prints, without times, and the same caption', async () => {
    const { status, out, err } = await studio('caption', 'photos', '--decoder', 'clipcap,decap', '--out', 'rows.jsonl');
    expect([status, out]).toEqual([0, '']);
    expect(err).toMatch(/12 photos in \d+ s/);
    const plain = jsonLines(
      (await studio(...['caption', ...names.map((name) => `photos/${name}`), '--decoder', 'clipcap,decap', '--json']))
        .out,
    ) as { image: string; captions: { caption: string; decoder: string }[] }[];
    const written = rows('rows.jsonl') as unknown as typeof plain;
    expect(written.map(({ image }) => `photos/${image}`)).toEqual(plain.map(({ image }) => image));
    expect(written.map(({ captions }) => captions.map(({ decoder, caption }) => [decoder, caption]))).toEqual(
      plain.map(({ captions }) => captions.map(({ decoder, caption }) => [decoder, caption])),
    );
    expect(JSON.stringify(written)).not.toMatch(/"(ms|deviceMs|encodeMs|firstTokenMs)"/);
  });

  it('prints it where no file is named, as a table or in lines, and stops with its reader', async () => {
    const { status, out } = await studio('caption', 'photos', ...greedy);
    expect(status).toBe(0);
    expect(out).toMatch(
      /0000\.png {3}\(pocket on cpu, fp32\)\n {2}decoder +caption +cos +sure\n {2}clipcap +\S.* {2}-?[01]\.\d\d /,
    );
    const lines = jsonLines((await studio('caption', 'photos', ...greedy, '--json')).out);
    expect(lines).toMatchObject(names.map((name) => ({ image: name, captions: [{ decoder: 'clipcap' }] })));
    let taken = 0;
    const stdout = new Writable({
      write: (_, __, done) => done(++taken > 3 ? Object.assign(new Error(), { code: 'EPIPE' }) : null),
    });
    stdout.on('error', () => undefined);
    const headed = ['caption', 'photos', ...greedy, '--json'];
    expect(await inProcess(headed, { cwd: folder, env, openEngine, stdout })).toMatchObject({ status: 0 });
    expect(taken).toBe(4);
  });

  it('refuses a file that is there, goes on with it, and writes it anew', async () => {
    const first = await studio('caption', 'photos', ...greedy, '--out', 'there.jsonl');
    expect(first.status).toBe(0);
    const before = readFileSync(at('there.jsonl'), 'utf8');
    const refused = await inProcess(['caption', 'photos', ...greedy, '--out', 'there.jsonl'], {
      cwd: folder,
      env,
      openEngine: never,
    });
    expect([refused.status, refused.err]).toEqual([2, expect.stringMatching(/there\.jsonl.*--resume|--overwrite/s)]);
    expect(readFileSync(at('there.jsonl'), 'utf8')).toBe(before);
    // Cut in the middle of a line, as a kill would leave it.
    writeFileSync(at('there.jsonl'), before.slice(0, before.length / 2));
    expect((await studio('caption', 'photos', ...greedy, '--out', 'there.jsonl', '--resume')).status).toBe(0);
    expect(readFileSync(at('there.jsonl'), 'utf8')).toBe(before);
    writeFileSync(at('there.jsonl'), 'something else\n');
    expect((await studio('caption', 'photos', ...greedy, '--out', 'there.jsonl', '--overwrite')).status).toBe(0);
    expect(readFileSync(at('there.jsonl'), 'utf8')).toBe(before);
  });

  it.each(['rows.csv', 'rows.parquet', 'rows.tar'])('%s goes on, and is refused, as lines are', async (name) => {
    const args = ['caption', 'photos', ...greedy, '--out', name];
    expect((await studio(...args)).status).toBe(0);
    const before = readFileSync(at(name));
    expect((await studio(...args)).status).toBe(2);
    expect((await studio(...args, '--resume')).status).toBe(0);
    expect(readFileSync(at(name)).equals(before)).toBe(true);
    expect((await studio(...args, '--overwrite')).status).toBe(0);
    expect(readFileSync(at(name)).equals(before)).toBe(true);
  });

  it('writes texts beside the photos, and leaves those alone that are there', async () => {
    mkdirSync(at('texts'));
    for (const name of names.slice(0, 3)) cpSync(at('photos', name), at('texts', name));
    writeFileSync(at('texts', '0001.txt'), 'mine\n');
    const args = ['caption', 'texts', ...greedy, '--sidecar', 'skip', '--prefix', 'drawn: ', '--suffix', '.'];
    const { status, out } = await studio(...args);
    expect([status, out]).toEqual([0, '']);
    const texts = () => [0, 1, 2].map((n) => readFileSync(at('texts', `000${n}.txt`), 'utf8'));
    const before = texts();
    expect(before[0]).toMatch(/^drawn: \w.*\.\n$/);
    expect(before[1]).toBe('mine\n');
    expect((await studio(...args)).status).toBe(0);
    expect(texts()).toEqual(before);
    expect((await studio(...args.map((arg) => (arg === 'skip' ? 'append' : arg)))).status).toBe(0);
    expect(texts()).toEqual([before[0], expect.stringMatching(/^mine\ndrawn: /), before[2]]);
  });

  it('is shared by two processes: each does what the other does not, and both write all of it', async () => {
    mkdirSync(at('shared'));
    const count = 32;
    await drawCollection(at('shared'), count);
    const own = { ...env, DATABASE_URL: `file:${at('sharing', 'studio.db')}` };
    const run = (out: string) =>
      spawned(['caption', 'shared', ...greedy, '--out', out, '--shard', '4'], {
        cwd: folder,
        env: { ...own, STUDIO_SLOW_STEP_MS: '10' },
      });
    const both = await Promise.all([run('one.jsonl'), run('other.jsonl')]);
    expect(both).toMatchObject([{ status: 0 }, { status: 0 }]);
    expect(rows('one.jsonl')).toHaveLength(count);
    expect(readFileSync(at('other.jsonl'), 'utf8')).toBe(readFileSync(at('one.jsonl'), 'utf8'));
    const database = await openDatabase(own.DATABASE_URL);
    const shards = await database.collectionShard.findMany();
    await database.$disconnect();
    expect(shards).toHaveLength(count / 4);
    // Claimed once each: nothing was done twice.
    expect(shards.every(({ status, attempts }) => status === 'done' && attempts === 1)).toBe(true);
  });

  it('goes on with the same run alone: other options or weights are named and refused', async () => {
    expect((await studio('caption', 'photos', ...greedy, '--out', 'same.jsonl')).status).toBe(0);
    const before = readFileSync(at('same.jsonl'), 'utf8');
    const options = await studio('caption', 'photos', '--decoder', 'clipcap', '--out', 'same.jsonl', '--resume');
    expect([options.status, options.err]).toEqual([
      2,
      expect.stringMatching(/begun by another run: clipcap\.search was "greedy" and is "\w+"/),
    ]);
    mkdirSync(at('families'));
    cpSync(`${root}models/pocket`, at('families', 'pocket'), { recursive: true });
    const manifest = readFileSync(at('families', 'pocket', 'manifest.json'), 'utf8');
    // Of a file that this decoder does not read.
    const memory = (JSON.parse(manifest) as { files: Record<string, { path: string; sha256: string }> }).files;
    const { sha256 } = Object.values(memory).find(({ path }) => path === 'decap-memory.txt')!;
    writeFileSync(at('families', 'pocket', 'manifest.json'), manifest.replaceAll(sha256, '0'.repeat(64)));
    const weights = await studio(
      ...['caption', 'photos', ...greedy, '--out', 'same.jsonl', '--resume', '--families-dir', at('families')],
    );
    expect([weights.status, weights.err]).toEqual([
      2,
      expect.stringMatching(/the family's weights.* was \w+ and is \w+/),
    ]);
    expect(readFileSync(at('same.jsonl'), 'utf8')).toBe(before);
  });

  it('does not go on with a file that no run of the database wrote', async () => {
    writeFileSync(at('foreign.jsonl'), '{"image":"0000.png","captions":[]}\n');
    const { status, err } = await studio('caption', 'photos', ...greedy, '--out', 'foreign.jsonl', '--resume');
    expect([status, err]).toEqual([2, expect.stringMatching(/no run that this database knows.*--overwrite/)]);
    expect(rows('foreign.jsonl')).toHaveLength(1);
  });

  it('goes on with a folder that has grown', async () => {
    mkdirSync(at('growing'));
    for (const name of names.slice(0, 4)) cpSync(at('photos', name), at('growing', name), { preserveTimestamps: true });
    const run = (...more: string[]) => studio('caption', 'growing', ...greedy, '--out', 'growing.jsonl', ...more);
    expect((await run()).status).toBe(0);
    const before = readFileSync(at('growing.jsonl'), 'utf8');
    cpSync(at('photos', names[4]!), at('growing', names[4]!));
    expect((await run('--resume')).status).toBe(0);
    expect(readFileSync(at('growing.jsonl'), 'utf8').startsWith(before)).toBe(true);
    expect(rows('growing.jsonl')).toHaveLength(5);
  });

  it('gives a photo that cannot be read a row with its fault, names it, and ends with 1', async () => {
    mkdirSync(at('hundred'));
    const hundred = await drawCollection(at('hundred'), 100);
    writeFileSync(at('hundred', hundred[40]!), 'no picture');
    const { status, out, err } = await studio('caption', 'hundred', ...greedy, '--out', 'hundred.jsonl', '--json');
    expect(status).toBe(1);
    expect(err).toMatch(/hundred\/0040\.png: .*\n[^]*100 photos, 1 failed, in/);
    expect(jsonLines(out)).toMatchObject([{ out: 'hundred.jsonl', photos: 100, failed: 1 }]);
    const written = rows('hundred.jsonl');
    expect(written).toHaveLength(100);
    expect(written.filter(({ error }) => error)).toMatchObject([
      { image: '0040.png', error: { code: 'image-unreadable' } },
    ]);
  });

  it('refuses a photo that is named twice, a file that another process writes, and flags that do not fit', async () => {
    const twice = await studio('caption', 'photos', 'photos', ...greedy, '--out', 'twice.jsonl');
    expect([twice.status, twice.err]).toEqual([2, expect.stringMatching(/Two photos are called 0000\.png/)]);
    expect(existsSync(at('twice.jsonl'))).toBe(false);
    const release = lockOutput(at('data', 'studio.collections'), at('busy.jsonl'), 'busy.jsonl');
    const busy = await studio('caption', 'photos', ...greedy, '--out', 'busy.jsonl');
    release();
    expect([busy.status, busy.err]).toEqual([1, expect.stringContaining(`another process (${process.pid})`)]);
    for (const [args, message] of [
      [['--out', 'x.jsonl', '--resume', '--overwrite'], /one of them/],
      [['--resume'], /name it by --out/],
      [['--out', 'x.jsonl', '--format', 'xml'], /expected one of jsonl, csv/],
      [['--sidecar', 'maybe'], /expected one of skip, append, overwrite/],
      [['--prefix', 'a photo of '], /go with --sidecar/],
      [['--out', 'nowhere/x.jsonl'], /there is no folder nowhere/],
    ] as [string[], RegExp][]) {
      const { status, err } = await studio('caption', 'photos', ...greedy, ...args);
      expect([status, err]).toEqual([2, expect.stringMatching(message)]);
    }
  });

  it.skipIf(!mayMount())(
    'stops in words where the disk of the file is full, and goes on when there is room',
    async () => {
      mkdirSync(at('disk'));
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', at('disk')]);
      try {
        expect(() => {
          for (;;) appendFileSync(at('disk', 'filling'), new Uint8Array(4096));
        }).toThrow(/ENOSPC/);
        const args = ['caption', 'photos', ...greedy, '--out', 'disk/rows.jsonl'];
        const full = await studio(...args);
        expect([full.status, full.err]).toEqual([
          1,
          expect.stringMatching(/Go on with:\n.*--resume\n[^]*rows\.jsonl cannot be written: the disk is full/),
        ]);
        rmSync(at('disk', 'filling'));
        expect((await studio(...args, '--resume')).status).toBe(0);
        expect(rows('disk/rows.jsonl')).toHaveLength(12);
      } finally {
        execFileSync('umount', ['-l', at('disk')]);
      }
    },
  );

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s in the middle saves what is done and prints the line that goes on', async (signal, expected) => {
    const out = `${signal}.jsonl`;
    mkdirSync(at(signal), { recursive: true });
    const count = 24;
    await drawCollection(at(signal), count);
    const child = spawn(process.execPath, [program, 'caption', signal, ...greedy, '--out', out, '--shard', '8'], {
      cwd: folder,
      env: { ...env, STUDIO_SLOW_STEP_MS: '30' },
    });
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const ended = new Promise((resolve) => child.once('close', resolve));
    const some = () => (existsSync(at(out)) ? readFileSync(at(out), 'utf8') : '');
    await expect.poll(some, { timeout: 200_000, interval: 20 }).toContain('0000.png');
    child.kill(signal);
    expect(await ended).toBe(expected);
    const done = some().trim().split('\n').length;
    expect(done).toBeLessThan(count);
    expect(err).toMatch(new RegExp(`Stopped after ${done} of ${count} photos. All that was done is kept`));
    const line = /npm run -s studio -- (.*)$/m.exec(err)![1]!;
    const again = spawnSync('bash', ['-c', `"${process.execPath}" "${program}" ${line}`], {
      cwd: folder,
      encoding: 'utf8',
      env,
    });
    expect([again.status, again.stderr]).toEqual([0, expect.stringContaining(`${count} photos in`)]);
    const apart = ['--shard', '8', '--database', at(`other-${signal}`, 'studio.db')];
    await studio('caption', signal, ...greedy, '--out', `whole-${out}`, ...apart);
    expect(some()).toBe(readFileSync(at(`whole-${out}`), 'utf8'));
  });
});

describe('embed of a collection', { timeout: 240_000 }, () => {
  it('writes one array of N × D and its keys, the values of each photo alone', async () => {
    const { status } = await studio('embed', 'photos', '--exact', '--out', 'all.npy');
    expect(status).toBe(0);
    const all = readNpy(readFileSync(at('all.npy')));
    expect(JSON.parse(readFileSync(at('all.keys.json'), 'utf8'))).toEqual(names);
    expect(all).toHaveLength(names.length);
    await studio('embed', `photos/${names[7]}`, '--out', 'one.npy');
    const [one] = readNpy(readFileSync(at('one.npy')));
    const dot = one!.reduce((sum, value, i) => sum + value * all[7]![i]!, 0);
    expect(dot / norm(one!) / norm(all[7]!)).toBeGreaterThan(0.99999);
    expect(norm(all[7]!) / norm(one!)).toBeCloseTo(1, 4);
  });

  it('has rows for those that can be read, refuses a file that is there, and takes one photo as an array too', async () => {
    mkdirSync(at('three'));
    for (const name of names.slice(0, 3)) cpSync(at('photos', name), at('three', name));
    writeFileSync(at('three', names[1]!), 'no picture');
    const { status, err } = await studio('embed', 'three', '--out', 'three.npy');
    expect([status, err]).toEqual([1, expect.stringMatching(/three\/0001\.png: /)]);
    expect(JSON.parse(readFileSync(at('three.keys.json'), 'utf8'))).toEqual([names[0], names[2]]);
    expect(readNpy(readFileSync(at('three.npy')))).toHaveLength(2);
    expect((await studio('embed', 'three', '--out', 'three.npy')).err).toMatch(/three\.npy is there already/);
    cpSync(at('photos', names[1]!), at('three', names[1]!));
    expect((await studio('embed', 'three', '--out', 'three.npy', '--resume')).status).toBe(0);
    expect(readNpy(readFileSync(at('three.npy')))).toHaveLength(3);
    for (const [args, message] of [
      [[], /--out FILE\.npy/],
      [['--out', 'x.safetensors'], /ends in \.npy/],
    ] as [string[], RegExp][])
      expect((await studio('embed', 'three', ...args)).err).toMatch(message);
  });
});
