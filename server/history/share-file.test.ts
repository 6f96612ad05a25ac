import { describe, expect, it } from 'vitest';
import { StudioError } from '../../models/errors';
import { scriptedStudio } from '../studio/scripted-studio';
import { editComparison } from './changes';
import { exportComparisons } from './export';
import { say } from './person-captions';

const scripted = scriptedStudio();

describe('comparisons in one HTML file', () => {
  it('are all there with their steps and references, and neither a note nor an embedding', async () => {
    const ids: string[] = [];
    for (const [title, reference] of [
      ['first </script><b>', 'a reference'],
      ['second', 'words of another'],
    ] as const) {
      const { id } = await scripted.studio.comparisons.create({
        input: { kind: 'sample' },
        title,
        lanes: [{ decoder: 'clipcap' }, { decoder: 'decap' }],
      });
      await scripted.studio.comparisons.ended(id);
      await say(scripted.studio.database, 'local', {
        id,
        caption: { id: 'one', text: 'my own', own: true, score: { cosine: 0.5, space: 'pocket' } },
      });
      await editComparison(scripted.studio.database, 'local', id, { note: 'mine alone', references: [reference] });
      ids.push(id);
    }
    const asked: string[][] = [];
    const frequencies = async (family: string, grams: readonly string[]) => {
      asked.push([...grams]);
      // The second comparison finds no sentences to count in: its file is made all the same.
      if (grams.includes('another')) throw new StudioError('weights-missing', 'no memory');
      return {
        images: 9,
        counts: Object.fromEntries(grams.map((gram) => [gram, 1])),
        source: `sentences of ${family}`,
      };
    };
    const { fileName, parts } = await exportComparisons(
      { images: scripted.studio.images, view: (id) => scripted.studio.store.view(id), frequencies },
      ids,
      'html',
    );
    expect(fileName).toBe('2-comparisons.html');
    let html = '';
    for await (const part of parts) html += String(part);
    expect(html).not.toContain('mine alone');
    // Whatever a title holds, it ends no element: the data stands in one that only JSON is in.
    const data = /<script type="application\/json" id="comparisons">([^<]*)<\/script>/.exec(html)![1]!;
    const comparisons = JSON.parse(data) as {
      shared: {
        title: string;
        references: string[];
        said: unknown[];
        frequencies?: { images: number; counts: Record<string, number> };
        embedding?: unknown;
        items: { event?: { type: string; values?: unknown } }[];
      };
      picture: string;
    }[];
    expect(comparisons.map(({ shared }) => [shared.title, shared.references])).toEqual([
      ['first </script><b>', ['a reference']],
      ['second', ['words of another']],
    ]);
    // What CIDEr-D needs comes along: of every n-gram of references and captions, and of nothing else.
    expect(asked).toContainEqual(expect.arrayContaining(['a', 'reference', 'a reference']));
    expect(comparisons[0]!.shared.frequencies).toMatchObject({ images: 9, counts: { 'a reference': 1 } });
    expect(comparisons[1]!.shared.frequencies).toBeUndefined();
    for (const { shared, picture } of comparisons) {
      // What the person says, with its cosine, and not by which owner.
      expect(shared.said).toEqual([
        {
          id: 'one',
          text: 'my own',
          own: true,
          at: expect.any(String) as string,
          score: { cosine: 0.5, space: 'pocket' },
        },
      ]);
      expect(picture).toMatch(/^data:image\/png;base64,/);
      const events = shared.items.flatMap(({ event }) => event ?? []);
      expect(events.filter(({ type }) => type === 'encoded')).toEqual([
        expect.not.objectContaining({ values: expect.anything() as unknown }),
      ]);
      expect(events.filter(({ type }) => type === 'step').length).toBeGreaterThan(0);
      expect(shared.embedding).toBeUndefined();
    }
  });
});
