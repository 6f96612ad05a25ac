import { describe, expect, it } from 'vitest';
import { scriptedStudio } from '../comparisons/scripted-studio';
import { editComparison } from './changes';
import { exportComparisons } from './export';

const scripted = scriptedStudio();

describe('comparisons in one HTML file', () => {
  it('are all there with their steps and references, and neither a note nor an embedding', async () => {
    const ids: string[] = [];
    for (const title of ['first </script><b>', 'second']) {
      const { id } = await scripted.studio.comparisons.create({ input: { kind: 'sample' }, title, lanes: [{ decoder: 'clipcap' }, { decoder: 'decap' }] });
      await scripted.studio.comparisons.ended(id);
      await editComparison(scripted.studio.database, 'local', id, { note: 'mine alone', references: ['a reference'] });
      ids.push(id);
    }
    const { fileName, parts } = await exportComparisons({ images: scripted.studio.images, view: (id) => scripted.studio.store.view(id) }, ids, 'html');
    expect(fileName).toBe('2-comparisons.html');
    let html = '';
    for await (const part of parts) html += String(part);
    expect(html).not.toContain('mine alone');
    // Whatever a title holds, it ends no element: the data stands in one that only JSON is in.
    const data = /<script type="application\/json" id="comparisons">([^<]*)<\/script>/.exec(html)![1]!;
    const comparisons = JSON.parse(data) as { shared: { title: string; references: string[]; embedding?: unknown; items: { event?: { type: string; values?: unknown } }[] }; picture: string }[];
    expect(comparisons.map(({ shared }) => [shared.title, shared.references])).toEqual([['first </script><b>', ['a reference']], ['second', ['a reference']]]);
    for (const { shared, picture } of comparisons) {
      expect(picture).toMatch(/^data:image\/png;base64,/);
      const events = shared.items.flatMap(({ event }) => event ?? []);
      expect(events.filter(({ type }) => type === 'encoded')).toEqual([expect.not.objectContaining({ values: expect.anything() as unknown })]);
      expect(events.filter(({ type }) => type === 'step').length).toBeGreaterThan(0);
      expect(shared.embedding).toBeUndefined();
    }
  });
});
