// `npm run bench -- precision --images DIR|TAR --references FILE.jsonl [--limit N] [--family NAME]`: what half
// precision and 8 bit cost a family's captions.
import { StudioError } from '../../models/errors';
import { captionSet, type CaptionedSet } from '../cli/caption-set';
import { readFamily } from '../weights/read-family';
import { processIo } from '../cli/process-io';
import { readReferences } from '../cli/references';

const precisions = ['fp32', 'fp16', 'q8'] as const;

/**
 * Captions the same photos at each precision on the CPU; scores them, and counts the captions that are the same as at
 * fp32. Half precision is storage only on a CPU. @throws option-invalid, as captionSet
 */
export async function benchPrecision(args: readonly string[]): Promise<string> {
  const flag = (name: string) => (args.includes(`--${name}`) ? args[args.indexOf(`--${name}`) + 1] : undefined);
  const [images, file, family = 'pocket'] = [flag('images'), flag('references'), flag('family')];
  if (images === undefined || file === undefined)
    throw new StudioError(
      'option-invalid',
      'Name both: npm run bench -- precision --images DIR|TAR --references FILE.jsonl',
    );
  const io = processIo(new AbortController().signal);
  const references = await readReferences(io, file);
  const limit = Math.min(Number(flag('limit') ?? references.size), references.size);
  if (!Number.isInteger(limit) || limit < 1)
    throw new StudioError('option-invalid', `--limit is "${flag('limit')}"; expected a whole number of photos.`);
  const { manifest, hash } = await readFamily(family, {});
  const lanes = Object.keys(manifest.decoders).map((decoder) => ({ id: decoder, decoder }));
  const sets = {} as Record<(typeof precisions)[number], CaptionedSet>;
  for (const precision of precisions) {
    const engine = await io.openEngine({ device: 'cpu', precision });
    sets[precision] = await captionSet(engine, { images, references, file, limit, family, lanes }, io).finally(() =>
      engine.close(),
    );
  }
  const same = (decoder: string) => {
    const exact = sets.fp32.captions[decoder]!;
    const share = (precision: 'fp16' | 'q8') =>
      Object.keys(exact).filter((name) => exact[name] === sets[precision].captions[decoder]![name]).length /
      Object.keys(exact).length;
    return (['fp16', 'q8'] as const).map((precision) => `${(100 * share(precision)).toFixed(0)} %`).join(', ');
  };
  const pair = (decoder: string, key: 'ciderD' | 'bleu4' | 'similarity') =>
    precisions.map((precision) => sets[precision].scores[decoder]![key].toFixed(3)).join(' → ');
  return [
    `${family} (files ${hash.slice(0, 12)}), ${sets.fp32.done} photos, CPU, fp32 → fp16 → 8 bit`,
    '| decoder | CIDEr-D | BLEU-4 | cosine | captions that stay the same | device ms a photo |',
    '|---|---|---|---|---|---|',
    ...lanes.map(
      ({ decoder }) =>
        `| ${decoder} | ${pair(decoder, 'ciderD')} | ${pair(decoder, 'bleu4')} | ${pair(decoder, 'similarity')} | ${same(decoder)} | ${precisions.map((precision) => sets[precision].scores[decoder]!.msPerImage.toFixed(0)).join(' → ')} |`,
    ),
  ].join('\n');
}
