import { describe, expect, it } from 'vitest';
import { joinCaptions } from './join';
import { candidatesIn, readCaptions, referencesIn } from './read';

const json = (value: unknown) => JSON.stringify(value);
const read = (content: string | Uint8Array, split?: string) =>
  readCaptions('file', typeof content === 'string' ? Buffer.from(content) : content, { split });
/** Every image as its first name and first id, and its captions. */
const images = (content: string | Uint8Array, split?: string) =>
  referencesIn('file', read(content, split)).images.map(({ names, ids, captions }) => [names[0], ids[0], captions]);
const refused = (content: string | Uint8Array, message: RegExp, code = 'references-invalid') =>
  expect(() => referencesIn('file', read(content))).toThrowError(
    expect.objectContaining({ code, message: expect.stringMatching(message) }),
  );

const dog = ['A dog runs.', 'The dog, running'];
const men = ['Two men play.', 'Men are "playing"'];
const coco = {
  info: {},
  images: [
    { id: 7, file_name: 'COCO_val2014_000000000007.jpg' },
    { id: 9, file_name: 'COCO_val2014_000000000009.jpg' },
  ],
  annotations: [7, 9, 7, 9].map((image_id, i) => ({
    image_id,
    id: 50 + i,
    caption: (image_id === 7 ? dog : men)[i >> 1],
  })),
};
const karpathy = {
  dataset: 'coco',
  images: [
    {
      filepath: 'val2014',
      filename: 'a.jpg',
      imgid: 0,
      cocoid: 7,
      split: 'test',
      sentences: dog.map((raw) => ({ raw, tokens: [] })),
    },
    { filename: 'b.jpg', imgid: 1, split: 'train', sentences: men.map((raw) => ({ raw })) },
  ],
};

describe('every layout of the field is told by its content and read', () => {
  const plain = [
    ['a.jpg', undefined, dog],
    ['b.jpg', undefined, men],
  ];
  it.each([
    [
      'COCO annotations',
      json(coco),
      [
        ['COCO_val2014_000000000007.jpg', '7', dog],
        ['COCO_val2014_000000000009.jpg', '9', men],
      ],
    ],
    [
      'COCO annotations without names',
      json({ annotations: coco.annotations }),
      [
        [undefined, '7', dog],
        [undefined, '9', men],
      ],
    ],
    [
      'Karpathy splits',
      json(karpathy),
      [
        ['val2014/a.jpg', '7', dog],
        ['b.jpg', '1', men],
      ],
    ],
    ['COCO results', json([{ image_id: 7, caption: dog[0] }]), [[undefined, '7', [dog[0]]]]],
    [
      'lists of images',
      json([
        { image: 'val/a.jpg', caption: dog },
        { image: 'b.jpg', image_id: 'coco_9', caption: men[0] },
      ]),
      [
        ['val/a.jpg', undefined, dog],
        ['b.jpg', 'coco_9', [men[0]]],
      ],
    ],
    ['token.txt', `a.jpg#0\t${dog[0]}\na.jpg#1\t${dog[1]}\r\nb.jpg#0\t${men[0]}\nb.jpg#1\t${men[1]}\n`, plain],
    [
      "Kaggle's table",
      `image,caption\na.jpg,${dog[0]}\na.jpg,"${dog[1]}"\nb.jpg,${men[0]}\nb.jpg,"Men are ""playing"""\n`,
      plain,
    ],
    [
      'a table with commas unquoted',
      `image,caption\na.jpg,${dog[0]}\na.jpg,${dog[1]}\nb.jpg,${men[0]}\nb.jpg,"Men are ""playing"""\n`,
      plain,
    ],
    [
      'a table of bars',
      `image_name| comment_number| comment\na.jpg| 0| ${dog[0]}\na.jpg| 1| ${dog[1]}\nb.jpg| 0| ${men[0]}\nb.jpg| 1| ${men[1]}\n`,
      plain,
    ],
    [
      'a table of tabs',
      `filename\tcaption\na.jpg\t${dog[0]}\na.jpg\t${dog[1]}\nb.jpg\t${men[0]}\nb.jpg\t${men[1]}`,
      plain,
    ],
    [
      'a table of lists',
      `raw,split,filename\n"${json(dog).replaceAll('"', '""')}",val,a.jpg\n"${json(men).replaceAll('"', '""')}",val,b.jpg\n`,
      plain,
    ],
    [
      'a table without a head',
      `a.jpg,${dog[0]}\na.jpg,"${dog[1]}"\nb.jpg,${men[0]}\nb.jpg,"Men are ""playing"""`,
      plain,
    ],
    [
      'JSON lines',
      `${json({ image: 'a.jpg', captions: dog })}\n\n${json({ image: 'b.jpg', captions: men })}\r\n`,
      plain,
    ],
    ['one line', json({ image: 'a.jpg', captions: dog }), plain.slice(0, 1)],
    [
      'lines of one caption',
      [
        ...dog.map((caption) => json({ image: 'a.jpg', caption })),
        ...men.map((caption) => json({ image: 'b.jpg', caption })),
      ].join('\n'),
      plain,
    ],
    [
      "capevalkit's references",
      `${json({ id: 1, references: dog })}\n${json({ id: 'x', references: men })}`,
      [
        [undefined, '1', dog],
        [undefined, 'x', men],
      ],
    ],
    ["capevalkit's predictions", json({ id: 1, caption: dog[0], image: 'a.jpg' }), [['a.jpg', '1', [dog[0]]]]],
    [
      'a dictionary of lists',
      json({ 7: dog, 'b.jpg': men[0] }),
      [
        ['7', '7', dog],
        ['b.jpg', 'b.jpg', [men[0]]],
      ],
    ],
    [
      "a dictionary as pycocoevalcap's tokenizer takes it",
      json({ 7: dog.map((caption) => ({ image_id: 7, caption })) }),
      [['7', '7', dog]],
    ],
  ])('%s', (_, content, expected) => {
    expect(images(content)).toEqual(expected);
    const bytes = Buffer.from(content, 'utf16le');
    expect(images(Buffer.concat([Buffer.from([0xff, 0xfe]), bytes])), 'in UTF-16').toEqual(expected);
    expect(images(Buffer.concat([Buffer.from([0xfe, 0xff]), bytes.swap16()])), 'in UTF-16, big-endian').toEqual(
      expected,
    );
    expect(images(`\ufeff${content}`), 'behind a byte order mark').toEqual(expected);
  });

  it('of several splits the one that is asked for, and all are told', () => {
    expect(images(json(karpathy), 'test')).toEqual([['val2014/a.jpg', '7', dog]]);
    expect(read(json(karpathy)).notes).toEqual([
      'file has the splits test (1), train (1); all are read. --split NAME chooses one.',
    ]);
    expect(() => read(json(karpathy), 'tset')).toThrow(/no split "tset". It has test \(1\), train \(1\)/);
    expect(() => read(json(coco), 'test')).toThrow(/--split test: file \(COCO annotations\) names no splits/);
  });
});

describe('what is not as it should be is said, with the line', () => {
  it.each([
    [
      `${json({ image: 'a.jpg', captions: ['a', ''] })}\n${json({ image: 'b.jpg', captions: ['b', null, ' '] })}`,
      /^file: 3 empty captions are left out \(line 1, line 2\)\.$/,
    ],
    ['a.jpg#0\tone\na.jpg#1\t\n', /1 empty caption is left out \(line 2\)/],
    ['image,caption\na.jpg,"two\nlines"\na.jpg,\n', /1 empty caption is left out \(line 4\)/],
    [
      json({
        annotations: [
          { image_id: 1, caption: 'a' },
          { image_id: 1, caption: '' },
        ],
      }),
      /left out \(annotation 2\)/,
    ],
    [
      Buffer.from(
        `${json({ image: 'a.jpg', captions: ['one'] })}\n${json({ image: 'b.jpg', captions: ['un café noir'] })}`,
        'latin1',
      ),
      /^file, line 2: not UTF-8\. The file is read as Latin-1/,
    ],
    [`${json({ image: 'a.jpg', captions: ['caf\ufffd'] })}`, /line 1: letters were lost before \(U\+FFFD\)/],
  ])('%j', (content, note) => {
    const { notes, images: found } = read(content);
    expect(notes).toEqual([expect.stringMatching(note)]);
    expect(found.flatMap(({ captions }) => captions).every(Boolean)).toBe(true);
  });

  it('Latin-1 keeps its letters', () =>
    expect(images(Buffer.from('{"image":"a.jpg","captions":["un café noir"]}', 'latin1'))).toEqual([
      ['a.jpg', undefined, ['un café noir']],
    ]));

  it('images without any caption are left out as references, and told', () => {
    const { images: found, notes } = referencesIn('file', read(`${json({ a: ['one'], b: [], c: [''], d: null })}`));
    expect(found.map(({ names }) => names[0])).toEqual(['a']);
    expect(notes).toEqual(['file: 3 of 4 images have no caption and are left out ("b", "c", "d").']);
  });

  it.each([
    ['', /is empty/],
    ['\n \n', /is empty/],
    [json({ image: 'a.jpg', captions: [''] }), /has no references/],
    ['just some notes\nof mine', /no file of captions that is known. Expected COCO annotations/],
    ['[1, 2]', /entry 1: expected an object of one image/],
    ['42', /no file of captions/],
    ['{}', /not one caption/],
    ['[]', /not one caption/],
    [`${json({ image: 'a.jpg', captions: dog })}\n{"image":"x"}`, /line 2: it lacks an image or its captions/],
    [`${json({ image: 'a.jpg', captions: dog })}\n{"image":`, /line 2: this is not JSON/],
    [json({ image: 'a.jpg', captions: [3] }), /3 is no caption/],
    ['{\n"a": ["b"],\n"c": [\n', /file(, line \d)?: this is not JSON\. Is the file cut short/],
    ['a.jpg#0\tone\nb.jpg one\n', /line 2: expected name\.jpg#0, a tab/],
    ['image,caption\na.jpg,one\nb.jpg\n', /line 3: expected 2 columns, and there are 1/],
    ['image,caption\n"a.jpg,one\n', /line 2: a quotation mark is not closed/],
    ['image,caption\n,one\n', /line 2: no image is named/],
    [json({ images: [{ id: 1 }] }), /image 1: it has no "sentences"/],
    [json({ images: [], annotations: [{ image_id: 1, bbox: [] }] }), /annotation 1: it has no caption.*instances/],
    [Buffer.from([1, 2, 0, 3]), /holds zero bytes/],
    [json({ clipcap: { a: 'x' }, decap: { a: 'y' } }), /several decoders \(clipcap, decap\), not references/],
  ])('%j is refused in words', (content, message) => refused(content as string | Uint8Array, message));
});

describe('candidates and references are joined', () => {
  const join = (candidates: unknown, references: unknown) => {
    const { items, notes } = joinCaptions(
      read(json(candidates)).images,
      referencesIn('file', read(json(references))).images,
    );
    return [items.map(({ image, caption, references: [first] }) => [image, caption, first]), notes.join()];
  };
  const results = [
    { image_id: 9, caption: 'nine' },
    { image_id: 7, caption: 'seven' },
  ];

  it.each([
    ['by COCO’s image ids', results, coco],
    ['by ids in a dictionary', { 9: ['nine'], '000000000007': 'seven' }, coco],
    [
      'by Karpathy’s cocoid, not his imgid',
      [{ image_id: 7, caption: 'seven' }],
      { images: [karpathy.images[0], { ...karpathy.images[1], imgid: 7, cocoid: 8 }] },
    ],
    ['by the ids that file names carry', results, { 'COCO_val2014_000000000007.jpg': dog, '000000000009.jpg': men }],
    ['by file names', { 'val2014/COCO_val2014_000000000007.jpg': ['seven'] }, coco],
    [
      'by file names without endings',
      { COCO_val2014_000000000007: ['seven'] },
      {
        images: coco.images.map(({ file_name }, i) => ({
          filename: file_name,
          imgid: 100 + i,
          sentences: (i ? men : dog).map((raw) => ({ raw })),
        })),
      },
    ],
  ])('%s', (_, candidates, references) => {
    const [items] = join(candidates, references) as [string[][], string];
    for (const [, caption, first] of items) expect(first).toBe({ seven: dog, nine: men }[caption as 'seven']![0]);
  });

  it('paths decide between files of the same name, and what they cannot decide is refused with counts', () => {
    const references = { 'a/x.jpg': ['first'], 'b/x.jpg': ['second'] };
    expect(join({ 'photos/b/x.jpg': ['c'] }, references)[0]).toEqual([['photos/b/x.jpg', 'c', 'second']]);
    expect(() => join({ 'x.jpg': ['c'] }, references)).toThrow(
      /Of 1 of 1 candidates it is not clear.*x\.jpg may be a\/x\.jpg or b\/x\.jpg/,
    );
  });

  it('what has no reference is refused with counts and examples', () => {
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`n${i}.jpg`, ['c']]));
    expect(() => join({ ...many, 'a.jpg': ['c'] }, { 'a.jpg': ['r'] })).toThrow(
      /9 of 10 candidates have no reference: n0\.jpg, n1\.jpg, n2\.jpg and 6 more candidates\. The references are of a\.jpg/,
    );
  });

  it('tells of several candidates, empty ones, and images without one', () => {
    expect(
      join({ 'a.jpg': ['one', 'two'], 'b.jpg': [''] }, { 'a.jpg': ['r'], 'b.jpg': ['s'], 'c.jpg': ['t'] }),
    ).toEqual([
      [
        ['a.jpg', 'one', 'r'],
        ['b.jpg', '', 's'],
      ],
      [
        '1 of 2 images have several candidates (a.jpg); the first of each is scored.',
        '1 of 2 candidates are empty ("b.jpg") and are scored as such.',
        '1 of 3 images with references have no candidate; the others are scored.',
      ].join(),
    ]);
  });
});

describe('captions of several decoders', () => {
  const lanes = (content: string, lane?: string) =>
    Object.fromEntries(
      [...candidatesIn('file', read(content), lane)].map(([name, all]) => [
        name,
        all.map(({ names, captions }) => [names[0], captions[0]]),
      ]),
    );
  const both = { clipcap: [['day.jpg', 'a day']], decap: [['day.jpg', 'one day']] };

  it('as `evaluate --captions` writes them', () => {
    const content = json({ clipcap: { 'day.jpg': 'a day' }, decap: { 'day.jpg': 'one day' } });
    expect(lanes(content)).toEqual(both);
    expect(lanes(content, 'decap')).toEqual({ decap: both.decap });
    expect(() => lanes(content, 'coca')).toThrow(/no captions of "coca"\. It has clipcap, decap/);
  });

  it('as `caption --json` prints them, beside photos that could not be read and lanes that failed', () => {
    const line = (captions: unknown) => json({ image: 'day.jpg', family: 'pocket', captions });
    const said = [
      { decoder: 'clipcap', caption: 'a day' },
      { decoder: 'decap', caption: 'one day' },
      { decoder: 'coca', error: { code: 'needs-image', message: 'x' } },
    ];
    expect(lanes(line(said))).toEqual(both);
    expect(
      lanes(`${json({ image: 'n.jpg', error: { code: 'image-unreadable', message: 'x' } })}\n${line(said)}`),
    ).toEqual(both);
  });
});
