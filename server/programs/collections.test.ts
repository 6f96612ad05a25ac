import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { writeNpy } from '../../models/files/npy';
import { createProgramKey } from '../owners/program-keys';
import { localOwner } from '../owners/signing';
import { programStudio } from './test-programs';

const { here, dataUrl, post, answered, nothingStays } = programStudio();

describe('labels, vectors and collections', () => {
  const inFolder = async (work: (folder: string) => Promise<void>) => {
    const folder = mkdtempSync(join(tmpdir(), 'studio-programs-'));
    try {
      for (const [name, colour] of Object.entries({ grass: '#4c8b3b', sea: '#2a6fb0', snow: '#f2f5f8' }))
        await sharp({ create: { width: 320, height: 240, channels: 3, background: colour } })
          .png()
          .toFile(join(folder, `${name}.png`));
      await work(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  const done = async (id: string) => {
    const card = async () =>
      (await answered('collection', await fetch(`${here.local.base}/api/v1/collections/${id}`))) as { status: string };
    await expect.poll(async () => (await card()).status, { timeout: 60_000 }).toBe('finished');
  };

  it('a picture has the likeliest of labels, by their templates or prompts of their own', async () => {
    const asked = { image: { base64: dataUrl() }, labels: ['a green field', 'a plate of food', 'a city at night'] };
    const plain = await answered('classify', await post('/api/v1/classify', asked));
    expect(plain.labels.map(({ label }: { label: string }) => label).sort()).toEqual([...asked.labels].sort());
    const sum = plain.labels.reduce((all: number, { probability }: { probability: number }) => all + probability, 0);
    expect(sum).toBeCloseTo(1, 9);
    const own = { ...asked, labels: { grass: ['grass', 'a green field'], food: ['a plate of food'] } };
    expect((await answered('classify', await post('/api/v1/classify', own))).labels).toHaveLength(2);
    for (const labels of [[], ['one'], ['twice', 'twice'], ['a', ' ']])
      expect((await post('/api/v1/classify', { ...asked, labels })).status).toBe(400);
    await nothingStays();
  });

  it('many vectors are decoded side by side as one by one', async () => {
    const texts = ['a dog runs on the grass', 'two men in a boat', 'a plate of food'];
    const { values } = await answered('embed', await post('/api/v1/embed', { texts }));
    const lanes = [{ decoder: 'decap' }, { decoder: 'coca' }];
    const asked = { rows: values as number[][], modality: 'text', lanes };
    const { rows } = await answered('decode', await post('/api/v1/decode', asked));
    expect(rows).toHaveLength(3);
    for (const [i, { captions }] of rows.entries()) {
      const vector = { values: asked.rows[i], modality: 'text' };
      const alone = await answered('caption', await post('/api/v1/caption', { embedding: vector, lanes }));
      expect(captions[0].caption).toBe(alone.lanes[0].caption);
      expect(captions[1].error.code).toBe('needs-image');
    }
    expect((await post('/api/v1/decode', { rows: [[1, 2]] })).status).toBe(400);
    const lost = [asked.rows[0], asked.rows[0]!.map(() => 0)];
    const zeros = await answered('decode', await post('/api/v1/decode', { ...asked, rows: lost }));
    expect(zeros.rows[0].captions[0].caption).toBe(rows[0].captions[0].caption);
    expect(zeros.rows[1].error ?? zeros.rows[1].captions[0].error).toMatchObject({
      code: expect.stringMatching(/^embedding/) as string,
    });
    await nothingStays();
  });

  it('vectors of a file are searched, on the machine’s own alone; a file that was written anew is read anew', () =>
    inFolder(async (folder) => {
      const vectors = join(folder, 'all.npy');
      const rows: Float32Array[] = [];
      for (const name of ['grass', 'sea', 'snow']) {
        const base64 = readFileSync(join(folder, `${name}.png`)).toString('base64');
        const { values } = await answered('embed', await post('/api/v1/embed', { image: { base64 } }));
        rows.push(Float32Array.from(values[0] as number[]));
      }
      writeFileSync(vectors, writeNpy(rows));
      const image = { base64: readFileSync(join(folder, 'sea.png')).toString('base64') };
      const found = await answered('search', await post('/api/v1/search', { vectors, image, top: 2 }));
      expect(found).toMatchObject({ rows: 3, hits: [{ row: 1 }, {}] });
      expect(found.hits[0].cosine).toBeCloseTo(1, 4);
      writeFileSync(vectors, writeNpy([rows[2]!, rows[1]!]));
      const again = await answered('search', await post('/api/v1/search', { vectors, embedding: [...rows[2]!] }));
      expect(again).toMatchObject({ rows: 2, hits: [{ row: 0 }, { row: 1 }] });

      for (const wrong of ['all.npy', folder, join(folder, 'none.npy'), '/dev/zero'])
        expect((await post('/api/v1/search', { vectors: wrong, text: 'a' })).status).toBe(400);
      expect((await post('/api/v1/search', { vectors, text: 'a', embedding: [1] })).status).toBe(400);
      expect((await post('/api/v1/search', { vectors, embedding: [1, 2] })).status).toBe(400);
      const { key } = await createProgramKey(here.studio.database, localOwner, { name: 'search', scope: 'run' });
      const headers = { authorization: `Bearer ${key}` };
      expect((await post('/api/v1/search', { vectors, text: 'a dog' }, headers, here.network.base)).status).toBe(403);
    }));

  it('a folder is captioned, followed, read as rows and as a file; not by who comes over the network', () =>
    inFolder(async (folder) => {
      const of = { kind: 'paths', paths: [folder] };
      const lanes = [{ id: 'clipcap', decoder: 'clipcap', options: { beam: 1 } }];
      const begun = await answered('startCollection', await post('/api/v1/collections', { of, lanes }));
      expect(begun).toMatchObject({ total: 3 });
      await done(begun.id);
      const rows = await answered(
        'collectionRows',
        await post(`/api/v1/collections/${begun.id}/rows`, { sort: { by: 'key', down: true } }),
      );
      expect(rows.rows.map(({ key }: { key: string }) => key)).toEqual(['snow.png', 'sea.png', 'grass.png']);
      const file = await (await fetch(`${here.local.base}/api/v1/collections/${begun.id}/export`)).text();
      expect(
        file
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as unknown),
      ).toHaveLength(3);
      const { collections } = await answered('listCollections', await fetch(`${here.local.base}/api/v1/collections`));
      expect(collections.map(({ id }: { id: string }) => id)).toContain(begun.id);

      expect((await post('/api/v1/collections', { of: { ...of, paths: ['/nowhere'] }, lanes })).status).toBe(400);
      const { key } = await createProgramKey(here.studio.database, 'somebody-else-1234567', {
        name: 'other',
        scope: 'run',
      });
      const headers = { authorization: `Bearer ${key}` };
      expect((await post('/api/v1/collections', { of, lanes }, headers, here.network.base)).status).toBe(403);
      const theirs = await fetch(`${here.network.base}/api/v1/collections/${begun.id}`, { headers });
      expect(theirs.status).toBe(404);
    }));
});
