import { spawn } from 'node:child_process';
import {
  copyFileSync,
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import sharp from 'sharp';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inProcess, jsonLines, program, root, SharedEngines, spawned } from './test-cli';

const folder = mkdtempSync(join(tmpdir(), 'studio-cli-'));
const at = (name: string) => join(folder, name);
const engines = new SharedEngines();

const env = { ...process.env, STUDIO_DEVICE: 'cpu', DATABASE_URL: `file:${at('studio.db')}` };

/** The command line in this process, with an engine that all of these tests share. */
const studio = (...args: string[]) => inProcess(args, { env, openEngine: engines.openEngine });
const lines = (out: string) => jsonLines(out) as Record<string, never>[];

beforeAll(async () => {
  const scene = (sky: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="150"><rect width="200" height="75" fill="${sky}"/><rect y="75" width="200" height="75" fill="#4c8b3b"/><circle cx="100" cy="90" r="30" fill="#6b4423"/></svg>`;
  await sharp(Buffer.from(scene('#8ec5f0')))
    .jpeg()
    .toFile(at('day.jpg'));
  await sharp(Buffer.from(scene('#203040')))
    .png()
    .toFile(at('night.png'));
  writeFileSync(at('notes.jpg'), 'not a picture');
  writeFileSync(
    at('references.jsonl'),
    ['day.jpg', 'night.png']
      .map((image) => JSON.stringify({ image, captions: ['a brown ball on green grass', 'a ball lies in a field'] }))
      .join('\n'),
  );
});
afterAll(async () => {
  await engines.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('caption', () => {
  it('prints one object a photo, names the one it cannot read, goes on, and ends with status 1', async () => {
    const { status, out } = await studio('caption', at('day.jpg'), at('notes.jpg'), at('night.png'), '--json');
    expect(status).toBe(1);
    const [day, notes, night] = lines(out) as unknown as Record<string, unknown>[];
    expect(notes).toMatchObject({ image: at('notes.jpg'), error: { code: 'image-unreadable' } });
    for (const photo of [day!, night!]) {
      expect(photo).toMatchObject({ family: 'pocket', device: 'cpu', precision: 'fp32' });
      const captions = photo.captions as Record<string, unknown>[];
      expect(captions.map(({ decoder }) => decoder)).toEqual(['iterative', 'clipcap', 'capdec', 'decap', 'coca']);
      for (const caption of captions)
        expect(caption).toMatchObject({
          caption: expect.stringMatching(/\w+/),
          tokens: expect.any(Array),
          logProb: expect.any(Number),
          similarity: expect.any(Number),
          ms: expect.any(Number),
          firstTokenMs: expect.any(Number),
        });
    }
  });

  it('takes decoders, beams, searches, options and precision', async () => {
    const { status, out } = await studio(
      'caption',
      at('day.jpg'),
      '--decoder',
      'clipcap,decap',
      '--beam',
      '2',
      '--option',
      'decap.project=false',
      '--precision',
      'q8',
      '--json',
    );
    expect(status).toBe(0);
    expect(lines(out)[0]).toMatchObject({ precision: 'q8', captions: [{ decoder: 'clipcap' }, { decoder: 'decap' }] });
  });

  it.each([
    [['caption', 'x.jpg', '--decodr', 'all'], /Did you mean --decoder/],
    [['constructor'], /There is no command "constructor"/],
    [['caption', 'x.jpg', '--beam', 'many'], /option "beam" is "many"; expected a whole number/],
    [['caption', 'x.jpg', '--search', 'bem'], /option "search" is "bem"/],
    [['caption', 'x.jpg', '--device', 'gpu'], /--device is "gpu"; expected one of auto, cpu/],
    [['evaluate', 'x.jpg'], /Unexpected argument 'x.jpg'/],
    [['caption', 'x.jpg', '--decoder', 'clipcop'], /Did you mean "clipcap"/],
    [['captoin', 'x.jpg'], /Did you mean "caption"/],
    [['caption'], /at least one photo/],
    [['caption', 'day.jpg', '--option', 'clipcap.beem=2'], /Did you mean "beam"/],
    [['decode', '--embedding', 'nope.npy'], /There is no file nope.npy/],
  ] as [string[], RegExp][])('refuses %j in words', async (args, message) => {
    const { status, err } = await studio(...args.map((arg) => (arg === 'day.jpg' ? at('day.jpg') : arg)));
    expect(status).toBeGreaterThan(0);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n\s+at /);
  });
});

describe('help, pipes and Ctrl-C', () => {
  it('is a program too, with the same words and exit status', async () => {
    expect(await spawned(['captoin'])).toEqual(await inProcess(['captoin']));
  });

  it('explains itself: all commands, and each with its flags and the options of the decoders', async () => {
    expect(await studio('--help')).toMatchObject({
      status: 0,
      out: expect.stringMatching(/caption.*embed.*decode.*evaluate.*score/s),
    });
    const { status, out } = await studio('caption', '--help');
    expect(status).toBe(0);
    for (const part of ['--decoder', '--beam', '--search', '--json', 'lengthPenalty', 'tau'])
      expect(out).toContain(part);
  });

  it('prints a table for people', async () => {
    const { out } = await studio('caption', at('day.jpg'), '--decoder', 'clipcap,coca');
    expect(out).toMatch(
      /day\.jpg {3}\(pocket on cpu, fp32\)\n {2}decoder +caption +cos +sure +ms\n {2}clipcap +\S.*\d\.\d\d +(likely|unsure) +\d+ {2}optimised this cosine\n {2}coca +/,
    );
  });

  it('takes a reader that stops early as no failure', async () => {
    const child = spawn(
      process.execPath,
      [program, 'caption', ...Array<string>(4).fill(at('day.jpg')), '--decoder', 'clipcap', '--json'],
      { cwd: root, env: { ...process.env, STUDIO_DEVICE: 'cpu' } },
    );
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
    expect(err).toBe('');
  });

  it('ends within seconds of Ctrl-C, with status 130', async () => {
    const child = spawn(
      process.execPath,
      [program, 'caption', at('notes.jpg'), at('day.jpg'), '--decoder', 'clipcap', '--json'],
      { cwd: root, env: { ...process.env, STUDIO_DEVICE: 'cpu', STUDIO_SLOW_STEP_MS: '3000' } },
    );
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const ended = new Promise((resolve) => child.once('close', resolve));
    // The first photo cannot be read, which is said at once; the second would take half a minute.
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGINT');
    const start = performance.now();
    expect(await ended).toBe(130);
    expect(performance.now() - start).toBeLessThan(15_000);
    expect([lines(out), err]).toEqual([
      [expect.objectContaining({ image: at('notes.jpg') })],
      expect.stringMatching(/^(Cancelled\.\n)?$/),
    ]);
  });
});

describe('embed and decode', () => {
  it('an embedding says from a file what the photo says', async () => {
    await Promise.all(
      ['npy', 'json', 'safetensors'].map(async (kind) =>
        expect((await studio('embed', at('day.jpg'), '--out', at(`day.${kind}`))).status).toBe(0),
      ),
    );
    const photo = lines(
      (await studio('caption', at('day.jpg'), '--decoder', 'clipcap', '--json')).out,
    )[0] as unknown as { captions: { caption: string }[] };
    for (const kind of ['npy', 'json', 'safetensors']) {
      const { status, out } = await studio(
        'decode',
        '--embedding',
        at(`day.${kind}`),
        '--space',
        'pocket',
        '--decoder',
        'clipcap,coca',
        '--json',
      );
      expect(status).toBe(0);
      expect(lines(out)[0]).toMatchObject({
        row: 0,
        captions: [{ caption: photo.captions[0]!.caption }, { decoder: 'coca', error: { code: 'needs-image' } }],
      });
    }
  });

  it('answers every row, and refuses what is no embedding of the space', async () => {
    const { values } = JSON.parse((await studio('embed', '--text', 'a dog runs')).out) as { values: number[] };
    writeFileSync(at('rows.json'), JSON.stringify([values, values.map((v) => -v)]));
    expect(
      lines((await studio('decode', '--embedding', at('rows.json'), '--decoder', 'decap', '--json')).out),
    ).toHaveLength(2);
    writeFileSync(at('short.json'), JSON.stringify(values.slice(1)));
    writeFileSync(at('zero.json'), JSON.stringify(values.map(() => 0)));
    expect((await studio('decode', '--embedding', at('short.json'))).err).toMatch(
      /255 values; the space pocket has 256/,
    );
    expect((await studio('decode', '--embedding', at('zero.json'))).err).toMatch(/all zeros/);
    expect((await studio('decode', '--embedding', at('rows.json'), '--space', 'clip')).err).toMatch(
      /Spaces do not mix/,
    );
    writeFileSync(at('foreign.json'), JSON.stringify({ space: 'clip-vit-b32', values }));
    expect((await studio('decode', '--embedding', at('foreign.json'))).err).toMatch(
      /says that it is of the space clip-vit-b32; expected pocket/,
    );
  });

  it('tells raw from unit no apart, and reads from the file that it is of a text', async () => {
    const [raw] = lines((await studio('embed', '--text', 'two dogs run on the grass')).out) as unknown as {
      values: number[];
      norm: number;
      modality: string;
    }[];
    expect(raw).toMatchObject({ space: 'pocket', modality: 'text', state: 'raw', dim: 256 });
    writeFileSync(at('text.json'), JSON.stringify(raw));
    writeFileSync(at('unit.json'), JSON.stringify({ values: raw!.values.map((v) => v / raw!.norm) }));
    // CapDec moves image embeddings only, so with its offset on, what the file tells must show.
    const say = async (file: string, ...args: string[]) =>
      (
        lines(
          (
            await studio(
              'decode',
              '--embedding',
              at(file),
              '--decoder',
              'capdec',
              '--option',
              'capdec.useOffset=true',
              '--json',
              ...args,
            )
          ).out,
        )[0] as unknown as { captions: { logProb: number }[] }
      ).captions[0]!.logProb;
    const told = await say('text.json');
    expect(await say('unit.json', '--modality', 'text')).toBeCloseTo(told, 4);
    expect(Math.abs((await say('text.json', '--modality', 'image')) - told)).toBeGreaterThan(1e-3);
  });
});

describe('evaluate and score', () => {
  it('captions a folder and scores it; score gives the same from the captions', async () => {
    const run = await studio(
      'evaluate',
      '--images',
      folder,
      '--references',
      at('references.jsonl'),
      '--decoder',
      'clipcap',
      '--captions',
      at('captions.json'),
      '--json',
    );
    expect(run.status).toBe(0);
    const { clipcap } = (lines(run.out)[0] as unknown as { decoders: Record<string, Record<string, number>> }).decoders;
    expect(run.err).toMatch(/2 photos, 2 captions in/);
    expect(lines(run.out)[0]).toMatchObject({
      tokenizer: 'ptb',
      family: 'pocket',
      familyHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      failed: 0,
      device: 'cpu',
      precision: 'fp32',
    });
    expect(clipcap).toMatchObject({
      n: 2,
      bleu4: expect.any(Number),
      ciderD: expect.any(Number),
      similarity: expect.any(Number),
      msPerImage: expect.any(Number),
    });
    const candidates = (name: string) => ['score', '--candidates', at(name), '--references', at('references.jsonl')];
    const { decoders } = lines((await studio(...candidates('captions.json'), '--json')).out)[0] as never as {
      decoders: Record<string, Record<string, number>>;
    };
    const scored = decoders.clipcap;
    // What `caption` says of the same photos, whole paths beside the references' names, is the same again.
    const told = await studio('caption', at('day.jpg'), at('night.png'), '--decoder', 'clipcap', '--json');
    writeFileSync(at('captions.jsonl'), told.out);
    expect(lines((await studio(...candidates('captions.jsonl'), '--json')).out)[0]).toMatchObject({ decoders });
    for (const name of ['bleu1', 'bleu4', 'rougeL', 'cider', 'ciderD'] as const)
      expect(scored![name]).toBeCloseTo(clipcap![name]!, 12);
  });

  it("reproduce scores a family by its authors' modes and by the studio's own, and says what differs", async () => {
    const { status, out } = await studio(
      'reproduce',
      'pocket',
      '--images',
      folder,
      '--references',
      at('references.jsonl'),
      '--limit',
      '1',
      '--json',
    );
    expect(status).toBe(0);
    const { rows, differs, photos } = lines(out)[0] as unknown as {
      rows: { decoder: string; mode: string; ours: { bleu4: number }; published: unknown[] }[];
      differs: string[];
      photos: number;
    };
    expect(photos).toBe(1);
    expect(rows.filter(({ decoder }) => decoder === 'clipcap').map(({ mode }) => mode)).toEqual([
      'clipcap-1ad805a-beam',
      'clipcap-1ad805a-top-p',
      'studio',
    ]);
    // Nobody published figures of the embedded weights.
    for (const { published } of rows) expect(published).toEqual([]);
    expect(differs.join()).toMatch(/METEOR and SPICE are not computed/);
    expect((await studio('reproduce', 'pocket')).err).toMatch(/Name all three/);
  });

  it('reads an archive, skips what is no picture, and says what is missing', async () => {
    const archive = pack();
    const written = pipeline(archive, createWriteStream(at('photos.tar')));
    for (const name of ['night.png', 'notes.jpg', 'day.jpg'])
      archive.entry({ name: `photos/${name}` }, readFileSync(at(name)));
    archive.entry({ name: 'again/day.jpg' }, readFileSync(at('day.jpg')));
    archive.finalize();
    await written;
    writeFileSync(
      at('more.jsonl'),
      ['day.jpg', 'night.png', 'notes.jpg', 'gone.jpg']
        .map((image) => JSON.stringify({ image, captions: ['a ball'] }))
        .join('\n'),
    );
    const all = await studio(
      'evaluate',
      '--images',
      at('photos.tar'),
      '--references',
      at('more.jsonl'),
      '--decoder',
      'decap',
      '--json',
    );
    expect(all.status).toBe(1);
    expect(all.err).toMatch(/notes\.jpg: The file is not a picture/);
    expect(all.err).toMatch(/1 of 4 photos are not in/);
    expect(lines(all.out)[0]).toMatchObject({ decoders: { decap: { n: 2 } }, failed: 1 });
    const first = await studio(
      'evaluate',
      '--images',
      at('photos.tar'),
      '--references',
      at('more.jsonl'),
      '--decoder',
      'decap',
      '--limit',
      '1',
      '--json',
    );
    expect(first.status).toBe(0);
    expect(lines(first.out)[0]).toMatchObject({ decoders: { decap: { n: 1, ciderD: 0 } } });
  });

  it("scores anybody's captions, by either way of splitting words", async () => {
    writeFileSync(at('mine.json'), JSON.stringify({ 'day.jpg': ['A brown ball, on green grass!'] }));
    const say = async (...args: string[]) =>
      lines(
        (
          await studio(
            'score',
            '--candidates',
            at('mine.json'),
            '--references',
            at('references.jsonl'),
            '--json',
            ...args,
          )
        ).out,
      )[0];
    expect(await say()).toMatchObject({
      n: 1,
      bleu1: expect.closeTo(1, 6),
      rougeL: expect.closeTo(1, 6),
      distinct: 1,
      tokenizer: 'ptb',
    });
    // "brown", "on" and "green" of six words are left as they were.
    expect(await say('--tokenizer', 'none')).toMatchObject({ bleu1: expect.closeTo(3 / 6, 6), tokenizer: 'none' });
  });

  it('names the line of the references that is wrong, and images that are missing', async () => {
    writeFileSync(at('bad.jsonl'), '{"image":"day.jpg","captions":["a"]}\n{"image":"x"}\n');
    expect((await studio('score', '--candidates', at('captions.json'), '--references', at('bad.jsonl'))).err).toMatch(
      /line 2/,
    );
    writeFileSync(at('other.jsonl'), '{"image":"elsewhere.jpg","captions":["a dog"]}\n');
    expect((await studio('evaluate', '--images', folder, '--references', at('other.jsonl'))).err).toMatch(
      /None of the 1 images/,
    );
  });
});

describe('weights that are not as they should be', () => {
  const families = at('families');
  const copy = () => {
    rmSync(families, { recursive: true, force: true });
    mkdirSync(join(families, 'pocket'), { recursive: true });
    for (const name of readdirSync(join(root, 'models/pocket')))
      copyFileSync(join(root, 'models/pocket', name), join(families, 'pocket', name));
  };
  const clipcap = join(families, 'pocket', 'clipcap.safetensors');
  const say = async () =>
    (
      lines(
        (await studio('caption', at('day.jpg'), '--decoder', 'clipcap,decap', '--families-dir', families, '--json'))
          .out,
      )[0] as unknown as { captions: Record<string, unknown>[] }
    ).captions;

  it('names the file, how to mend it, and leaves the other lanes alone', async () => {
    copy();
    const bytes = readFileSync(clipcap);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(clipcap, bytes);
    expect(await say()).toMatchObject([
      {
        error: {
          code: 'weights-corrupt',
          message: expect.stringMatching(/clipcap\.safetensors has SHA-256.*git checkout/),
        },
      },
      { caption: expect.any(String) },
    ]);
    truncateSync(clipcap, 1000);
    expect((await say())[0]).toMatchObject({
      error: { code: 'weights-corrupt', message: expect.stringMatching(/1000 bytes, expected/) },
    });
    rmSync(clipcap);
    expect((await say())[0]).toMatchObject({
      error: { code: 'weights-missing', message: expect.stringMatching(/clipcap\.safetensors is missing/) },
    });
  });

  it('names the families there are when one is unknown', async () => {
    expect((await studio('caption', at('day.jpg'), '--family', 'pockt')).err).toMatch(/no family "pockt".*pocket/s);
  });
});
