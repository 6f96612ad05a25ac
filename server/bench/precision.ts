// `npm run bench -- precision --images DIR|TAR --references FILE.jsonl [--limit N] [--family NAME]`: what 8 bit costs a family's captions.
import { StudioError } from '../../models/errors';
import { captionSet, type CaptionedSet } from '../cli/caption-set';
import { readFamily } from '../cli/family';
import { readReferences } from '../cli/references';
import { openEngine } from '../engine/host';

const precisions = ['fp32', 'q8'] as const;

/** Captions the same photos at fp32 and at 8 bit on the CPU; scores both, and counts captions that are the same. @throws option-invalid, as captionSet */
export async function benchPrecision(args: readonly string[]): Promise<string> {
  const flag = (name: string) => (args.includes(`--${name}`) ? args[args.indexOf(`--${name}`) + 1] : undefined);
  const [images, file, family = 'pocket'] = [flag('images'), flag('references'), flag('family')];
  if (images === undefined || file === undefined) throw new StudioError('option-invalid', 'Name both: npm run bench -- precision --images DIR|TAR --references FILE.jsonl');
  const references = await readReferences(file);
  const limit = Math.min(Number(flag('limit') ?? references.size), references.size);
  if (!Number.isInteger(limit) || limit < 1) throw new StudioError('option-invalid', `--limit is "${flag('limit')}"; expected a whole number of photos.`);
  const { manifest, hash } = await readFamily(family, undefined);
  const lanes = Object.keys(manifest.decoders).map((decoder) => ({ id: decoder, decoder }));
  const sets = {} as Record<(typeof precisions)[number], CaptionedSet>;
  for (const precision of precisions) {
    const engine = await openEngine({ device: 'cpu', precision });
    sets[precision] = await captionSet(engine, { images, references, file, limit, family, lanes }, new AbortController().signal).finally(() => engine.close());
  }
  const same = (decoder: string) => {
    const [exact, small] = precisions.map((precision) => sets[precision].captions[decoder]!) as [Record<string, string>, Record<string, string>];
    return Object.keys(exact).filter((name) => exact[name] === small[name]).length / Object.keys(exact).length;
  };
  const pair = (decoder: string, key: 'ciderD' | 'bleu4' | 'similarity') => precisions.map((precision) => sets[precision].scores[decoder]![key].toFixed(3)).join(' → ');
  return [
    `${family} (manifest ${hash.slice(0, 12)}), ${sets.fp32.done} photos, CPU, fp32 → 8 bit`,
    '| decoder | CIDEr-D | BLEU-4 | cosine | captions that stay the same | device ms a photo |',
    '|---|---|---|---|---|---|',
    ...lanes.map(({ decoder }) => `| ${decoder} | ${pair(decoder, 'ciderD')} | ${pair(decoder, 'bleu4')} | ${pair(decoder, 'similarity')} | ${(100 * same(decoder)).toFixed(0)} % | ${precisions.map((precision) => sets[precision].scores[decoder]!.msPerImage.toFixed(0)).join(' → ')} |`),
  ].join('\n');
}
