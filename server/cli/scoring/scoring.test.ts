import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inProcess, jsonLines, root, SharedEngines } from '../test-cli';
import { drawPhotos } from '../test-photos';

const folder = mkdtempSync(join(tmpdir(), 'studio-scoring-'));
const at = (...names: string[]) => join(folder, ...names);
const engines = new SharedEngines();
const env = { ...process.env, STUDIO_DEVICE: 'cpu', STUDIO_INSTALLED_DIR: at('families') };
const studio = (...args: string[]) => inProcess(args, { cwd: folder, env, openEngine: engines.openEngine });
const write = (name: string, value: unknown) =>
  writeFileSync(at(name), typeof value === 'string' ? value : JSON.stringify(value));
type Scores = {
  n: number;
  ciderD: number;
  bleu4: number;
  diversity: Record<string, number>;
  clip?: {
    space: string;
    n: number;
    clipScore: number;
    refClipScore: number;
    optimised?: boolean;
    sameSpace?: boolean;
  };
  chair?: Record<string, number>;
};

beforeAll(async () => {
  await drawPhotos(folder, 3);
  write('refs.json', {
    '0.png': ['a man with a dog on a bench', 'a person and a dog'],
    '1.png': ['two boats in a harbour', 'boats on the water'],
    '2.png': ['a red car', 'a car is parked'],
  });
  write('one.json', { '0.png': ['a man with a dog'], '1.png': ['a boat and a cat'], '2.png': ['a red car'] });
  write('two.json', { '0.png': ['a cat'], '1.png': ['boats in a harbour'], '2.png': ['a blue bus'] });
}, 60_000);
afterAll(async () => {
  await engines.close();
  rmSync(folder, { recursive: true, force: true });
});
const both = ['score', '--candidates', 'one.json', '--candidates', 'two.json', '--references', 'refs.json'];

describe('score', { timeout: 120_000 }, () => {
  it('compares files as systems, with intervals, CHAIR, novelty and scores by image', async () => {
    write('trained.txt', 'A red car.\n');
    const extra = [
      '--bootstrap',
      '200',
      '--chair',
      'references',
      '--novelty',
      'trained.txt',
      '--per-image',
      'rows.jsonl',
    ];
    const { status, out, err } = await studio(...both, ...extra, '--json');
    expect([status, err]).toEqual([0, expect.stringMatching(/objects are those that the references mention/)]);
    const [report] = jsonLines(out) as unknown as {
      decoders: Record<string, Scores>;
      differences: { first: string; second: string; metric: string; low: number; difference: number; high: number }[];
    }[];
    const [one, two] = [report!.decoders['one.json']!, report!.decoders['two.json']!];
    // One: man, dog, boat, cat, car; the cat is not there. Two: cat, boats, bus.
    expect(one.chair).toEqual({ chairI: 1 / 5, chairS: 1 / 3, recall: 4 / 5, mentions: 5 });
    expect(two.chair).toEqual({ chairI: 2 / 3, chairS: 2 / 3, recall: 1 / 5, mentions: 3 });
    expect(one.diversity).toMatchObject({ vocabulary: 9, novelty: 2 / 3, length: 4.333333333333333 });
    const cider = report!.differences.find(({ metric }) => metric === 'ciderD')!;
    expect(cider.difference).toBeCloseTo(one.ciderD - two.ciderD, 12);
    expect(cider.low).toBeLessThanOrEqual(cider.difference);
    expect(cider.high).toBeGreaterThanOrEqual(cider.difference);
    const bleu = report!.differences.find(({ metric }) => metric === 'bleu4')!;
    expect(bleu.difference).toBeCloseTo(one.bleu4 - two.bleu4, 12);
    const rows = jsonLines(readFileSync(at('rows.jsonl'), 'utf8')) as { system: string; ciderD: number }[];
    expect(rows).toHaveLength(6);
    expect(rows[1]).toMatchObject({ image: '1.png', system: 'one.json', hallucinated: ['cat'] });
    const own = rows.filter(({ system }) => system === 'one.json');
    expect(own.reduce((sum, row) => sum + row.ciderD, 0) / 3).toBeCloseTo(one.ciderD, 12);
    await studio(...both, '--per-image', 'rows.csv');
    expect(readFileSync(at('rows.csv'), 'utf8')).toMatch(
      /^image,system,caption,bleu1,.*\r\n0\.png,one\.json,a man with a dog,/,
    );
  });

  it('tells how varied several captions of an image are', async () => {
    write('many.json', { '0.png': ['a dog', 'a dog', 'a dog'], '1.png': ['two boats', 'a harbour', 'water'] });
    const { out } = await studio('score', '--candidates', 'many.json', '--references', 'refs.json', '--json');
    const [{ diversity }] = jsonLines(out) as unknown as [Scores];
    expect(diversity).toMatchObject({ images: 2, div1: expect.closeTo((2 / 6 + 5 / 5) / 2, 6) });
    expect(diversity.selfCider).toBeGreaterThan(0.4);
  });

  it('reads objects of COCO and of lines beside the references, and leaves out what is none', async () => {
    write('instances.json', {
      images: [{ id: 7, file_name: '1.png' }],
      annotations: [{ image_id: 7, category_id: 17 }],
      categories: [{ id: 17, name: 'cat' }],
    });
    write('objects.jsonl', '{"image":"1.png","objects":["cat",{"name":"unicorn"}]}\n');
    for (const file of ['instances.json', 'objects.jsonl']) {
      const { out, err } = await studio(...both, '--chair', file, '--json');
      const [{ decoders }] = jsonLines(out) as unknown as [{ decoders: Record<string, Scores> }];
      expect(decoders['one.json']!.chair).toMatchObject({ chairI: 0, chairS: 0 });
      expect(err).toMatch(/2 of 3 images have no annotations/);
      if (file === 'objects.jsonl') expect(err).toMatch(/names unicorn, which are none of COCO's 80 objects/);
    }
  });

  it('writes tables for a README and for a paper', async () => {
    const markdown = (await studio(...both, '--bootstrap', '50', '--chair', 'references', '--table', 'markdown')).out;
    expect(markdown).toMatch(/^\| system \| n \| BLEU-1 \|.*\n\|---\|---:\|.*\n\| one\.json \| 3 \| \*\*/);
    expect(markdown).toMatch(/\| one\.json - two\.json \| CIDEr-D \| \S+ \| -?[\d.]+ to [\d.]+ \| 0\.\d{3} \|/);
    write('a_b%.json', readFileSync(at('one.json'), 'utf8'));
    const latex = (
      await studio(
        'score',
        '--candidates',
        'a_b%.json',
        '--candidates',
        'two.json',
        '--references',
        'refs.json',
        '--table',
        'latex',
      )
    ).out;
    expect(latex).toMatch(/^\\begin\{tabular\}\{lr+\}\n\\toprule\nsystem & n & BLEU-1/);
    expect(latex).toMatch(/a\\_b\\%\.json & 3 & \\textbf\{[\d.]+\}/);
    expect(latex.trim()).toMatch(/\\end\{tabular\}$/);
  });

  it('scores CLIPScore by a named space: 2.5 times the cosine, and says where the search optimised it', async () => {
    const lanes = ['--decoder', 'clipcap,iterative', '--json'];
    const said = await studio('caption', '0.png', '1.png', '2.png', ...lanes);
    write('said.jsonl', said.out);
    const args = ['score', '--candidates', 'said.jsonl', '--references', 'refs.json', '--json'];
    const { out, err } = await studio(...args, '--clip', 'pocket', '--images', '.', '--per-image', 'clip.jsonl');
    const [{ decoders }] = jsonLines(out) as unknown as [{ decoders: Record<string, Scores> }];
    expect(decoders.iterative!.clip).toMatchObject({ space: 'pocket', n: 3, optimised: true, sameSpace: true });
    expect(err).toMatch(/iterative: the search optimised the cosine in pocket, so that CLIPScore there ranks nothing/);
    const rows = jsonLines(readFileSync(at('clip.jsonl'), 'utf8')) as {
      image: string;
      caption: string;
      clipScore: number;
      refClipScore: number;
    }[];
    const references = JSON.parse(readFileSync(at('refs.json'), 'utf8')) as Record<string, string[]>;
    const embedded = async (...of: string[]) =>
      (JSON.parse((await studio('embed', ...of)).out) as { values: number[] }).values;
    const cosine = (a: number[], b: number[]) =>
      a.reduce((sum, v, i) => sum + v * b[i]!, 0) / Math.hypot(...a) / Math.hypot(...b);
    const text = (words: string) => embedded('--text', `A photo depicts ${words}`);
    for (const row of rows.slice(0, 3)) {
      const mine = await text(row.caption);
      const clip = 2.5 * Math.max(0, cosine(await embedded(row.image), mine));
      expect(row.clipScore).toBeCloseTo(clip, 5);
      const texts = await Promise.all(references[row.image]!.map(text));
      const best = Math.max(0, ...texts.map((one) => cosine(mine, one)));
      expect(row.refClipScore).toBeCloseTo(clip + best ? (2 * clip * best) / (clip + best) : 0, 5);
    }
    expect(rows.some(({ refClipScore: value }) => value > 0)).toBe(true);
  });

  it('finds another space to referee, and says where there is none', async () => {
    const args = [
      'score',
      '--candidates',
      'said.jsonl',
      '--references',
      'refs.json',
      '--images',
      '.',
      '--clip',
      'auto',
      '--json',
    ];
    const none = await studio(...args);
    expect([none.status, none.err]).toEqual([
      0,
      expect.stringMatching(/No CLIPScore: no family with a space of its own/),
    ]);
    expect(JSON.stringify(jsonLines(none.out)[0])).not.toContain('clipScore');
    // The same weights under another name of the space.
    mkdirSync(at('families'));
    cpSync(join(root, 'models', 'pocket'), at('families', 'other'), { recursive: true });
    const manifest = JSON.parse(readFileSync(at('families', 'other', 'manifest.json'), 'utf8')) as {
      family: string;
      space: { name: string };
    };
    writeFileSync(
      at('families', 'other', 'manifest.json'),
      JSON.stringify({ ...manifest, family: 'other', space: { ...manifest.space, name: 'other' } }),
    );
    const found = await studio(...args);
    const [{ decoders }] = jsonLines(found.out) as unknown as [{ decoders: Record<string, Scores> }];
    expect(decoders.clipcap!.clip).toEqual({
      space: 'other',
      n: 3,
      clipScore: expect.any(Number),
      refClipScore: expect.any(Number),
    });
    expect(found.err).not.toMatch(/ranks nothing/);
    // Whose captions these are, the file does not tell.
    const unknown = await studio(
      'score',
      '--candidates',
      'one.json',
      '--references',
      'refs.json',
      '--images',
      '.',
      '--clip',
      'pocket',
    );
    expect(unknown.err).toMatch(/nothing tells whose decoders wrote them/);
  });

  it.each([
    [['--table', 'html'], /--table is "html"; expected markdown or latex/],
    [['--table', 'latex', '--json'], /Give --json, or --table/],
    [['--bootstrap', '0'], /--bootstrap is "0"/],
    [['--per-image', 'x.txt'], /ends in \.jsonl or \.csv/],
    [['--clip', 'pocket'], /name their folder or archive by --images/],
    [['--clip', 'nobody', '--images', '.'], /nobody/],
    [['--clip', 'pocket', '--images', 'empty'], /None of the 3 images that are scored is in empty/],
    [['--chair', 'one.json'], /expected COCO's instances/],
    [['--chair', 'strangers.jsonl'], /None of the 3 images is annotated/],
    [['--novelty', 'nothing.txt'], /holds no caption/],
  ] as [string[], RegExp][])('refuses %j in words', async (args, message) => {
    mkdirSync(at('empty'), { recursive: true });
    write('strangers.jsonl', '{"image":"x.png","objects":["cat"]}');
    write('nothing.txt', '\n');
    const { status, err } = await studio(...both, ...args);
    expect(status).toBeGreaterThan(0);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n\s+at /);
  });
});

describe('evaluate', { timeout: 120_000 }, () => {
  it('has the same scores, and compares its decoders', async () => {
    const extra = ['--bootstrap', '50', '--chair', 'references', '--clip', 'pocket', '--per-image', 'lanes.jsonl'];
    const { status, out, err } = await studio(
      ...[
        'evaluate',
        '--images',
        '.',
        '--references',
        'refs.json',
        '--decoder',
        'clipcap,iterative',
        ...extra,
        '--json',
      ],
    );
    expect(status).toBe(0);
    const [report] = jsonLines(out) as unknown as [
      { decoders: Record<string, Scores & { similarity: number }>; differences: { first: string; second: string }[] },
    ];
    expect(report.decoders.iterative!.clip).toMatchObject({ optimised: true, n: 3 });
    expect(report.decoders.clipcap!.similarity).toBeGreaterThan(0);
    expect(report.differences[0]).toMatchObject({ first: expect.any(String), second: expect.any(String), images: 3 });
    expect(err).toMatch(/iterative: the search optimised the cosine/);
    expect(jsonLines(readFileSync(at('lanes.jsonl'), 'utf8'))).toHaveLength(6);
  });
});
