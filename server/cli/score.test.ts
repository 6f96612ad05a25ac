import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openSink } from '../collections/sinks/open';
import { inProcess, jsonLines } from './test-cli';

const folder = mkdtempSync(join(tmpdir(), 'studio-score-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, content: unknown) =>
  writeFileSync(
    join(folder, name),
    typeof content === 'string' || content instanceof Buffer ? content : JSON.stringify(content),
  );
const score = async (candidates: string, references: string, ...flags: string[]) => {
  const { status, out, err } = await inProcess(
    ['score', '--candidates', candidates, '--references', references, '--json', ...flags],
    { cwd: folder },
  );
  return { status, err, scores: (out ? jsonLines(out)[0] : undefined) as Record<string, never> | undefined };
};

const captions = [
  ['a dog runs over green grass', 'the dog runs'],
  ['two men play football', 'men are playing a game'],
  ['a woman rides a red bike', 'someone on a bicycle'],
];
const said = ['a dog runs over green grass', 'two men play', 'a woman on a bike'];
const name = (i: number) => `COCO_val2014_00000000000${i}.jpg`;
file('captions_val2014.json', {
  images: captions.map((_, id) => ({ id, file_name: name(id) })),
  annotations: captions.flatMap((both, image_id) =>
    both.map((caption, i) => ({ image_id, id: 10 * image_id + i, caption })),
  ),
});
file('dataset.json', {
  images: captions.map((both, cocoid) => ({
    filename: name(cocoid),
    cocoid,
    split: cocoid < 2 ? 'test' : 'train',
    sentences: both.map((raw) => ({ raw })),
  })),
});
file('token.txt', captions.flatMap((both, i) => both.map((caption, n) => `${name(i)}#${n}\t${caption}`)).join('\n'));
file('lines.jsonl', captions.map((both, i) => JSON.stringify({ image: name(i), captions: both })).join('\n'));
file(
  'results.json',
  said.map((caption, image_id) => ({ image_id, caption })),
);
file('dictionary.json', Object.fromEntries(said.map((caption, i) => [name(i), [caption]])));
file('lanes.json', {
  clipcap: Object.fromEntries(said.map((caption, i) => [name(i), caption])),
  decap: Object.fromEntries(said.map((_, i) => [name(i), 'a dog'])),
});

describe('score', () => {
  it('gives the same for every layout of candidates and references', async () => {
    const { scores, err, status } = await score('dictionary.json', 'lines.jsonl');
    expect([status, err]).toEqual([0, '']);
    expect(scores).toMatchObject({ n: 3, distinct: 3, ciderD: expect.any(Number) });
    for (const candidates of ['results.json', 'dictionary.json'])
      for (const references of ['captions_val2014.json', 'dataset.json', 'token.txt', 'lines.jsonl'])
        expect((await score(candidates, references)).scores, `${candidates} against ${references}`).toEqual(scores);
    expect((await score('lanes.json', 'captions_val2014.json')).scores).toMatchObject({
      decoders: { clipcap: { ciderD: scores!.ciderD }, decap: { distinct: 1 } },
      tokenizer: 'ptb',
    });
    expect((await score('lanes.json', 'token.txt', '--lane', 'clipcap')).scores).toEqual(scores);
  });

  it('reads what a collection writes, in every format', async () => {
    const { scores } = await score('results.json', 'captions_val2014.json');
    const answers = said.map((caption, i) => ({
      ...{ key: name(i), path: `photos/${name(i)}`, family: 'pocket', familyHash: 'abc', device: 'cpu' },
      precision: 'fp32',
      rows: [
        { lane: 'clipcap', decoder: 'clipcap', options: {}, caption, similarity: 0.9 },
        { lane: 'decap', decoder: 'decap', options: {}, caption: 'a', similarity: 0.1 },
      ],
    }));
    const sources = answers.map(({ key, path }) => ({ key, path, stamp: '', read: async () => new Uint8Array(1) }));
    for (const out of ['out.jsonl', 'out.csv', 'out.json', 'out.parquet']) {
      const io = { cwd: folder, stdout: process.stdout };
      const sink = await openSink(io, out, { mode: 'new', lanes: ['clipcap', 'decap'], sources });
      for (const answer of answers) await sink.write(answer);
      await sink.finish();
      const flags = out === 'out.json' ? [] : ['--lane', 'clipcap'];
      expect((await score(out, 'captions_val2014.json', ...flags)).scores, out).toEqual(scores);
    }
    // What a decoder said may stand for references, where it is one decoder's.
    expect((await score('results.json', 'out.json')).scores).toMatchObject({ n: 3, rougeL: 1 });
  });

  it('of one image says why CIDEr is 0, and counts in another set where one is named', async () => {
    file('one.json', { [name(1)]: ['two men play'] });
    const alone = await score('one.json', 'lines.jsonl');
    expect(alone.scores).toMatchObject({ n: 1, ciderD: 0, cider: 0 });
    expect(alone.err).toMatch(/2 of 3 images with references have no candidate/);
    expect(alone.err).toMatch(/CIDEr and CIDEr-D of one image are 0.*--frequencies FILE/);
    const counted = await score('one.json', 'lines.jsonl', '--frequencies', 'captions_val2014.json');
    expect(counted.scores).toMatchObject({ n: 1, ciderD: expect.any(Number) });
    expect(counted.scores!.ciderD).toBeGreaterThan(1);
    expect(counted.err).not.toMatch(/CIDEr/);
    // The same frequencies as the whole set has of its own.
    const whole = await score('results.json', 'lines.jsonl');
    expect((await score('results.json', 'lines.jsonl', '--frequencies', 'token.txt')).scores).toEqual(whole.scores);
  });

  it('takes one split of the references', async () => {
    file('two.json', Object.fromEntries(said.slice(0, 2).map((caption, i) => [name(i), caption])));
    expect(await score('two.json', 'dataset.json', '--split', 'test')).toMatchObject({ scores: { n: 2 }, err: '' });
    expect(await score('two.json', 'dataset.json', '--split', 'val')).toMatchObject({
      status: 2,
      err: expect.stringMatching(/no split "val"\. It has test \(2\), train \(1\)/),
    });
  });

  it('tells what was left out and read otherwise, once and with the line', async () => {
    file(
      'empty.jsonl',
      captions.map((both, i) => JSON.stringify({ image: name(i), captions: i ? both : [both[0], ''] })).join('\n'),
    );
    expect(await score('dictionary.json', 'empty.jsonl')).toMatchObject({
      status: 0,
      err: 'empty.jsonl: 1 empty caption is left out (line 1).\n',
    });
    file('latin1.jsonl', Buffer.from('{"image":"a.jpg","captions":["un café noir"]}', 'latin1'));
    file('café.json', { 'a.jpg': ['un café noir'] });
    const latin = await score('café.json', 'latin1.jsonl');
    expect(latin.scores).toMatchObject({ bleu1: expect.closeTo(1, 6) });
    expect(latin.err).toMatch(/latin1\.jsonl, line 1: not UTF-8/);
  });

  it('refuses what cannot be joined, in words', async () => {
    file('strange.json', { 'x.jpg': ['a dog'], [name(0)]: ['a dog'] });
    expect(await score('strange.json', 'token.txt')).toMatchObject({
      status: 1,
      err: expect.stringMatching(
        /1 of 2 candidates have no reference: x\.jpg\. The references are of COCO_val2014_000000000000\.jpg/,
      ),
    });
    expect((await score('lanes.json', 'lanes.json')).err).toMatch(/captions of several decoders/);
  });
});
