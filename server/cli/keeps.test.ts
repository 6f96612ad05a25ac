import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inProcess, jsonLines, Kept, program, root, SharedEngines } from './test-cli';
import { dirtyArchive, drawPhotos } from './test-photos';

const folder = mkdtempSync(join(tmpdir(), 'studio-keeps-'));
const at = (name: string) => join(folder, name);
const engines = new SharedEngines();
const { openEngine } = engines;
const onLinux = it.skipIf(process.platform !== 'linux');
const decoder = ['--decoder', 'clipcap', '--option', 'clipcap.search=greedy'];

/** In the folder of the photos. */
const studio = (args: string[], given: Parameters<typeof inProcess>[1] = {}) =>
  inProcess(args, { cwd: folder, openEngine, ...given });
const never = () => Promise.reject(new Error('no engine may be opened'));

let photos: string[];
beforeAll(async () => {
  photos = await drawPhotos(folder, 4);
});
afterAll(async () => {
  await engines.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('where results go', () => {
  const evaluate = ['evaluate', '--images', '.', '--references', 'references.jsonl', ...decoder];
  it.each([
    [['embed', '0.png', '--out', 'nowhere/out.npy'], /nowhere\/out\.npy cannot be written: there is no folder nowhere/],
    [['embed', '--text', 'a dog', '--out', '0.png/out.npy'], /a part of its path is a file/],
    [[...evaluate, '--captions', 'nowhere/out.json'], /there is no folder nowhere/],
    [[...evaluate, '--captions', 'nowhere/out.jsonl'], /there is no folder nowhere/],
    [['reproduce', 'pocket', ...evaluate.slice(1, 5), '--captions', 'nowhere/o.json'], /there is no folder nowhere/],
    [['history', 'export', '--all', '--out', 'nowhere/out.json'], /there is no folder nowhere/],
  ] as [string[], RegExp][])('is opened before the work begins: %j', async (args, message) => {
    const env = { ...process.env, DATABASE_URL: `file:${at('never/studio.db')}` };
    const { status, out, err } = await studio(args, { openEngine: never, env });
    expect([status, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(existsSync(at('never'))).toBe(false);
  });

  it('keeps what comes before a fault of the archive, names its offset, prints the scores and ends with 1', async () => {
    const offset = await dirtyArchive(
      at('dirty.tar'),
      photos.slice(0, 3).map((name) => ({ name, bytes: readFileSync(at(name)) })),
    );
    const run = (captions: string) =>
      studio([
        ...['evaluate', '--images', 'dirty.tar', '--references', 'references.jsonl', ...decoder],
        ...['--captions', captions, '--json'],
      ]);
    const { status, out, err } = await run('captions.json');
    expect(status).toBe(1);
    expect(err).toContain(`dirty.tar is damaged at byte ${offset}`);
    expect(jsonLines(out)[0]).toMatchObject({
      decoders: { clipcap: { n: 3, bleu1: expect.any(Number) as number } },
      fault: { code: 'file-unreadable', details: { offset } },
    });
    const document = JSON.parse(readFileSync(at('captions.json'), 'utf8')) as Record<string, Record<string, string>>;
    expect(Object.keys(document.clipcap!)).toEqual(photos.slice(0, 3));
    expect((await run('captions.jsonl')).status).toBe(1);
    const lines = jsonLines(readFileSync(at('captions.jsonl'), 'utf8'));
    expect(lines).toMatchObject(
      photos.slice(0, 3).map((image) => ({ image, captions: [{ caption: document.clipcap![image] }] })),
    );
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it.each(['killed.json', 'killed.jsonl'])('%s is whole after a kill, with what came before', async (name) => {
    const child = spawn(
      process.execPath,
      [program, 'evaluate', '--images', '.', '--references', 'references.jsonl', ...decoder, '--captions', name],
      { cwd: folder, env: { ...process.env, STUDIO_DEVICE: 'cpu', STUDIO_SLOW_STEP_MS: '100' } },
    );
    const ended = new Promise((resolve) => child.once('close', resolve));
    const some = () => (existsSync(at(name)) ? readFileSync(at(name), 'utf8') : '');
    await expect.poll(some, { timeout: 120_000, interval: 20 }).toContain('0.png');
    child.kill('SIGKILL');
    await ended;
    const text = some();
    expect(text.endsWith('\n')).toBe(true);
    const kept = name.endsWith('l')
      ? jsonLines(text).map(({ image }) => image)
      : Object.keys((JSON.parse(text) as { clipcap: object }).clipcap);
    expect(kept).toEqual(photos.slice(0, kept.length));
  });

  onLinux('tells a full disk in words, wherever results go', async () => {
    const words = 'cannot be written: the disk is full; make room and run it again.\n';
    expect(await studio(['embed', '--text', 'a dog', '--json'], { openEngine })).toMatchObject({ status: 0 });
    for (const redirected of [`embed --text 'a dog'`, `caption 0.png 1.png ${decoder.join(' ')} --json`, '--help']) {
      const ran = spawnSync('bash', ['-c', `"${process.execPath}" "${program}" ${redirected} > /dev/full`], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, STUDIO_DEVICE: 'cpu' },
      });
      expect([ran.status, ran.stderr]).toEqual([1, `Standard output ${words}`]);
    }
    const evaluate = ['evaluate', '--images', '.', '--references', 'references.jsonl', ...decoder];
    const full = await studio([...evaluate, '--captions', '/dev/full']);
    expect([full.status, full.err]).toEqual([1, expect.stringContaining(`/dev/full ${words}`)]);
  });
});

describe('paths and standard input', () => {
  it('are of the folder in which the person stands, also through npm, and may hold any sign', () => {
    const odd = 'a%41 #1 ? Käse 写真';
    mkdirSync(at(odd));
    writeFileSync(at(`${odd}/50%.png`), readFileSync(at('0.png')));
    const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
    const ran = spawnSync(
      npm[0]!,
      [...npm.slice(1), ...['--prefix', root, 'run', '-s', 'studio', '--', 'embed', '50%.png', '--out', 'half #.npy']],
      { cwd: at(odd), encoding: 'utf8', env: { ...process.env, STUDIO_DEVICE: 'cpu' } },
    );
    expect([ran.status, ran.stderr]).toEqual([0, expect.stringMatching(/^half #\.npy: image embedding of pocket/m)]);
    expect(readdirSync(at(odd)).sort()).toEqual(['50%.png', 'half #.npy']);
  });

  it('has photo, text, embedding, archive, references and candidates from standard input', async () => {
    const file = (name: string) => ({ stdin: readFileSync(at(name)) });
    const named = await studio(['embed', '0.png']);
    expect(await studio(['embed', '-'], file('0.png'))).toEqual(named);
    expect(await studio(['embed', '--text', '-'], { stdin: 'a dog runs\n' })).toEqual(
      await studio(['embed', '--text', 'a dog runs']),
    );
    for (const kind of ['npy', 'json', 'safetensors']) {
      await studio(['embed', '0.png', '--out', `0.${kind}`]);
      const decoded = await studio(['decode', '--embedding', '-', ...decoder, '--json'], file(`0.${kind}`));
      expect(jsonLines(decoded.out)).toMatchObject([{ embedding: '-', row: 0, captions: [{ decoder: 'clipcap' }] }]);
    }
    const [said] = jsonLines((await studio(['caption', '-', ...decoder, '--json'], file('0.png'))).out);
    expect(said).toMatchObject({ image: '-', captions: [{ decoder: 'clipcap' }] });

    writeFileSync(at('mine.json'), JSON.stringify({ '0.png': ['a plain wall'] }));
    const score = (candidates: string, references: string) => [
      'score',
      '--candidates',
      candidates,
      '--references',
      references,
      '--json',
    ];
    const scored = await studio(score('mine.json', 'references.jsonl'));
    expect(scored.status).toBe(0);
    expect(await studio(score('-', 'references.jsonl'), file('mine.json'))).toEqual(scored);
    expect(await studio(score('mine.json', '-'), file('references.jsonl'))).toEqual(scored);
    const twice = await studio(score('-', '-'), file('mine.json'));
    expect([twice.status, twice.err]).toEqual([2, expect.stringMatching(/Standard input is named twice/)]);

    await dirtyArchive(at('piped.tar'), [{ name: '0.png', bytes: readFileSync(at('0.png')) }]);
    const piped = await studio(
      ['evaluate', '--images', '-', '--references', 'references.jsonl', ...decoder, '--json'],
      file('piped.tar'),
    );
    expect(jsonLines(piped.out)[0]).toMatchObject({ decoders: { clipcap: { n: 1 } } });
    expect(piped.err).toMatch(/standard input is damaged at byte/);
  });
});

describe('caption', () => {
  it('refuses one of two that it takes once', async () => {
    for (const args of [
      ['embed', '--text', 'one', '--text', 'two'],
      ['decode', '0.npy', '--embedding', '1.npy'],
      ['caption', '0.png', '--option', 'decap.tau=1', '--option', 'decap.tau=2'],
      ['history', 'show', 'one', 'two'],
      ['history', 'export', 'one', '--all'],
    ])
      expect((await studio(args, { openEngine: never })).status, args.join(' ')).toBe(2);
  });

  it('shows on a terminal how far it is, and nothing of it elsewhere', async () => {
    const stderr = Object.assign(new Kept(), { isTTY: true });
    const stdout = new Kept();
    const slow = { openEngine: (options: object) => engines.openEngine(options) };
    expect((await studio(['caption', ...photos, ...decoder, '--json'], slow)).err).toBe('');
    await studio(['caption', ...photos, ...photos, ...photos, ...decoder, '--json'], { stderr, stdout });
    expect(stderr.text).toMatch(/\r\u001b\[K█.* \d+\/12 photos, [\d.]+ captions\/s, \d+ s left/);
    expect(stderr.text).toMatch(/12 photos, 12 captions in \d+ s\n$/);
    expect(jsonLines(stdout.text)).toHaveLength(12);
  });

  it('says why that device once', async () => {
    const because: typeof openEngine = async (options) => {
      const engine = await openEngine(options);
      return {
        ...engine,
        async *compare(request, how) {
          for await (const event of engine.compare(request, how))
            yield event.type === 'comparison-started'
              ? { ...event, device: { ...event.device, reason: 'nothing else works here' } }
              : event;
        },
      };
    };
    const { out } = await studio(['caption', ...photos, ...decoder, '--json'], { openEngine: because });
    expect(jsonLines(out).map(({ deviceReason }) => deviceReason)).toEqual([
      'nothing else works here',
      ...photos.slice(1).map(() => undefined),
    ]);
  });
});
