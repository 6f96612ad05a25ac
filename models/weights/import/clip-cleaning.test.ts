import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cleanClipText } from '../../spaces/clip-cleaning';
import goldens from '../../spaces/goldens/clip-cleaning.json';
import { openTokenizer } from '../../spaces/tokenizer';
import { file } from './test-files';
import { clipTokenizer } from './tokenizers';

const merges = new URL('../../../../shared/data/tokenizers/clip/bpe_simple_vocab_16e6.txt.gz', import.meta.url);

describe.skipIf(!existsSync(merges))("CLIP's cleaning of text (needs ../shared/data)", () => {
  it('gives the ids of the original package for 500 hard strings', async () => {
    const bytes = new Uint8Array(readFileSync(merges));
    const tokenizer = openTokenizer(await clipTokenizer([file('bpe_simple_vocab_16e6.txt.gz', bytes)]));
    expect(goldens).toHaveLength(500);
    for (const { text, ids } of goldens) expect(tokenizer.encode(cleanClipText(text)), text).toEqual(ids);
    // Most of them are hard indeed: uncleaned they are other words.
    const other = goldens.filter(({ text, ids }) => String(tokenizer.encode(text)) !== String(ids));
    expect(other.length).toBeGreaterThan(250);
  });
});

it('leaves an ordinary caption as it is, but for its capitals', () => {
  expect(cleanClipText("A man's dog, two cats.")).toBe("a man's dog, two cats.");
  expect(cleanClipText('')).toBe('');
});
