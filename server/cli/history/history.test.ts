import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogue } from '../../comparisons/catalogue';
import { drawSample, keepSample } from '../../comparisons/sample';
import { Studio } from '../../studio/studio';
import { noModels } from '../../studio/test-studio';
import { openDatabase } from '../../db/open';
import { openEngine } from '../../engine/host';
import { readEnv } from '../../env/env';
import { familyDirs } from '../../weights/folders';
import { rateLane } from '../../history/ratings';
import { inProcess, SharedEngines } from '../test-cli';

const folder = mkdtempSync(join(tmpdir(), 'studio-history-'));
const at = (name: string) => join(folder, name);
const engines = new SharedEngines();

/** The command line in this process, on a database of the test's own. */
const command = (...args: string[]) => commandOf(args);
const commandOf = (args: readonly string[], stdin?: Readable) =>
  inProcess(args, {
    stdin,
    env: { ...process.env, STUDIO_DEVICE: 'cpu', DATABASE_URL: `file:${at('studio.db')}` },
    openEngine: engines.openEngine,
  });
const history = (...args: string[]) => command('history', ...args);

let id: string;
beforeAll(async () => {
  // Made by the server's own parts with the pocket family: what the page makes.
  const studio = await Studio.open(readEnv({ DATABASE_URL: `file:${at('studio.db')}` }), {
    openEngine: () => openEngine({ device: 'cpu' }),
    catalogue: catalogue(familyDirs({})),
    sampleImage: keepSample,
    limits: { uploadBytes: 1, pixels: 1, lanes: 16 },
    models: noModels,
  });
  const picture = await studio.images.save(await drawSample(), 'png');
  const created = await studio.comparisons.create({
    input: { kind: 'image', imageId: picture.id },
    title: 'ball.png',
    lanes: [{ decoder: 'clipcap', options: { search: 'sample', seed: 11 } }, { decoder: 'decap' }],
  });
  id = created.id;
  for await (const [, item] of studio.comparisons.follow(id, -1))
    if (item.kind === 'ended') expect(item.status).toBe('finished');
  await studio.close();
});
afterAll(async () => {
  await engines.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('history on the command line', () => {
  it('lists, finds and shows what the page made', async () => {
    const { entries } = JSON.parse((await history('list', '--json')).out) as {
      entries: { id: string; lanes: { caption: string }[] }[];
    };
    expect(entries.map((entry) => entry.id)).toEqual([id]);
    const word = entries[0]!.lanes[0]!.caption.split(' ').at(-1)!;
    expect((await history('list', '--search', word)).out).toContain(id);
    expect((await history('list', '--search', 'nosuchword')).out).toMatch(/Nothing is found/);
    const shown = JSON.parse((await history('show', id.slice(0, 8), '--json')).out) as {
      lanes: { options: { seed?: number } }[];
      weightHashes: Record<string, string>;
      familyHash: string;
      appVersion: string;
      items?: unknown;
    };
    expect(shown).toMatchObject({
      title: 'ball.png',
      familyHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      appVersion: expect.any(String),
      lanes: [{ options: { seed: 11 } }, {}],
    });
    expect(Object.keys(shown.weightHashes)).toContain('clipcap.safetensors');
    expect(shown.items).toBeUndefined();
  });

  it('replays to the same tokens', async () => {
    const { status, out } = await history('replay', id, '--json');
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      same: true,
      differences: [],
      lanes: [{ same: true }, { same: true }],
      sentences: ['Same tokens in every lane.'],
    });
  });

  it('exports, imports into an empty database, and exports the same hash', async () => {
    expect((await history('export', id, '--out', at('one.json'))).status).toBe(0);
    const { out } = await history('import', at('one.json'), '--database', at('empty.db'), '--json');
    const [imported] = (JSON.parse(out) as { comparisons: { id: string; hash: string; known: boolean }[] }).comparisons;
    expect(imported).toMatchObject({ known: false });
    expect((await history('export', '--all', '--database', at('empty.db'), '--out', at('two.json'))).status).toBe(0);
    const hashes = ['one.json', 'two.json'].map(
      (name) => (JSON.parse(readFileSync(at(name), 'utf8')) as { hash: string }).hash,
    );
    expect(hashes[0]).toBe(hashes[1]);
    expect(readFileSync(at('two.json'))).toEqual(readFileSync(at('one.json')));
    // Weights that are not those of the record are told, whatever the tokens.
    const replay = await history('replay', imported!.id, '--database', at('empty.db'));
    expect(replay.out).toMatch(/Same tokens in every lane/);
  });

  it('imports from standard input, and what comes before a file that is none', async () => {
    expect((await history('export', id, '--out', at('piped.json'))).status).toBe(0);
    writeFileSync(at('none.json'), '{"comparisons": [');
    const args = ['history', 'import', '-', at('none.json'), '--database', at('piped.db'), '--json'];
    const { status, out, err } = await commandOf(args, createReadStream(at('piped.json')));
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ file: '-', comparisons: [{ known: false, title: 'ball.png' }] });
    expect(err).toMatch(/none\.json/);
    const { out: there } = await history('list', '--database', at('piped.db'), '--json');
    expect(there.trim().split('\n')).toHaveLength(1);
    const twice = await commandOf(
      ['history', 'import', '-', '-', '--database', at('piped.db')],
      createReadStream(at('piped.json')),
    );
    expect(twice.status).toBe(2);
    expect(twice.out).toMatch(/is here already/);
  });

  it('rates nothing, and sums up what was rated on the page', async () => {
    expect((await history('ratings')).out).toMatch(/Nothing is rated yet/);
    const database = await openDatabase(`file:${at('studio.db')}`);
    await rateLane(database, 'local', { id, lane: 'clipcap', rating: { stars: 2, blind: false } });
    await rateLane(database, 'local', { id, lane: 'decap', rating: { stars: 4, blind: true } });
    await database.$disconnect();
    expect(JSON.parse((await history('ratings', '--json')).out)).toEqual({
      comparisons: 1,
      ratings: 2,
      branches: 0,
      decoders: [
        { decoder: 'decap', n: 1, blind: 1, mean: 4, sd: null },
        { decoder: 'clipcap', n: 1, blind: 0, mean: 2, sd: null },
      ],
      pairs: [{ a: 'decap', b: 'clipcap', n: 1, wins: 1, ties: 0, losses: 0, rate: 1 }],
    });
    expect((await history('ratings')).out).toMatch(/decap +1 +4\.00 +- +1\n[^]*decap over clipcap +n +1 +wins +1 /);
    expect(JSON.parse((await history('ratings', '--blind', '--json')).out)).toMatchObject({ ratings: 1, pairs: [] });
    expect((await history('show', id)).out).toMatch(/\[2 of 5\]\n.*\[4 of 5, blind\]/);
    expect([(await history('list', '--rated')).out.includes(id), (await history('list', '--unrated')).out]).toEqual([
      true,
      'Nothing is found.\n',
    ]);
    expect((await history('list', '--rated', '--unrated')).err).toMatch(/give --rated or --unrated/);
    expect((await history('export', id, '--format', 'csv')).out).toMatch(/,2,false,,\r\n.*,4,true,,\r\n$/);
  });

  it.each(['history', 'models'])('makes, lists and revokes keys: %s key', async (of) => {
    const keys = (...args: string[]) => command(of, 'key', ...args);
    const made = JSON.parse((await keys('new', '--json')).out) as { id: string; key: string };
    expect(made.key).toMatch(/^caption-studio\.[\w-]{43}$/);
    expect((await keys('list')).out).toMatch(new RegExp(`^${made.id}  made .*never used\n$`));
    // Those of the other command are another owner's.
    const other = of === 'history' ? 'models' : 'history';
    expect(JSON.parse((await command(other, 'key', 'list', '--json')).out)).toEqual({ keys: [] });
    expect((await command(other, 'key', 'revoke', made.id)).status).toBe(1);
    expect((await keys('revoke', made.id)).status).toBe(0);
    expect(JSON.parse((await keys('list', '--json')).out)).toEqual({ keys: [] });
    expect((await keys()).err).toMatch(new RegExp(`${of} key new, ${of} key list`));
  });

  it('refuses in words', async () => {
    writeFileSync(at('bad.json'), readFileSync(at('one.json'), 'utf8').replace('ball.png', 'cube.png'));
    const changed = await history('import', at('bad.json'));
    expect([changed.status, changed.err]).toEqual([1, expect.stringMatching(/was changed after it had been exported/)]);
    expect((await history('show', 'nosuch')).err).toMatch(/There is no comparison nosuch/);
    expect((await history('export', id, '--format', 'docx')).err).toMatch(/expected one of json, csv/);
    expect((await history('exprt')).err).toMatch(/Did you mean "history export"/);
  });
});
