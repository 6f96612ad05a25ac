import { describe, expect, it } from 'vitest';
import { isCaptionFile, referencesOfImage } from './of-image';

const coco = JSON.stringify({
  images: [
    { id: 7, file_name: 'COCO_val2014_000000000007.jpg' },
    { id: 9, file_name: 'a/x.jpg' },
    { id: 11, file_name: 'b/x.jpg' },
  ],
  annotations: [
    { image_id: 7, caption: 'a dog' },
    { image_id: 9, caption: 'a cat' },
    { image_id: 7, caption: 'the dog' },
    { image_id: 11, caption: 'a cow' },
  ],
});
const of = (name: string, text = coco) => referencesOfImage('refs.json', Buffer.from(text), name);

describe('references of one photo from a file of many', () => {
  it('are those of the image of its name', () => {
    expect(of('COCO_val2014_000000000007.jpg')).toEqual({ captions: ['a dog', 'the dog'], notes: [] });
    expect(of('000000000007.jpg').captions).toEqual(['a dog', 'the dog']);
    expect(of('photos/a/x.jpg').captions).toEqual(['a cat']);
  });

  it('are those of the only image, whatever it is called, and what was left out is told', () =>
    expect(of('mine.png', '{"image": "other.jpg", "captions": ["one", ""]}')).toEqual({
      captions: ['one'],
      notes: [expect.stringMatching(/refs\.json: 1 empty caption is left out/)],
    }));

  it('are refused in words where none or several may be meant', () => {
    expect(() => of('mine.jpg')).toThrow(
      /references of 3 images \(COCO_val2014_000000000007\.jpg, a\/x\.jpg, b\/x\.jpg\), and none/,
    );
    expect(() => of('x.jpg')).toThrow(/several images that x\.jpg may be: a\/x\.jpg, b\/x\.jpg/);
  });
});

describe('pasted text', () => {
  it.each([
    coco,
    '{"image": "a.jpg", "captions": ["one"]}\n{"image": "b.jpg", "captions": ["two"]}',
    'a.jpg#0\tone\na.jpg#1\ttwo',
    'image,caption\na.jpg,one',
    'a.jpg,one\na.jpg,two',
  ])('%s is a file of captions', (text) => expect(isCaptionFile(text)).toBe(true));
  it.each([
    'a dog runs',
    'a dog, a cat\nand a cow',
    '[a dog]',
    '{dog}',
    '',
    'an image, a caption\nof a dog',
    '#1\tone',
  ])('%j is captions one a line', (text) => expect(isCaptionFile(text)).toBe(false));
});
