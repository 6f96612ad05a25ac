// `npm run bench -- collection`: photos one by one, as the last commit before collections did them, beside the same
// photos as a collection, in turn.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { StudioError } from '../../../models/errors';
import { baseline, baselineCommit } from './baseline';
import { type Batched, benchBatched, describeBatched } from './batched';
import { byCommandLine, type Way } from './command-line';
import { drawnLarge, unpacked } from './photos';
import { measured } from './processes';

export const collectionParts = [
  'embed',
  'clipcap',
  'capdec',
  'decap',
  'coca',
  'iterative',
  'all',
  'large',
  'published',
] as const;
type Part = (typeof collectionParts)[number];
const wanted: Partial<Record<Part, number>> = {
  embed: 1.3,
  large: 3,
  published: 1.3,
  clipcap: 2.5,
  capdec: 2.5,
  decap: 2.5,
  coca: 2.5,
  iterative: 1.5,
};
const five = ['iterative', 'clipcap', 'capdec', 'decap', 'coca'];

export type CollectionReport = {
  ratios: Record<string, number>;
  imagesPerSecond: Record<string, { oneByOne: number; collection: number }>;
  cores: Record<string, { oneByOne: number; collection: number }>;
  peakRssMb: number;
  /** CLIP ViT-B/32 and ClipCap at 8 bit, beside Python's (theirs.py). */
  published?: Batched;
  /** Photos whose caption is another, by part. */
  different: Record<string, string>;
};

function flag(args: readonly string[], name: string, fallback: string): string {
  const at = args.indexOf(`--${name}`);
  return at >= 0 ? (args[at + 1] ?? fallback) : fallback;
}

export async function benchCollection(
  args: readonly string[],
  note: (line: string) => void,
): Promise<CollectionReport> {
  const root = process.cwd();
  const parts = flag(args, 'only', collectionParts.join()).split(',') as Part[];
  const unknown = parts.find((part) => !collectionParts.includes(part));
  if (unknown)
    throw new StudioError('option-invalid', `--only knows no "${unknown}"; parts are ${collectionParts.join(', ')}.`);
  const count = Number(flag(args, 'photos', '200'));
  const large = Math.min(100, count);
  const repeat = Number(flag(args, 'repeat', '1'));
  const folder = join(root, '.studio/bench-collection');
  const data = resolve(flag(args, 'data', join(root, '../shared/data/flickr8k/val.tar')));
  note(`Checking out ${baselineCommit} to compare with`);
  const before = baseline(root);
  const small = await unpacked(data, join(folder, `small-${count}`), count);
  if (parts.includes('large')) note(`Drawing ${large} photos of 4000 × 3000`);
  const big = parts.includes('large') ? await drawnLarge(join(folder, `large-${large}`), large) : '';
  const work = await mkdtemp(join(tmpdir(), 'caption-studio-bench-'));
  const report: CollectionReport = { ratios: {}, imagesPerSecond: {}, cores: {}, peakRssMb: 0, different: {} };
  try {
    for (const part of parts) {
      if (part === 'published') {
        note(describeBatched((report.published = await benchBatched(root, work, small, count, note))));
        report.ratios.published = report.published.ours.perSecond / report.published.theirs.scored;
        continue;
      }
      const photos = part === 'large' ? big : small;
      const n = part === 'large' ? large : count;
      const decoders = part === 'all' ? five.join() : part === 'large' ? 'embed' : part;
      let [one, together]: [Way | undefined, Way | undefined] = [undefined, undefined];
      for (let turn = 0; turn < repeat; turn++) {
        const alone = await oneByOne(before, photos, n, decoders);
        const command = decoders === 'embed' ? ['embed'] : ['caption', '--decoder', decoders];
        const run = await byCommandLine(root, work, photos, n, command);
        if (!one || alone.way.perSecond > one.perSecond) one = alone.way;
        if (!together || run.way.perSecond > together.perSecond) together = run.way;
        if (decoders !== 'embed') report.different[part] = different(alone.captions, await captionsIn(run.out));
      }
      const name = part === 'embed' ? 'embedSmall' : part === 'large' ? 'embedLarge' : part;
      report.ratios[name] = together!.perSecond / one!.perSecond;
      report.imagesPerSecond[name] = { oneByOne: one!.perSecond, collection: together!.perSecond };
      report.cores[name] = { oneByOne: one!.cores, collection: together!.cores };
      report.peakRssMb = Math.max(report.peakRssMb, together!.peakRssMb);
      note(describePart(name, report));
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return report;
}

type Captions = Record<string, Record<string, string>>;

async function oneByOne(
  checkout: string,
  photos: string,
  count: number,
  decoders: string,
): Promise<{ way: Way; captions: Captions }> {
  const script = join(checkout, '.studio/one-by-one.mjs');
  const env = { STUDIO_ROOT: checkout, ORT_DISABLE_TELEMETRY: '1' };
  const { out, peakRssMb } = await measured([script, photos, `${count}`, 'pocket', 'fp32', decoders], env, checkout);
  const { seconds, cores, captions } = JSON.parse(out.trim().split('\n').at(-1)!) as {
    seconds: number;
    cores: number;
    captions: Captions;
  };
  return { way: { perSecond: 1 / seconds, cores, peakRssMb }, captions };
}

/** The captions of a file that the command line wrote, by photo and decoder. */
async function captionsIn(out: string): Promise<Captions> {
  const captions: Captions = {};
  for (const line of (await readFile(out, 'utf8')).trim().split('\n')) {
    const { image, captions: said } = JSON.parse(line) as {
      image: string;
      captions: { decoder: string; caption: string }[];
    };
    captions[image.split('/').at(-1)!] = Object.fromEntries(said.map(({ decoder, caption }) => [decoder, caption]));
  }
  return captions;
}

function different(one: Captions, other: Captions): string {
  const lanes = Object.entries(one).flatMap(([photo, said]) => Object.keys(said).map((lane) => [photo, lane] as const));
  const differing = lanes.filter(([photo, lane]) => one[photo]![lane] !== other[photo]?.[lane]);
  return `${differing.length} of ${lanes.length}`;
}

const describePart = (
  name: string,
  { ratios, imagesPerSecond, cores, different: differ }: CollectionReport,
): string => {
  const bar = wanted[name === 'embedSmall' ? 'embed' : name === 'embedLarge' ? 'large' : (name as Part)];
  const { oneByOne: one, collection } = imagesPerSecond[name]!;
  return (
    `${name.padEnd(11)} ${ratios[name]!.toFixed(2)} ×${bar ? ` (wanted ≥ ${bar} ×)` : ''}: ${one.toFixed(1)} → ` +
    `${collection.toFixed(1)} images a second; cores busy ${cores[name]!.oneByOne.toFixed(2)} → ` +
    `${cores[name]!.collection.toFixed(2)}${differ[name] ? `; other captions: ${differ[name]}` : ''}`
  );
};

export const describeCollection = (report: CollectionReport): string =>
  [
    ...Object.keys(report.imagesPerSecond).map((name) => describePart(name, report)),
    ...(report.published ? [describeBatched(report.published)] : []),
    `Most memory of a collection: ${report.peakRssMb.toFixed(0)} MB`,
  ].join('\n');
