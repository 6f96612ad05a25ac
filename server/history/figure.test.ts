import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { scriptedStudio } from '../studio/scripted-studio';
import { localOwner } from '../owners/signing';
import { fileNameOf } from '../../kept/export-formats';
import { changedOptions, figureSvg } from '../../kept/figure';
import { exportComparisons } from './export';
import { figurePng } from './figure-png';
import { rateLane } from './ratings';

const scripted = scriptedStudio();

describe('the figure of a comparison', () => {
  it('shows picture, captions and settings on white, and the text of people as text', async () => {
    const { id } = await scripted.studio.comparisons.create({
      input: { kind: 'sample' },
      title: '<script>alert(1)</script> & “more”\u0001',
      lanes: [
        { decoder: 'clipcap', options: { beam: 3 } },
        { decoder: 'broken' },
        { id: 'second', decoder: 'clipcap' },
      ],
    });
    await scripted.studio.comparisons.ended(id);
    const view = await scripted.studio.store.view(id);
    const { mime, bytes } = await scripted.studio.images.file(view.image!.id, false);
    const picture = { mime: mime as 'image/png', base64: Buffer.from(bytes).toString('base64') };
    const svg = figureSvg([{ view, picture }, { view }]);
    expect(svg).not.toMatch(/<script|alert\(1\)<\/|\u0001/);
    expect(svg).toContain('&#60;script&#62;alert(1)&#60;/script&#62; &#38;');
    expect(svg).toContain('data:image/png;base64,');
    expect(svg).toMatch(/ClipCap \(second\)/);
    expect(svg).toMatch(/clipcap: .*beam 3/);
    expect(svg).toContain('broken.safetensors differs');
    const { data, info } = await sharp(await figurePng([{ view, picture }]))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(info.width).toBe(2400);
    expect([...data.subarray(0, 3)]).toEqual([255, 255, 255]);
    // Words are drawn, not only white.
    expect(data.some((value) => value < 60)).toBe(true);
  });

  it('shows the stars of the captions that are rated, and nothing of the others', async () => {
    const { id } = await scripted.studio.comparisons.create({
      input: { kind: 'sample' },
      lanes: [{ decoder: 'clipcap' }, { decoder: 'decap' }, { decoder: 'capdec' }],
    });
    await scripted.studio.comparisons.ended(id);
    const plain = figureSvg([{ view: await scripted.studio.store.view(id) }]);
    expect(plain).not.toMatch(/of 5|<path/);
    await rateLane(scripted.studio.database, localOwner, { id, lane: 'decap', rating: { stars: 4, blind: true } });
    await rateLane(scripted.studio.database, localOwner, { id, lane: 'clipcap', rating: { stars: 1, blind: false } });
    const svg = figureSvg([{ view: await scripted.studio.store.view(id) }]);
    expect([...svg.matchAll(/[1-5] of 5[^<]*/g)].map(([said]) => said)).toEqual([
      '1 of 5, wrong',
      '4 of 5, small flaw, given blind, best',
    ]);
    const rows = [...svg.matchAll(/<g [^>]*>(?:<path [^>]*>)+<\/g>/g)].map(([row]) =>
      [...row.matchAll(/fill="([^"]*)"/g)].map(([, fill]) => fill !== 'none'),
    );
    expect(rows).toEqual([
      [true, false, false, false, false],
      [true, true, true, true, false],
    ]);
    const heightOf = (figure: string) => Number(/ height="(\d+)"/.exec(figure)![1]);
    expect(heightOf(svg)).toBe(heightOf(plain) + 2 * 24);
  });

  it('says only what was changed', () => {
    expect(changedOptions({ decoder: 'clipcap', options: { seed: 0, temperature: 1 } })).not.toContain('seed');
    expect(changedOptions({ decoder: 'clipcap', options: { seed: 4, cosineTrace: true, insight: true } })).toBe(
      'seed 4',
    );
  });

  it('is refused for too many, and files are named for any system', async () => {
    const source = { images: scripted.studio.images, view: (id: string) => scripted.studio.store.view(id) };
    await expect(
      exportComparisons(
        source,
        Array.from({ length: 21 }, (_, i) => `c${i}`),
        'png',
      ),
    ).rejects.toThrow(/21 comparisons are too many for one PNG file; at most 20/);
    await expect(exportComparisons(source, [], 'csv')).rejects.toThrow(/at least one/);
    expect(fileNameOf({ title: '../Ünder "the" <sea>.jpg', createdAt: new Date(0) })).toBe('U-nder-the-sea');
    expect(fileNameOf({ title: '???', createdAt: new Date(0) })).toBe('comparison-1970-01-01-00-00');
  });
});
