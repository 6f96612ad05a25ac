import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scriptedEngine } from '../comparisons/scripted-engine';
import type { Studio } from '../studio/studio';
import { openTestStudio, scratchFolder } from '../studio/test-studio';
import { canonicalJson } from '../../models/canonical';
import { exportCaptions, exportCoco, exportCsv, imageIdOf } from '../../kept/export-text';
import { StudioError } from '../../models/errors';
import { ComparisonStore } from '../comparisons/store';
import { statusOf } from '../http/status';
import { editComparison } from './changes';
import { exportFile, fileHash } from './export-json';
import { contentHash } from './hash';
import { importFile } from './import';
import { readInThread } from './import-host';
import { isBareJpeg, takePicture } from './picture';
import { historyPage } from './page';

const [here, there] = [scratchFolder(), scratchFolder()];
let studio: Studio;
let other: Studio;
beforeAll(async () => {
  studio = await openTestStudio(here.url, scriptedEngine(1));
  other = await openTestStudio(there.url, scriptedEngine(1));
});
afterAll(async () => {
  await Promise.all([studio.close(), other.close()]);
  here.remove();
  there.remove();
});

const drawing = (width: number, height: number) => {
  const data = new Uint8Array(width * height * 3).map((_, i) => (i * 37 + (i >> 5)) % 256);
  return { width, height, data };
};
async function run(imageId?: string, title?: string): Promise<string> {
  const { id } = await studio.comparisons.create({
    input: imageId ? { kind: 'image', imageId } : { kind: 'sample' },
    title,
    lanes: [{ decoder: 'clipcap', options: { seed: 7 } }, { decoder: 'broken' }, { decoder: 'decap' }],
  });
  await studio.comparisons.ended(id);
  return id;
}
const text = async (parts: AsyncIterable<string>) => {
  let all = '';
  for await (const part of parts) all += part;
  return all;
};
const source = (of: Studio) => ({ images: of.images, view: (id: string) => of.store.view(id) });
const parts = (of: Studio) => ({ database: of.database, images: of.images, store: of.store });
async function* views(...ids: string[]) {
  for (const id of ids) yield await studio.store.view(id);
}

describe('export and import', () => {
  it('into an empty database and out again give the same file, byte for byte', async () => {
    const small = await studio.images.save(drawing(40, 30), 'png');
    // Over a million pixels: kept as a JPEG, whose pixels would change if it were encoded again.
    const large = await studio.images.save(drawing(1200, 900), 'jpeg');
    const embedded = await studio.comparisons.create({
      input: { kind: 'embedding', values: [0.1, -2], modality: 'text' },
    });
    await studio.comparisons.ended(embedded.id);
    const ids = [await run(small.id, 'Ünïcode “title” <b>'), await run(large.id), await run(), embedded.id];
    await editComparison(studio.database, 'local', ids[0]!, {
      note: 'first\nsecond </script>',
      references: ['a dog <b>runs</b>', 'ein Hund läuft'],
    });
    const exported = await text(exportFile(source(studio), ids));
    const { comparisons } = await importFile(parts(other), 'local', exported);
    expect(comparisons.map(({ known }) => known)).toEqual([false, false, false, false]);
    expect(
      await text(
        exportFile(
          source(other),
          comparisons.map(({ id }) => id),
        ),
      ),
    ).toBe(exported);
    expect(await other.store.view(comparisons[0]!.id)).toMatchObject({
      references: ['a dog <b>runs</b>', 'ein Hund läuft'],
      modality: null,
    });
    expect(await other.store.view(comparisons[3]!.id)).toMatchObject({
      references: [],
      modality: 'text',
      embedding: [0.1, -2],
    });
    // What is reopened there draws the same views.
    const [before, after] = [await studio.store.view(ids[0]!), await other.store.view(comparisons[0]!.id)];
    expect(after).toEqual({
      ...before,
      id: after.id,
      image: { ...before.image, id: after.image!.id, url: after.image!.url, thumbnailUrl: after.image!.thumbnailUrl },
    });
    expect(
      (await historyPage(other.database, { ownerId: 'local', limit: 10, search: 'Ünïc' })).entries.map(({ lanes }) =>
        lanes.map(({ caption }) => caption),
      ),
    ).toEqual([['a', null, 'a dog runs']]);
    // Again: nothing is doubled, neither there nor where it was made.
    for (const [studioThere, expected] of [
      [other, comparisons.map(({ id }) => id)],
      [studio, ids],
    ] as const) {
      const again = await importFile(parts(studioThere), 'local', exported);
      expect(again.comparisons.map(({ id, known }) => [id, known])).toEqual(expected.map((id) => [id, true]));
    }
    // Another owner gets copies of their own.
    expect((await importFile(parts(other), 'somebody', exported)).comparisons.every(({ known }) => !known)).toBe(true);
  });

  it('reads files of version 1, which knew no references, modality, ratings or captions of a person, and their hashes stay', async () => {
    const id = await run(undefined, 'old');
    const old = (await text(exportFile(source(studio), [id]))).replace('"version":5', '"version":1');
    expect(old).not.toMatch(/"references"|"modality"|"rating"|"said"/);
    const { comparisons } = await importFile(parts(other), 'reader of old files', old);
    expect(comparisons).toMatchObject([
      {
        title: 'old',
        known: false,
        hash: (JSON.parse(old) as { comparisons: { hash: string }[] }).comparisons[0]!.hash,
      },
    ]);
  });

  it('refuses what was changed, cut, or is something else, says where, and writes nothing', async () => {
    const id = await run(undefined, 'good');
    const exported = await text(exportFile(source(studio), [id]));
    type File = {
      version: number;
      hash: string;
      comparisons: {
        hash: string;
        comparison: Record<string, unknown> & {
          items: { kind: string; event?: Record<string, unknown> }[];
          lanes: Record<string, unknown>[];
        };
        picture: { base64: string; mime: string } | null;
      }[];
    };
    /** A file with a change, its hashes made to fit unless `hashes` is false. */
    const changed = (change: (file: File) => void, hashes = true) => {
      const file = JSON.parse(exported) as File;
      change(file);
      if (hashes) for (const one of file.comparisons) one.hash = contentHash(one.comparison);
      if (hashes) file.hash = fileHash(file.comparisons.map(({ hash }) => hash));
      return JSON.stringify(file);
    };
    const png = (
      await sharp({ create: { width: 8, height: 6, channels: 3, background: 'red' } })
        .png()
        .toBuffer()
    ).toString('base64');
    const first = (file: File) => file.comparisons[0]!;
    const bad: [string, string, RegExp][] = [
      ['cut', exported.slice(0, 500), /not JSON \(or is cut short\)/],
      ['a list', '[1]', /not an export of Caption Studio/],
      ['newer', changed((file) => (file.version = 9)), /version 9; this studio reads versions 1 to 5/],
      [
        'a changed caption',
        changed((file) => (first(file).comparison.title = 'better'), false),
        /Comparison 1 of 1 was changed after it had been exported/,
      ],
      ['a lost comparison', changed((file) => file.comparisons.push(first(file)), false), /not whole/],
      [
        'an unknown event',
        changed((file) => (first(file).comparison.items[1]!.event = { type: 'script', text: 'x' })),
        /comparison\.items\.1\.event/,
      ],
      [
        'a lane that is none',
        changed(
          (file) =>
            (first(file).comparison.items.find(({ event }) => event?.type === 'lane-started')!.event!.lane = 'nosuch'),
        ),
        /there is no lane "nosuch"/,
      ],
      [
        'a number that is none',
        changed((file) => (first(file).comparison.lanes[0]!.result = { caption: 1 })),
        /lanes\.0\.result/,
      ],
      ['no end', changed((file) => void first(file).comparison.items.pop()), /the last item must be the end/],
      ['a field of its own', changed((file) => (first(file).comparison.ownerId = 'local')), /ownerId/],
      [
        'too many references',
        changed((file) => (first(file).comparison.references = Array<string>(51).fill('x'))),
        /references: at most 50/,
      ],
      ['no picture', changed((file) => (first(file).picture = null)), /lacks its picture/],
      [
        'another picture',
        changed((file) => (first(file).picture!.base64 = png)),
        /is not the one that was exported \(8 x 6/,
      ],
      [
        'no picture at all',
        changed((file) => (first(file).picture!.base64 = Buffer.from('<svg onload=alert(1)>').toString('base64'))),
        /picture of comparison 1 of 1 cannot be read/,
      ],
    ];
    const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    const details = changed(
      (file) => (first(file).comparison.error = { code: 'busy', message: '', details: { x: 0 } }),
    );
    bad.push(
      ['nested too deep', `{"format":"caption-studio","version":4,"x":${deep(200_000)}}`, /nests more than 64/],
      [
        'nested too deep where anything may stand',
        details.replace('"x":0', `"x":${deep(5_000)}`),
        /nests more than 64/,
      ],
      ['a huge comparison', `{"comparisons":[{"x":"${'x'.repeat(65 * 1024 ** 2)}"}]}`, /is larger than 64 MB/],
      ['brackets that do not fit', ']]]}}}', /not JSON/],
      ['nothing', '', /not JSON/],
      ['a number for a comparison', changed((file) => file.comparisons.push(0 as never), false), /not all comparisons/],
      ['broken inside', exported.replace('"kind":"ended"', '"kind":"ended",,'), /not JSON/],
    );
    for (const [name, file, message] of bad) {
      const failure = await importFile(parts(other), 'nobody', file).catch((error: unknown) => error);
      expect(failure, name).toMatchObject({ message: expect.stringMatching(message) as unknown });
      // A fault of the file is the asker's, told as such.
      expect(statusOf((failure as StudioError).code).http, name).toBeLessThan(500);
    }
    expect(await other.database.comparison.count({ where: { ownerId: 'nobody' } })).toBe(0);
    expect(await other.database.image.count({ where: { ownerId: 'nobody' } })).toBe(0);
  });

  it('leaves the server free while a large file is read, and takes back what finds no room', async () => {
    const ids = [await run(undefined, 'large'), await run(undefined, 'larger')];
    const exported = JSON.parse(await text(exportFile(source(studio), ids))) as {
      hash: string;
      comparisons: { hash: string; comparison: { title: string; items: unknown[] } }[];
    };
    for (const one of exported.comparisons) {
      const step = one.comparison.items.find((item) => JSON.stringify(item).includes('"step"'));
      one.comparison.items.splice(-1, 0, ...Array<unknown>(8_000).fill(step));
      one.hash = contentHash(one.comparison);
    }
    exported.hash = fileHash(exported.comparisons.map(({ hash }) => hash));
    let turns = 0;
    const ticking = setInterval(() => turns++, 1);
    const reader = await readInThread(new TextEncoder().encode(JSON.stringify(exported)));
    clearInterval(ticking);
    // One thread would have had none: nothing is waited for while JSON is parsed and checked.
    expect(turns).toBeGreaterThan(20);
    await reader.return(undefined);

    let left = 1; // the first finds room, the second does not
    const store = new ComparisonStore(other.database, async () => {
      if (--left < 0) throw new StudioError('storage-full', 'No room.');
    });
    await expect(importFile({ ...parts(other), store }, 'full', JSON.stringify(exported))).rejects.toMatchObject({
      code: 'storage-full',
    });
    expect(await other.database.comparison.count({ where: { ownerId: 'full' } })).toBe(0);
  });

  it('waits for a comparison that runs', async () => {
    const slow = await openTestStudio(here.url, scriptedEngine(2_000));
    const { id } = await slow.comparisons.create({ input: { kind: 'sample' } });
    await expect(text(exportFile(source(slow), [id]))).rejects.toThrow(/still runs/);
    await slow.close();
  });

  it('strips what a forged picture carries', async () => {
    const bare = await studio.images.file((await studio.images.save(drawing(1200, 900), 'jpeg')).id, false);
    expect(isBareJpeg(bare.bytes)).toBe(true);
    expect((await takePicture(bare.bytes)).bytes).toEqual(bare.bytes);
    const trailing = new Uint8Array([...bare.bytes, ...Buffer.from('<script>')]);
    const exif = new Uint8Array(
      await sharp(bare.bytes)
        .withExif({ IFD0: { Artist: 'Somebody' } })
        .jpeg()
        .toBuffer(),
    );
    for (const bytes of [trailing, exif]) {
      expect(isBareJpeg(bytes)).toBe(false);
      const { mime, bytes: kept } = await takePicture(bytes);
      expect(mime).toBe('image/png');
      expect((await sharp(kept).metadata()).exif).toBeUndefined();
      expect(Buffer.from(kept).includes('<script>')).toBe(false);
    }
  });
});

describe('canonical JSON', () => {
  it('does not depend on the order of keys, and drops undefined', () => {
    expect(canonicalJson({ b: [1, undefined, 'é'], a: { d: 1e21, c: undefined, B: -0 } })).toBe(
      '{"a":{"B":0,"d":1e+21},"b":[1,null,"é"]}',
    );
  });
});

describe('other formats', () => {
  it('CSV: a lane a row, quoted, and no formula', async () => {
    const id = await run(undefined, '=HYPERLINK("http://x")');
    const rows = (await text(exportCsv(views(id)))).trimEnd().split('\r\n');
    expect(rows).toHaveLength(4);
    expect(rows[0]).toMatch(/^comparison,created,title,note,lane,decoder,status,caption,similarity,/);
    expect(rows[1]).toContain(`"'=HYPERLINK(""http://x"")"`);
    expect(rows[1]).toContain(',clipcap,clipcap,finished,a,0.4,pocket,false,-4.5,1,3,1,cpu,q8,pocket,');
    expect(rows[2]).toContain('broken.safetensors differs');
  });

  it('CSV: no formula behind white space, in full width, or as a sign that only looks like minus', async () => {
    const formulas = ['=1+1', ' =1+1', '\u00a0\u3000@SUM(A1)', '＝1+1', '﹢1', '\u200b＠x', '\t1', '−1', '\ufeff-1'];
    const plain = ['a = b', '“=”', '1-1', 'é@x'];
    const id = await run();
    const cells = async (note: string) => {
      const view = { ...(await studio.comparisons.get(id)), note };
      return (
        await text(
          exportCsv(
            (async function* () {
              yield view;
            })(),
          ),
        )
      ).split('\r\n')[1]!;
    };
    for (const note of formulas) expect(await cells(note), JSON.stringify(note)).toContain(`,'${note},`);
    for (const note of plain) expect(await cells(note), JSON.stringify(note)).toContain(`,${note},`);
  });

  it('COCO results: one lane, numbers from file names', async () => {
    const [one, two] = [await run(undefined, 'COCO_val2014_000000391895.jpg'), await run()];
    expect(JSON.parse(await text(exportCoco(views(one, two), 'decap')))).toEqual([
      { image_id: 391895, caption: 'a dog runs' },
      { image_id: two, caption: 'a dog runs' },
    ]);
    await expect(text(exportCoco(views(one)))).rejects.toThrow(/Name the lane: clipcap, decap/);
    await expect(text(exportCoco(views(one), 'coca'))).rejects.toThrow(/no caption of "coca"/);
    expect(imageIdOf({ id: 'x', title: 'holiday.jpg' })).toBe('holiday.jpg');
    expect(imageIdOf({ id: 'x', title: '1000268201_693b08cb12.jpg' })).toBe('1000268201_693b08cb12.jpg');
    expect(imageIdOf({ id: 'x', title: 'my holiday' })).toBe('x');
  });

  it('captions alone', async () => {
    const id = await run(undefined, 'two\nlines');
    expect(await text(exportCaptions(views(id)))).toBe(
      '# two lines\nclipcap\ta\nbroken\t(failed)\ndecap\ta dog runs\n',
    );
  });
});
