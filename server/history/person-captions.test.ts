import { describe, expect, it } from 'vitest';
import { exportCaptions, exportCsv } from '../../kept/export-text';
import { StudioError } from '../../models/errors';
import { scriptedStudio } from '../studio/scripted-studio';
import { comparisonNotes, editComparison, removeComparisons } from './changes';
import { exportFile } from './export-json';
import { importFile } from './import';
import { say, takeBack } from './person-captions';
import { rateLane } from './ratings';

const scripted = scriptedStudio();
const db = () => scripted.studio.database;

async function run(ownerId: string): Promise<string> {
  const lanes = [{ decoder: 'clipcap' }, { decoder: 'decap' }];
  const { id } = await scripted.studio.comparisons.create({ input: { kind: 'sample' }, lanes }, { ownerId });
  await scripted.studio.comparisons.ended(id);
  return id;
}
const said = async (id: string) => (await scripted.studio.store.view(id)).said;
const accepted = { id: 'one', text: 'a dog', lane: 'clipcap', own: false };
const own = { id: 'two', text: 'my dog, “Rex”', own: true };
const source = () => ({ images: scripted.studio.images, view: (id: string) => scripted.studio.store.view(id) });
const parts = () => ({ database: db(), images: scripted.studio.images, store: scripted.studio.store });
const text = async (all: AsyncIterable<string>) => {
  let whole = '';
  for await (const part of all) whole += part;
  return whole;
};
async function* views(id: string) {
  yield await scripted.studio.store.view(id);
}

describe('what a person says of a photo', () => {
  it('is kept with who and when, changed in place, taken back, and stays when its lane runs again', async () => {
    const id = await run('me');
    await say(db(), 'me', { id, caption: accepted }, { now: new Date(0) });
    await say(db(), 'me', { id, caption: own }, { now: new Date(1000) });
    expect(await said(id)).toEqual([
      { ...accepted, at: '1970-01-01T00:00:00.000Z', by: 'me' },
      { ...own, at: '1970-01-01T00:00:01.000Z', by: 'me' },
    ]);
    await scripted.studio.comparisons.extend({ id, lanes: [{ id: 'clipcap', decoder: 'clipcap' }] }, 'me');
    await scripted.studio.comparisons.ended(id);
    await say(db(), 'me', { id, caption: { ...accepted, text: 'a brown dog', own: true } });
    expect((await said(id)).map(({ text: words }) => words)).toEqual(['a brown dog', own.text]);
    await takeBack(db(), 'me', { id, caption: 'one' });
    expect((await said(id)).map((one) => one.id)).toEqual(['two']);
  });

  it('is whole when two say something at once, and is bounded', async () => {
    const id = await run('many');
    const caption = (n: number) => ({ ...own, id: `c${n}`, text: `number ${n}` });
    await Promise.all(Array.from({ length: 50 }, (_, n) => say(db(), 'many', { id, caption: caption(n) })));
    expect(await said(id)).toHaveLength(50);
    await expect(say(db(), 'many', { id, caption: caption(50) })).rejects.toMatchObject({
      code: 'option-invalid',
      message: expect.stringMatching(/at most 50.*Take one back/),
    });
    await say(db(), 'many', { id, caption: { ...caption(3), text: 'changed' } });
  });

  it('has the cosine of its words, found anew when they change; where that cannot be found it is kept all the same', async () => {
    const id = await run('scored');
    const scorer = (which: string, words: string) => scripted.studio.scoreText(which, words);
    const cosines = async () => (await said(id)).map(({ score }) => score?.cosine);
    await say(db(), 'scored', { id, caption: { ...own, text: 'a dog' } }, { scorer });
    expect((await said(id))[0]!.score).toEqual({ cosine: 0.005, space: 'pocket' });
    await say(db(), 'scored', { id, caption: { ...own, text: 'a brown dog' } }, { scorer });
    expect(await cosines()).toEqual([0.011]);
    const broken = () => Promise.reject(new StudioError('weights-missing', 'gone'));
    await say(db(), 'scored', { id, caption: { ...own, text: 'a cat' } }, { scorer: broken });
    expect(await cosines()).toEqual([undefined]);
    // Of other weights than those that scored its lanes a cosine would mean nothing.
    await db().comparison.update({ where: { id }, data: { familyHash: 'f'.repeat(64) } });
    await say(db(), 'scored', { id, caption: own }, { scorer });
    expect(await cosines()).toEqual([undefined]);
    const asked: string[] = [];
    const spy = async (which: string) => void asked.push(which);
    await say(db(), 'another', { id, caption: own }, { scorer: spy as never }).catch(() => undefined);
    expect(asked).toEqual([]);
  });

  it('is the owner’s alone', async () => {
    const id = await run('mine');
    for (const work of [
      say(db(), 'another', { id, caption: own }),
      takeBack(db(), 'another', { id, caption: 'two' }),
      comparisonNotes(db(), 'another', id),
    ])
      await expect(work).rejects.toMatchObject({ code: 'not-found' });
    await removeComparisons(db(), 'mine', [id]);
    await expect(say(db(), 'mine', { id, caption: own })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('comes back by an import with the same hash, and stands apart from the decoders’ captions in tables and texts', async () => {
    const id = await run('from');
    const plain = await text(exportFile(source(), [id]));
    await say(db(), 'from', { id, caption: accepted });
    await say(db(), 'from', { id, caption: own }, { scorer: async () => ({ cosine: 0.25, space: 'pocket' }) });
    const exported = await text(exportFile(source(), [id]));
    const { comparisons } = await importFile(parts(), 'to', exported);
    expect(await said(comparisons[0]!.id)).toEqual(await said(id));
    expect(await text(exportFile(source(), [comparisons[0]!.id]))).toBe(exported);
    const rows = (await text(exportCsv(views(id)))).trimEnd().split('\r\n');
    expect(rows).toHaveLength(5);
    expect(rows[3]).toMatch(/,clipcap,,accepted,a dog,.*,from,\d{4}-/);
    expect(rows[4]).toMatch(/,,,own,"my dog, “Rex”",0.25,pocket,.*,from,\d{4}-/);
    expect(await text(exportCaptions(views(id)))).toMatch(/decap\t.*\n\(person\)\ta dog\n\(person\)\tmy dog, “Rex”\n$/);
    for (const one of ['one', 'two']) await takeBack(db(), 'from', { id, caption: one });
    expect(await text(exportFile(source(), [id]))).toBe(plain);
  });
});

describe('notes', () => {
  it('of two who change references at once keep what each added and took away', async () => {
    const id = await run('us');
    await editComparison(db(), 'us', id, { references: ['one', 'two'] });
    await Promise.all([
      editComparison(db(), 'us', id, { references: ['one', 'two', 'three'], referencesBefore: ['one', 'two'] }),
      editComparison(db(), 'us', id, { references: ['two'], referencesBefore: ['one', 'two'] }),
    ]);
    expect((await comparisonNotes(db(), 'us', id)).references).toEqual(['two', 'three']);
    // Whoever says nothing of before sets them.
    await editComparison(db(), 'us', id, { references: ['four'] });
    expect((await comparisonNotes(db(), 'us', id)).references).toEqual(['four']);
  });

  it('tell title, ratings, captions, and how many items there are', async () => {
    const id = await run('teller');
    await editComparison(db(), 'teller', id, { title: 'Rex' });
    await rateLane(db(), 'teller', { id, lane: 'decap', rating: { stars: 4, blind: true } });
    await say(db(), 'teller', { id, caption: own });
    const { items } = await scripted.studio.store.view(id);
    expect(await comparisonNotes(db(), 'teller', id)).toMatchObject({
      ...{ status: 'finished', title: 'Rex', references: [], items: items.length },
      ratings: { decap: { stars: 4, blind: true } },
      said: [{ text: own.text }],
    });
  });
});
