import { describe, expect, it } from 'vitest';
import { type SaveComparison, saveInput } from '../../kept/requests';
import { begun, failed, finished, step, type Whole } from '../../kept/test-whole';
import { localOwner } from '../owners/signing';
import { scriptedStudio } from '../studio/scripted-studio';

const scripted = scriptedStudio();

describe('what a browser saves', () => {
  // A field that only a type knew was refused here at run time: types and what is taken in were written twice.
  it('comes back with every field that the types know', async () => {
    const pixels = { width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
    const picture = await scripted.studio.images.save(pixels, 'png', { ownerId: localOwner });
    const saved: Whole<SaveComparison> = {
      family: 'pocket',
      familyHash: 'a'.repeat(64),
      precision: 'fp32',
      device: { name: 'wasm', adapter: 'x', reason: 'y', instead: 'z' },
      imageId: picture.id,
      title: 'cat',
      input: 'image',
      embedding: [1, 2],
      modality: 'image',
      references: ['a cat'],
      ratings: { a: { stars: 4, blind: true } },
      said: [
        {
          ...{ id: 's', text: 'my cat', lane: 'a', own: true, at: '2026-01-02T03:04:05.000Z', by: 'this browser' },
          score: { cosine: 0.5, space: 'pocket', cut: true },
        },
      ],
      lanes: [...begun.lanes, { ...begun.lanes[0]!, id: 'b' }],
      items: [begun, step, finished, { ...failed, lane: 'b' }].map((event, at) => ({
        kind: 'event' as const,
        at,
        event,
      })),
      status: 'finished',
    };
    const { id } = await scripted.studio.comparisons.save(saveInput.parse(saved));
    const {
      family,
      familyHash,
      precision,
      device,
      image,
      title,
      input,
      embedding,
      modality,
      references,
      said,
      ...view
    } = await scripted.studio.comparisons.get(id);
    const lanes = view.lanes.map(({ id: lane, decoder, options }) => ({ id: lane, decoder, options }));
    const items = view.items.filter(({ kind }) => kind === 'event');
    const [a, b] = view.lanes;
    expect({
      ...{
        family,
        familyHash,
        precision,
        device,
        imageId: image?.id,
        title,
        input,
        embedding,
        modality,
        references,
        said,
      },
      ...{ ratings: { a: a!.rating }, lanes, items, status: view.status },
    }).toEqual(saved);
    expect([a!.result, b!.error]).toEqual([finished.result, failed.error]);
  });
});
