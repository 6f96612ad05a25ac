import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openTokenizer } from '../../spaces/tokenizer';
import { file } from './test-files';
import { clipTokenizer, gpt2Tokenizer } from './tokenizers';

const shared = new URL('../../../../shared/data/tokenizers/', import.meta.url);
const stored = (path: string) => file(path.split('/').pop()!, new Uint8Array(readFileSync(new URL(path, shared))));

describe.skipIf(!existsSync(shared))('published tokenizers (need ../shared/data)', () => {
  it("makes CLIP's from OpenAI's file of merges: known ids, lower case, words with their spaces", async () => {
    const tokenizer = openTokenizer(await clipTokenizer([stored('clip/bpe_simple_vocab_16e6.txt.gz')]));
    expect(tokenizer.encode('a photo of a  Cat')).toEqual([320, 1125, 539, 320, 2368]);
    expect(tokenizer.encode('hello world!')).toEqual([3306, 1002, 256]);
    expect(tokenizer.decode([49406, ...tokenizer.encode('a dog in the air.'), 49407])).toBe('a dog in the air .');
  });

  it("makes GPT-2's from vocab.json and merges.txt, the same as its tokenizer.json", async () => {
    const made = openTokenizer(await gpt2Tokenizer([stored('gpt2/vocab.json'), stored('gpt2/merges.txt')]));
    const whole = openTokenizer(await gpt2Tokenizer([stored('gpt2/tokenizer.json')]));
    for (const text of [
      'A man riding a wave on top of a surfboard.',
      "It's 3 o'clock; naïve café — déjà vu",
      '  two  spaces',
    ])
      expect(made.encode(text)).toEqual(whole.encode(text));
    expect(made.encode('A dog runs.')).toEqual([32, 3290, 4539, 13]);
  });

  it('refuses a gzip that is cut or is none', async () => {
    const bytes = new Uint8Array(readFileSync(new URL('clip/bpe_simple_vocab_16e6.txt.gz', shared)));
    await expect(clipTokenizer([file('bpe_simple_vocab_16e6.txt.gz', bytes.subarray(0, 1000))])).rejects.toThrow(
      /no sound gzip|not CLIP's tokenizer/,
    );
  });
});

describe('a tokenizer of another model', () => {
  it('is refused by the ids of tokens that every copy has', async () => {
    await expect(gpt2Tokenizer([file('tokenizer.json', '{"model":{"vocab":{".":5}}}')])).rejects.toMatchObject({
      code: 'weights-invalid',
      message: expect.stringMatching(/not GPT-2's tokenizer/) as string,
    });
    await expect(gpt2Tokenizer([file('vocab.json', '{}')])).rejects.toMatchObject({
      code: 'option-invalid',
      message: expect.stringMatching(/merges\.txt is missing/) as string,
    });
  });
});
