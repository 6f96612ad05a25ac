import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inProcess, jsonLines, SharedEngines } from '../test-cli';
import { drawPhotos } from '../test-photos';

const folder = mkdtempSync(join(tmpdir(), 'studio-memory-'));
const engines = new SharedEngines();
const env = { ...process.env, STUDIO_DEVICE: 'cpu', STUDIO_INSTALLED_DIR: join(folder, 'families') };
const studio = (...args: string[]) => inProcess(args, { cwd: folder, env, openEngine: engines.openEngine });

beforeAll(() => drawPhotos(folder, 1));
afterAll(async () => {
  await engines.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('memory', { timeout: 240_000 }, () => {
  it('is listed and searched', async () => {
    const all = jsonLines((await studio('memory', 'list', 'pocket', '--json')).out);
    expect(all.length).toBeGreaterThan(1000);
    const row = 7;
    const { sentence } = all[row] as { sentence: string };
    const found = await studio('memory', 'search', 'pocket', '--text', sentence, '--top', '3', '--json');
    expect(jsonLines(found.out)[0]).toMatchObject({ query: sentence, hits: [{ row, sentence }, {}, {}] });
    const near = await studio('memory', 'search', 'pocket', '--photo', '0.png');
    expect(near.out.trim().split('\n')).toHaveLength(10);
  });

  it('is replaced in a family of its own, which is listed, decodes, and leaves the other as it was', async () => {
    const sentences = ['a plain grey wall', 'a green bottle on a shelf', 'a plain grey wall', 'two boats in a harbour'];
    writeFileSync(join(folder, 'mine.txt'), sentences.join('\n'));
    const made = await studio('memory', 'replace', 'pocket', 'mine.txt', '--name', 'mine', '--json');
    expect([made.status, made.err]).toEqual([0, expect.any(String)]);
    expect(jsonLines(made.out)[0]).toMatchObject({ family: 'mine' });
    expect(jsonLines((await studio('memory', 'list', 'mine', '--json')).out)).toEqual([
      { row: 0, sentence: 'a plain grey wall', repeats: 2 },
      { row: 1, sentence: 'a green bottle on a shelf', repeats: 1 },
      { row: 2, sentence: 'two boats in a harbour', repeats: 1 },
    ]);
    const said = await studio('caption', '0.png', '--family', 'mine', '--decoder', 'decap,clipcap', '--json');
    expect(jsonLines(said.out)[0]).toMatchObject({
      family: 'mine',
      captions: [{ caption: expect.stringMatching(/\w/) }, { caption: expect.stringMatching(/\w/) }],
    });
    const before = await studio('caption', '0.png', '--decoder', 'decap,clipcap', '--json');
    const captions = (out: string) =>
      (jsonLines(out)[0] as { captions: { decoder: string; caption: string }[] }).captions;
    expect(captions(said.out)[1]!.caption).toBe(captions(before.out)[1]!.caption);
  });

  it.each([
    [['list'], /Name the family/],
    [['list', 'nobody'], /nobody/],
    [['search', 'pocket'], /Search for --text/],
    [['replace', 'pocket', 'mine.txt'], /Name all three/],
    [['replace', 'pocket', 'empty.txt', '--name', 'x'], /The list holds no caption/],
    [['replace', 'pocket', 'nope.txt', '--name', 'x'], /There is no file .*nope\.txt/],
  ] as [string[], RegExp][])('refuses %j in words', async (args, message) => {
    writeFileSync(join(folder, 'empty.txt'), '\n\n');
    const { status, err } = await studio('memory', ...args);
    expect(status).toBeGreaterThan(0);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n\s+at /);
  });
});
