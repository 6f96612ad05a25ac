import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mayMount } from '../../setup/may-mount.mjs';
import { openSources } from '../sources/open';
import { openSink } from './open';
import { openSidecar } from './sidecar';
import type { Answered, OpenSink } from './types';

const photo = (i: number): Answered => ({
  key: `${i}.jpg`,
  path: `${i}.jpg`,
  family: 'pocket',
  familyHash: 'abc',
  device: 'cpu',
  precision: 'fp32',
  // Not alike, so that parquet cannot pack them.
  rows: Array.from({ length: 20 }, (_, lane) => ({
    lane: `lane${lane}`,
    decoder: `lane${lane}`,
    options: {},
    caption: Array.from({ length: 40 }, (_, n) => Math.sin(i * 1e4 + lane * 100 + n).toString(36)).join(' '),
    similarity: 0.5,
  })),
});

describe.skipIf(!mayMount())('a collection on a full disk', () => {
  let [disk, beside] = ['', ''];
  beforeEach(() => {
    disk = mkdtempSync(join(tmpdir(), 'studio-full-'));
    beside = mkdtempSync(join(tmpdir(), 'studio-beside-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
    writeFileSync(join(disk, '0.jpg'), 'photo');
  });
  afterEach(() => {
    execFileSync('umount', [disk]);
    rmdirSync(disk);
    rmSync(beside, { recursive: true });
  });
  const lanes = photo(0).rows.map(({ lane }) => lane);
  const sources = Array.from({ length: 300 }, (_, i) => ({
    key: `${i}.jpg`,
    path: `${i}.jpg`,
    stamp: '',
    read: () => Promise.resolve(Buffer.alloc(10_000, i)),
  }));
  const open = (name: string, mode: 'new' | 'resume') =>
    openSink({ cwd: disk, stdout: process.stdout }, name, { mode, lanes, sources });
  const writeAll = async (sink: OpenSink, count: number) => {
    for (let i = 0; i < count; i++) if (!sink.done.has(`${i}.jpg`)) await sink.write(photo(i));
    await sink.finish();
  };

  it.each(['out.jsonl', 'out.csv', 'out.json', 'out.parquet', 'out.tar'])(
    '%s says so, keeps what is whole, and goes on where there is room again',
    async (name) => {
      const filler = join(disk, 'filler');
      // COCO results have one caption a photo.
      writeFileSync(filler, Buffer.alloc(name === 'out.json' ? 1_020_000 : 600_000));
      const sink = await open(name, 'new');
      let written = 0;
      const filling = async () => {
        for (; ; written++) await sink.write(photo(written));
      };
      await expect(name === 'out.parquet' ? writeAll(sink, 300) : filling()).rejects.toMatchObject({
        code: 'storage-full',
        message: `${name} cannot be written: the disk is full; make room and run it again.`,
      });
      await sink.abandon();
      const grown = /jsonl|csv/.test(name);
      const left = readdirSync(disk).filter((one) => one.startsWith('out') || one.startsWith('.'));
      expect(left).toEqual(grown ? [name] : []);
      rmSync(filler);
      const resumed = await open(name, 'resume');
      expect(resumed.done.size).toBe(grown ? written : 0);
      await writeAll(resumed, written + 2);
      const whole = await openSink({ cwd: beside, stdout: process.stdout }, name, { mode: 'new', lanes, sources });
      await writeAll(whole, written + 2);
      expect(readFileSync(join(disk, name)).equals(readFileSync(join(beside, name)))).toBe(true);
    },
  );

  it('a text beside a photo is not written in part', async () => {
    const { sources: photos } = await openSources(
      { cwd: disk, stdin: process.stdin },
      { inputs: ['0.jpg'], addresses: 'off' },
    );
    const sink = await openSidecar({ mode: 'overwrite', lanes, sources: photos });
    for (const size of [4096, 1])
      for (;;)
        try {
          writeFileSync(join(disk, 'filler'), Buffer.alloc(size), { flag: 'a' });
        } catch {
          break;
        }
    await expect(sink.write(photo(0))).rejects.toMatchObject({
      code: 'storage-full',
      message: '0.txt cannot be written: the disk is full; make room and run it again.',
    });
    expect(readdirSync(disk).sort()).toEqual(['0.jpg', 'filler']);
  });
});
