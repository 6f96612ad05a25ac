import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { wordTokenizer } from '../decoders/goldens/word-tokenizer';
import { golden, smallCocaFamily } from '../test-open-clip-coca';
import { openTokenizer } from './tokenizer';

const pocket = new URL('../pocket/tokenizer.json', import.meta.url);
const gpt2 = new URL('../../../shared/data/tokenizers/gpt2/tokenizer.json', import.meta.url);

it('leaves out words that a vocabulary of whole words lacks', () => {
  const words = openTokenizer(new TextEncoder().encode(JSON.stringify(wordTokenizer(['one', 'two', 'three']))));
  expect(words.encode('three more two')).toEqual([2, 1]);
});

it('gives a token of CLIP with the space that ends its word, so that tokens side by side are the caption', async () => {
  const files = await smallCocaFamily('small-coca');
  const clip = openTokenizer(files['coca-printed.json']!);
  const { group, text } = golden.pictures[1]!;
  expect(group.map((id) => clip.token(id)).join('')).toBe(text.group);
  // Begin and end say nothing.
  expect([golden.start, golden.stop].map((id) => clip.token(id))).toEqual(['', '']);
});

describe("the pocket family's tokenizer", () => {
  const tokenizer = openTokenizer(new Uint8Array(readFileSync(pocket)));

  it.each([
    'a brown dog is running through the snow',
    "two men don't look at the camera",
    'a black-and-white cat',
    'zyzzyva 42',
  ])('%s: there and back', (text) => {
    const ids = tokenizer.encode(text);
    expect(tokenizer.decode(ids)).toBe(text);
    expect(
      ids
        .map((id) => tokenizer.token(id))
        .join('')
        .trim(),
    ).toBe(text);
  });

  it('lower-cases, adds no special token and leaves specials out of words', () => {
    expect(tokenizer.encode('A DOG')).toEqual(tokenizer.encode('a dog'));
    expect(tokenizer.decode([1, ...tokenizer.encode('a dog'), 2])).toBe('a dog');
    expect(tokenizer.size).toBe(6000);
  });

  it('keeps common caption words whole', () =>
    expect(tokenizer.encode('a dog runs on the grass with a ball')).toHaveLength(9));

  it('refuses what is no tokenizer', () =>
    expect(() => openTokenizer(new TextEncoder().encode('{'))).toThrow(/not JSON/));
  it('refuses JSON that describes none', () =>
    expect(() => openTokenizer(new TextEncoder().encode('{"version":"1.0"}'))).toThrow(
      expect.objectContaining({ code: 'weights-invalid', message: expect.stringMatching(/describes no tokenizer/) }),
    ));
});

describe.skipIf(!existsSync(gpt2))("GPT-2's tokenizer (needs ../shared/data)", () => {
  it('gives the known ids', () => {
    const tokenizer = openTokenizer(new Uint8Array(readFileSync(gpt2)));
    expect(tokenizer.encode('A dog runs.')).toEqual([32, 3290, 4539, 13]);
    expect(tokenizer.decode([32, 3290, 4539, 13])).toBe('A dog runs.');
  });
});
