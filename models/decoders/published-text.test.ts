import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import openClip from './coca/goldens/open-clip.json';
import printed from '../spaces/goldens/decode.json';
import { openTokenizer } from '../spaces/tokenizer';
import { file } from '../weights/import/test-files';
import { clipTokenizer, gpt2Tokenizer } from '../weights/import/tokenizers';
import { clipText, huggingFaceText, lowerCaseText, magicText, openClipText } from './published-text';

const shared = new URL('../../../shared/data/tokenizers/', import.meta.url);
const stored = (path: string) => file(path.split('/').pop()!, new Uint8Array(readFileSync(new URL(path, shared))));

describe.skipIf(!existsSync(shared))("the text of the authors' modes (needs ../shared/data)", () => {
  it("prints ids as transformers' GPT-2, OpenAI's CLIP and open_clip do: cleaned up, untrimmed, broken characters and all", async () => {
    const gpt2 = openTokenizer(await gpt2Tokenizer([stored('gpt2/tokenizer.json')]));
    for (const { ids, text } of printed.gpt2) expect(huggingFaceText(gpt2, ids), ids.join()).toBe(text);
    const clip = openTokenizer(await clipTokenizer([stored('clip/bpe_simple_vocab_16e6.txt.gz')]));
    for (const { ids, text } of printed.clip) expect(clipText(clip, ids), ids.join()).toBe(text);
    // Up to the first end token, which the others write on behind.
    printed.clip.forEach(({ ids }, row) => expect(openClipText(clip, ids), ids.join()).toBe(openClip.printed[row]));
    expect(openClip.printed).toHaveLength(printed.clip.length);
    expect(lowerCaseText(gpt2, gpt2.encode(' A Dog .'))).toBe(' a dog.');
  });

  it("names MAGIC's own two tokens, and leaves its begin token out of a caption", async () => {
    const bytes = await gpt2Tokenizer([stored('gpt2/tokenizer.json')], {
      '<-start_of_text->': 50257,
      '<-pad->': 50258,
    });
    const tokenizer = openTokenizer(bytes);
    const ids = [50257, ...tokenizer.encode(' a  dog .'), 50257];
    expect(huggingFaceText(tokenizer, ids)).toBe('<-start_of_text-> a  dog.<-start_of_text->');
    expect(magicText(tokenizer, ids)).toBe('a dog.');
    expect(magicText(tokenizer, [50257])).toBe('');
    // Of a family from before, whose tokenizer does not know them.
    expect(openTokenizer(await gpt2Tokenizer([stored('gpt2/tokenizer.json')])).decode(ids)).toBe('a  dog .');
  });
});
