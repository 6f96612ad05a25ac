import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSources } from '../sources/open';
import { openSidecar } from './sidecar';
import type { Answered, SidecarWishes } from './types';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'studio-sidecar-'));
  for (const name of ['a.jpg', 'sub/b.c.png', 'd.jpg']) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), name);
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const photo = (key: string, ...captions: [string, number][]): Answered => ({
  key,
  path: key,
  family: 'pocket',
  familyHash: 'abc',
  device: 'cpu',
  precision: 'fp32',
  rows: captions.map(([caption, similarity], i) => ({
    lane: `lane${i}`,
    decoder: `lane${i}`,
    options: {},
    caption,
    similarity,
  })),
});
const photos = [photo('a.jpg', ['low', 0.1], ['high', 0.2]), photo('sub/b.c.png', ['b', 0.1]), photo('d.jpg')];
const open = async (mode: SidecarWishes['mode'], more: Partial<SidecarWishes> = {}, inputs = ['.']) => {
  const { sources } = await openSources({ cwd: folder, stdin: process.stdin }, { inputs, addresses: 'off' });
  return openSidecar({ mode, lanes: [], sources, ...more });
};
async function write(mode: SidecarWishes['mode'], more: Partial<SidecarWishes> = {}) {
  const sink = await open(mode, more);
  for (const answer of photos) if (!sink.done.has(answer.key)) await sink.write(answer);
  await sink.finish();
  return sink;
}
const text = (name: string) => readFileSync(join(folder, name), 'utf8');
const refused = (work: Promise<unknown>, message: RegExp) =>
  expect(work).rejects.toMatchObject({
    code: 'option-invalid',
    message: expect.stringMatching(message) as string,
  });

it('is the best caption beside each photo, between prefix and suffix; a photo without one gets none', async () => {
  await write('overwrite', { prefix: 'a photo: ', suffix: '!' });
  expect([text('a.txt'), text('sub/b.c.txt')]).toEqual(['a photo: high!\n', 'a photo: b!\n']);
  expect(readdirSync(folder).sort()).toEqual(['a.jpg', 'a.txt', 'd.jpg', 'sub']);
});

it('that is there already is kept, added to once, or replaced', async () => {
  writeFileSync(join(folder, 'a.txt'), 'mine');
  writeFileSync(join(folder, 'sub/b.c.txt'), '');
  const { done, tell } = await write('skip');
  expect([...done]).toEqual(['a.jpg']);
  expect(tell).toEqual(['1 of 3 photos have a text beside them, which is kept.']);
  expect([text('a.txt'), text('sub/b.c.txt')]).toEqual(['mine', 'b\n']);
  await write('append');
  await write('append');
  expect([text('a.txt'), text('sub/b.c.txt')]).toEqual(['mine\nhigh\n', 'b\n']);
  await write('overwrite');
  expect(text('a.txt')).toBe('high\n');
});

it('is refused at once where it cannot lie', async () => {
  writeFileSync(join(folder, 'a.png'), 'same name');
  await refused(open('skip'), /a\.jpg and a\.png would have the same text beside them \(a\.txt\)/);
  rmSync(join(folder, 'a.png'));
  writeFileSync(join(folder, 'photo.txt'), 'a photo by its bytes');
  await refused(open('skip', {}, ['photo.txt']), /photo\.txt would be written over it/);
  const [source] = (await openSources({ cwd: folder, stdin: process.stdin }, { inputs: ['a.jpg'], addresses: 'off' }))
    .sources;
  const member = { key: 'x', path: 's.tar:x.jpg', stamp: '1', read: () => source!.read() };
  await refused(open('skip', { sources: [member] }), /No text can lie beside s\.tar:x\.jpg.*--out/);
});

it('leaves out what a list names and is not there', async () => {
  const sink = await open('skip', {}, ['a.jpg', 'gone.jpg']);
  await sink.write(photos[0]!);
  expect(text('a.txt')).toBe('high\n');
});
