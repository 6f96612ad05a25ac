import { describe, expect, it } from 'vitest';
import type { LaneResult } from '../../models/events';
import type { ComparisonView, LaneView } from '../comparison';
import { exportCaptions, exportCoco, exportCsv } from '../export-text';
import { recordFile, recordOf } from '../record';
import { joinCaptions } from './join';
import { candidatesIn, readCaptions, referencesIn } from './read';

const lane = (id: string, caption?: string): LaneView => ({
  id,
  decoder: id,
  options: { beam: 5 },
  status: caption === undefined ? 'failed' : 'finished',
  result: caption === undefined ? null : ({ caption, tokens: [1], similarity: 0.5 } as unknown as LaneResult),
  error: caption === undefined ? { code: 'needs-image', message: 'It reads, and there is, no image.' } : null,
});
const view = (title: string, references: string[], ...lanes: LaneView[]): ComparisonView => ({
  id: `id-of-${title}`,
  createdAt: new Date(0),
  title,
  note: 'one,\n"two"',
  appVersion: null,
  weightHashes: null,
  replayOf: null,
  endedAt: null,
  status: 'finished',
  family: 'pocket',
  precision: 'fp32',
  device: { name: 'cpu' },
  input: 'image',
  sample: null,
  image: null,
  computedBy: 'server',
  familyHash: null,
  embedding: null,
  modality: null,
  references,
  said: [{ id: 's', text: 'a person’s', lane: 'clipcap', own: true, at: new Date(0).toISOString(), by: 'local' }],
  lanes,
  error: null,
  items: [],
  lastEventId: null,
});
const views = [
  view(
    'COCO_val2014_000000000007.jpg',
    ['a dog'],
    lane('clipcap', 'seven, clipcap'),
    lane('decap', '=1+1'),
    lane('coca'),
  ),
  view('1000_693b08cb12.jpg', ['a cat'], lane('clipcap', 'a "twelve"'), lane('decap', ''), lane('coca')),
];
async function* each() {
  for (const one of views) yield one;
}
async function* records() {
  for (const one of views) yield { hash: `hash of ${one.title}`, comparison: recordOf(one, null), picture: null };
}
async function bytesOf(parts: AsyncIterable<string>) {
  let all = '';
  for await (const part of parts) all += part;
  return Buffer.from(all);
}
const said = (file: Uint8Array, lane?: string) =>
  Object.fromEntries(
    [...candidatesIn('file', readCaptions('file', file), lane)].map(([name, images]) => [
      name,
      images.map(({ captions }) => captions[0] ?? ''),
    ]),
  );
const references = Buffer.from(
  JSON.stringify({ 'val/1000_693b08cb12.jpg': ['twelve'], 'val/COCO_val2014_000000000007.jpg': ['seven'] }),
);
const joined = (file: Uint8Array) =>
  [...candidatesIn('file', readCaptions('file', file)).values()].map((images) =>
    joinCaptions(images, referencesIn('file', readCaptions('file', references)).images).items.map(
      ({ references: [first] }) => first,
    ),
  );

describe('every export of the history is read again, and joined with references by its file names', () => {
  const all = { clipcap: ['seven, clipcap', 'a "twelve"'], decap: ['=1+1', ''] };

  it.each([
    ['JSON', () => recordFile(records(), (text) => text.slice(0, 8))],
    ['CSV', () => exportCsv(each())],
  ])('%s', async (_, write) => {
    const file = await bytesOf(write());
    expect(said(file)).toEqual(all);
    expect(joined(file)).toEqual(Array(2).fill(['seven', 'twelve']));
  });

  it('JSON gives its references too', async () => {
    const read = readCaptions('file', await bytesOf(recordFile(records(), () => '')));
    expect(referencesIn('file', read).images.map(({ captions }) => captions)).toEqual([['a dog'], ['a cat']]);
  });

  it('COCO results', async () => {
    const file = await bytesOf(exportCoco(each(), 'clipcap'));
    expect(said(file)).toEqual({ '': all.clipcap });
    expect(joined(file)).toEqual([['seven', 'twelve']]);
  });

  it('text', async () => {
    const file = await bytesOf(exportCaptions(each()));
    expect(said(file)).toEqual(all);
    expect(joined(file)).toEqual(Array(2).fill(['seven', 'twelve']));
  });
});
