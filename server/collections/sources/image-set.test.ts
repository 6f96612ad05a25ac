import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { afterAll, describe, expect, it } from 'vitest';
import { imageSet } from './image-set';

const folder = mkdtempSync(join(tmpdir(), 'studio-images-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Entry = [Partial<Header> & { name: string }, string?];
async function tar(...entries: Entry[]): Promise<Buffer> {
  const archive = pack();
  const whole = buffer(archive);
  for (const [header, content] of entries) archive.entry(header, content ?? '');
  archive.finalize();
  return whole;
}

/** Reads on until the end or the error; `told` is what a person would see. */
async function read(path: string, ...wanted: string[]) {
  const told: string[] = [];
  const found: Record<string, string> = {};
  let error: unknown;
  try {
    for await (const { name, path: inside, bytes } of imageSet(
      { cwd: '/', stdin: process.stdin },
      path,
      new Set(wanted),
      (line) => told.push(line),
    ))
      found[name] = `${inside}: ${Buffer.from(bytes).toString()}`;
  } catch (thrown) {
    error = thrown;
  }
  return { found, told: told.join('\n'), error };
}
async function readTar(bytes: Uint8Array, ...wanted: string[]) {
  const path = join(folder, 'images.tar');
  writeFileSync(path, bytes);
  return read(path, ...wanted);
}

describe('an archive', () => {
  it('of files that share a name: the path of the reference decides', async () => {
    const bytes = await tar(
      [{ name: './a/x.jpg' }, 'first'],
      [{ name: './b/x.jpg' }, 'second'],
      [{ name: 'y.jpg' }, 'y'],
    );
    expect(await readTar(bytes, 'a/x.jpg', 'b/x.jpg', 'photos/y.jpg')).toEqual({
      found: { 'a/x.jpg': 'a/x.jpg: first', 'b/x.jpg': 'b/x.jpg: second', 'photos/y.jpg': 'y.jpg: y' },
      told: '',
      error: undefined,
    });
    expect((await readTar(bytes, 'b/x.jpg')).found).toEqual({ 'b/x.jpg': 'b/x.jpg: second' });
    const { found, told } = await readTar(bytes, 'x.jpg');
    expect(found).toEqual({ 'x.jpg': 'a/x.jpg: first' });
    expect(told).toMatch(/x\.jpg may be a\/x\.jpg or b\/x\.jpg.*The first of each is taken.*path decides/);
  });

  it('does not give a photo of another folder in place of one that is missing', async () => {
    const { found, told } = await readTar(await tar([{ name: 'a/x.jpg' }, 'first']), 'a/x.jpg', 'b/x.jpg');
    expect([found, told]).toEqual([{ 'a/x.jpg': 'a/x.jpg: first' }, '']);
    const flat = await readTar(await tar([{ name: 'x.jpg' }, 'one']), 'a/x.jpg', 'b/x.jpg');
    expect([flat.found, flat.told]).toEqual([
      {},
      expect.stringMatching(/a\/x\.jpg may be x\.jpg, which others may be/),
    ]);
  });

  it('in which a path comes twice gives the later one, as unpacking does', async () => {
    const { found } = await readTar(await tar([{ name: 'x.jpg' }, 'old'], [{ name: 'x.jpg' }, 'new']), 'x.jpg');
    expect(found).toEqual({ 'x.jpg': 'x.jpg: new' });
  });

  it('with links: hard and symbolic ones, and links to links, give the file that they lead to', async () => {
    const { found, told } = await readTar(
      await tar(
        [{ name: 'real/a.jpg' }, 'a'],
        [{ name: 'b.jpg', type: 'link', linkname: 'real/a.jpg' }],
        [{ name: 'sets/c.jpg', type: 'symlink', linkname: '../b.jpg' }],
        [{ name: 'd.jpg', type: 'symlink', linkname: '/elsewhere/d.jpg' }],
        [{ name: 'e.jpg', type: 'symlink', linkname: 'e.jpg' }],
      ),
      'b.jpg',
      'c.jpg',
      'd.jpg',
      'e.jpg',
    );
    expect(found).toEqual({ 'b.jpg': 'b.jpg: a', 'c.jpg': 'sets/c.jpg: a' });
    expect(told).toMatch(
      /d\.jpg is a link to \/elsewhere\/d\.jpg, e\.jpg is a link to e\.jpg, which the archive does not/,
    );
  });

  it('with folders, long names, pax headers and what macOS adds', async () => {
    const long = `${'folder/'.repeat(30)}${'n'.repeat(120)}.jpg`;
    const { found, told, error } = await readTar(
      await tar(
        [{ name: 'photos', type: 'directory' }],
        [{ name: 'photos/._x.jpg' }, 'resource fork'],
        [{ name: 'photos/x.jpg', pax: { comment: 'a note' } }, 'x'],
        [{ name: long }, 'long'],
        [{ name: 'photos/käse.jpg'.normalize('NFD') }, 'nfd'],
      ),
      'x.jpg',
      long,
      'käse.jpg'.normalize('NFC'),
      '._x.jpg',
    );
    expect([told, error]).toEqual(['', undefined]);
    expect(Object.keys(found)).toHaveLength(3);
    expect(found[long]).toBe(`${long}: long`);
  });

  it("packed by GNU's tar with its own long names", async () => {
    const name = `${'n'.repeat(180)}.jpg`;
    writeFileSync(join(folder, name), 'gnu');
    let bytes: Buffer;
    try {
      bytes = execFileSync('tar', ['--format=gnu', '-C', folder, '-cf', '-', `./${name}`], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    } catch {
      // Another tar than GNU's; the same layout by hand: a header of the type L holds the name.
      const header = await tar([{ name: 'short.jpg' }, 'gnu']);
      const long = await tar([{ name: '././@LongLink' }, `./${name}\0`]);
      long[156] = 'L'.charCodeAt(0);
      long.write('ustar  \0', 257, 'latin1');
      long.write('        ', 148, 'latin1');
      long.write(
        long
          .subarray(0, 512)
          .reduce((sum, byte) => sum + byte, 0)
          .toString(8)
          .padStart(6, '0') + '\0 ',
        148,
        'latin1',
      );
      bytes = Buffer.concat([long.subarray(0, 1024), header]);
    }
    expect((await readTar(bytes, name)).found).toEqual({ [name]: `${name}: gnu` });
  });

  it('finds images of COCO by their ids', async () => {
    const { found } = await readTar(await tar([{ name: 'val2014/COCO_val2014_000000391895.jpg' }, 'x']), '391895');
    expect(found).toEqual({ 391895: 'val2014/COCO_val2014_000000391895.jpg: x' });
  });
});

describe('an archive that is damaged gives what is whole, then names the byte', () => {
  const photos = async () => tar([{ name: '0.jpg' }, 'zero'], [{ name: '1.jpg' }, 'one'], [{ name: '2.jpg' }, 'two']);

  it('where junk follows', async () => {
    const whole = (await photos()).subarray(0, 3072);
    const { found, error } = await readTar(
      Buffer.concat([whole, Buffer.alloc(700, 'junk')]),
      '0.jpg',
      '1.jpg',
      '2.jpg',
    );
    expect(Object.keys(found)).toEqual(['0.jpg', '1.jpg', '2.jpg']);
    expect(error).toMatchObject({
      code: 'file-unreadable',
      message: expect.stringMatching(/images\.tar is damaged at byte 3072: after 2\.jpg comes/),
      details: { offset: 3072 },
    });
  });

  it('where it is cut inside a photo', async () => {
    const { found, error } = await readTar((await photos()).subarray(0, 2562), '0.jpg', '1.jpg', '2.jpg');
    expect(Object.keys(found)).toEqual(['0.jpg', '1.jpg']);
    expect(error).toMatchObject({ message: expect.stringMatching(/at byte 2562: it is cut short inside 2\.jpg/) });
  });

  it('where it is cut inside a header', async () => {
    const { found, error } = await readTar((await photos()).subarray(0, 2100), '0.jpg', '1.jpg', '2.jpg');
    expect(Object.keys(found)).toEqual(['0.jpg', '1.jpg']);
    expect(error).toMatchObject({ details: { offset: 2048 } });
  });

  it('where it is cut between two photos, which can only be supposed', async () => {
    const { found, told, error } = await readTar((await photos()).subarray(0, 2048), '0.jpg', '1.jpg', '2.jpg');
    expect([Object.keys(found), error]).toEqual([['0.jpg', '1.jpg'], undefined]);
    expect(told).toMatch(/may be cut short after 1\.jpg/);
  });

  it('where it is compressed with gzip, and cut or dirty', async () => {
    expect((await readTar(gzipSync(await photos()), '0.jpg', '2.jpg')).found).toEqual({
      '0.jpg': '0.jpg: zero',
      '2.jpg': '2.jpg: two',
    });
    const noise = randomBytes(300_000).toString('hex');
    const packed = gzipSync(await tar([{ name: '0.jpg' }, 'zero'], [{ name: '1.jpg' }, noise], [{ name: '2.jpg' }]));
    const middle = packed.length >> 1;
    const cut = await readTar(packed.subarray(0, middle), '0.jpg', '1.jpg', '2.jpg');
    expect([cut.found, cut.error]).toEqual([
      { '0.jpg': '0.jpg: zero' },
      expect.objectContaining({ message: expect.stringMatching(/it is cut short inside 1\.jpg/) as string }),
    ]);
    packed.fill(0xff, middle, middle + 100);
    const dirty = await readTar(packed, '0.jpg', '1.jpg', '2.jpg');
    expect([dirty.found, dirty.error]).toEqual([
      { '0.jpg': '0.jpg: zero' },
      expect.objectContaining({
        message: expect.stringMatching(/damaged at byte \d+ of what it unpacks to/) as string,
      }),
    ]);
  });

  it.each([
    ['compressed', async () => Buffer.from('BZh91AY'), /compressed with bzip2.*bunzip2/],
    ['no archive', async () => Buffer.from('these are notes'), /no \.tar archive \(there is no header at byte 0\)/],
  ])('and one that is %s is refused in words', async (_, make, message) => {
    const { error } = await readTar(await make(), '0.jpg');
    expect(error).toMatchObject({ code: 'file-unreadable', message: expect.stringMatching(message) });
  });
});

describe('a folder', () => {
  it('is looked through for names that are not at its top; paths decide there too', async () => {
    const root = join(folder, 'photos');
    for (const path of ['top.jpg', 'a/x.jpg', 'b/x.jpg', 'b/._y.jpg', 'b/y.jpg']) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), path);
    }
    symlinkSync('top.jpg', join(root, 'linked.jpg'));
    const { found, told } = await read(root, 'y.jpg', 'linked.jpg', 'top.jpg', 'b/x.jpg', 'gone.jpg');
    expect([found, told]).toEqual([
      {
        'y.jpg': 'b/y.jpg: b/y.jpg',
        'linked.jpg': 'linked.jpg: top.jpg',
        'top.jpg': 'top.jpg: top.jpg',
        'b/x.jpg': 'b/x.jpg: b/x.jpg',
      },
      '',
    ]);
    expect((await read(root, 'x.jpg')).told).toMatch(/x\.jpg may be a\/x\.jpg or b\/x\.jpg/);
    expect((await read(join(folder, 'nowhere'), 'x.jpg')).error).toMatchObject({ code: 'file-unreadable' });
  });
});
