import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ptbTokens, ptbTokensOfAll } from './ptb-tokenizer';

type Golden = { together: [string, string][]; alone: [string, string][]; published: [string, number, string][] };
/** Answers of the tokenizer of the COCO evaluation; goldens/make.py asks it. */
const golden = JSON.parse(readFileSync(new URL('goldens/ptb.json', import.meta.url), 'utf8')) as Golden;

describe('words as the COCO evaluation splits them', () => {
  it('of hard strings below each other in one file', () => {
    const words = ptbTokensOfAll(golden.together.map(([text]) => text));
    const ours = golden.together.map(([text], i) => [text, words[i]!.join(' ')]);
    expect(golden.together.length).toBeGreaterThan(1900);
    expect(ours).toEqual(golden.together);
  });

  it('of strings that nothing follows', () => {
    expect(golden.alone.map(([text]) => [text, ptbTokens(text).join(' ')])).toEqual(golden.alone);
  });

  it('a stop after an abbreviation depends on the next line', () => {
    expect(ptbTokens('it belongs to Market Inc.', 'A dog\n')).toEqual(ptbTokens('it belongs to Market Inc.'));
    expect(ptbTokensOfAll(['cats and dogs in the U.S.', 'The end'])[0]).toEqual([
      'cats',
      'and',
      'dogs',
      'in',
      'the',
      'u.s.',
    ]);
    expect(ptbTokensOfAll(['I.', 'The end'])[0]).toEqual(['i']);
    expect(ptbTokensOfAll(['I.', 'the end'])[0]).toEqual(['i.']);
  });

  it('takes any text: broken surrogates, controls, very long words', () => {
    expect(ptbTokens('a\ud83d b\u0000c \udc00')).toEqual(['a', 'b', 'c']);
    expect(ptbTokens('x'.repeat(20_000))).toHaveLength(1);
    expect(ptbTokens(`${'a.'.repeat(5_000)} ${'-'.repeat(5_000)} ${'<a '.repeat(2_000)}`).length).toBeGreaterThan(3);
    expect(ptbTokens(' \t\r\n')).toEqual([]);
  });
});

const data = new URL('../../../shared/data/', import.meta.url);
describe.skipIf(!existsSync(new URL('metrics', data)))('words of published captions (needs ../shared/data)', () => {
  const read = (path: string) => readFileSync(new URL(path, data), 'utf8');
  /** Captions by the name that goldens/make.py gives them. */
  const captions = (name: string): string[] => {
    const [file, field] = name.split(' ') as [string, string];
    if (file.startsWith('magic-')) {
      const images = JSON.parse(read(`metrics/${file}.json`)) as Record<string, string | string[]>[];
      return images.flatMap((image) => image[field]!);
    }
    const rows = read(`text/${file}.jsonl`).trim().split('\n');
    return rows.flatMap((row) => (JSON.parse(row) as { captions: string[] }).captions).slice(0, Number(field));
  };

  // All 312,114 captions of the two larger files take a minute or two: STUDIO_ALL_CAPTIONS=1.
  const most = process.env.STUDIO_ALL_CAPTIONS ? Infinity : 30_000;
  it.each(golden.published.filter(([, count]) => count <= most))(
    '%s: all %i alike',
    (name, count, sha256) => {
      const texts = captions(name);
      expect(texts).toHaveLength(count);
      const lines = ptbTokensOfAll(texts).map((words) => words.join(' '));
      expect(createHash('sha256').update(lines.join('\n')).digest('hex')).toBe(sha256);
    },
    300_000,
  );
});
