import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseManifest } from '../manifest';
import { sha256, verify } from './verify';

const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
const hash = createHash('sha256').update(bytes).digest('hex');
const expected = { path: 'lm.safetensors', bytes: bytes.length, sha256: hash };

describe('verify', () => {
  it('hashes as every other SHA-256 does, also a view into a larger buffer', async () => {
    const view = new Uint8Array(2000).subarray(500, 1500);
    view.set(bytes);
    expect(await sha256(view)).toBe(hash);
    await expect(verify(view, expected, 'pocket')).resolves.toBeUndefined();
  });

  it('names the file, both hashes and the way to mend a flipped byte', async () => {
    const flipped = Uint8Array.from(bytes);
    flipped[500]! ^= 1;
    const actual = createHash('sha256').update(flipped).digest('hex');
    await expect(verify(flipped, expected, 'pocket')).rejects.toMatchObject({
      code: 'weights-corrupt',
      message: expect.stringMatching(/pocket\/lm\.safetensors.*git checkout -- models\/pocket/),
      details: { file: 'lm.safetensors', expected: hash, actual },
    });
  });

  it('tells a cut file by its size', async () => {
    await expect(verify(bytes.subarray(0, 10), expected, 'pocket')).rejects.toMatchObject({
      code: 'weights-corrupt',
      message: expect.stringMatching(/has 10 bytes, expected 1000/),
    });
  });
});

describe('parseManifest', () => {
  const good = {
    family: 'toy',
    version: '1',
    space: {
      name: 'toy',
      dim: 8,
      image: { size: 32, fit: 'squash', filter: 'bicubic', scale: 'x/127.5-1' },
      text: { context: 16, bos: 1, eos: 2 },
    },
    languageModel: { layers: 1, heads: 1, width: 8, vocabulary: 10, positions: 16, bos: 1, eos: 2 },
    files: { lm: expected },
    decoders: { clipcap: { prefix: 10, defaults: { beam: 5 } }, coca: {} },
    licence: 'ours',
    trainedOn: 'nothing',
  };
  const parse = (manifest: unknown) =>
    parseManifest(
      new TextEncoder().encode(typeof manifest === 'string' ? manifest : JSON.stringify(manifest)),
      'models/toy',
    );

  it('reads a manifest and fills in what is optional', () => {
    const manifest = parse(good);
    expect(manifest.decoders.clipcap).toMatchObject({ prefix: 10, input: 'unit', defaults: { beam: 5 } });
    expect(manifest.decoders.coca!.defaults).toEqual({});
    expect(manifest.metrics).toEqual({});
  });

  it.each([
    ['no JSON', '{', /not JSON/],
    ['a missing field', { ...good, space: undefined }, /space/],
    [
      'a path out of the folder',
      { ...good, files: { lm: { ...expected, path: '../../etc/passwd' } } },
      /files\.lm\.path/,
    ],
    ['a path that is the parent folder', { ...good, files: { lm: { ...expected, path: '..' } } }, /files\.lm\.path/],
    ['a hash that is none', { ...good, files: { lm: { ...expected, sha256: 'abc' } } }, /files\.lm\.sha256/],
    [
      'another filter',
      { ...good, space: { ...good.space, image: { ...good.space.image, filter: 'nearest' } } },
      /space\.image\.filter/,
    ],
  ])('refuses %s, naming the field', (_, manifest, message) => {
    expect(() => parse(manifest)).toThrow(expect.objectContaining({ code: 'weights-invalid' }));
    expect(() => parse(manifest)).toThrow(message);
  });
});
