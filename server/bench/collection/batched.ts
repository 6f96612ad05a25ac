import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { StudioError } from '../../../models/errors';
import { familyName } from '../published/files';
import { byCommandLine, type Way } from './command-line';

/** Images a second with each caption's cosine, as ours has it, and without the time that it took. */
type Speed = { captions: number; scored: number };
/** Ours, and Python's best batch, with its tower at 8 bit as ours is, or in fp32. */
export type Batched = { ours: Way; theirs: Speed; batches: Record<'fp32' | 'q8', Record<string, Speed>> };

/**
 * CLIP ViT-B/32 and ClipCap of the published bench's random checkpoints at 8 bit, twenty tokens forced, greedily:
 * as a collection, and as Python does it in batches (theirs.py). @throws file-unreadable (the checkpoints)
 */
export async function benchBatched(
  root: string,
  work: string,
  photos: string,
  count: number,
  note: (line: string) => void,
): Promise<Batched> {
  const folder = join(root, '.studio/published');
  if (!existsSync(join(folder, 'families', familyName)))
    throw new StudioError(
      'file-unreadable',
      `There are no random checkpoints in ${folder}. Make them by npm run bench -- published --only clipcap.`,
    );
  const forced = ['search=greedy', 'maxTokens=20', 'minTokens=20', 'noRepeat=0'];
  const { way } = await byCommandLine(
    root,
    work,
    photos,
    count,
    [
      ...['caption', '--family', familyName, '--precision', 'q8', '--decoder', 'clipcap'],
      ...forced.flatMap((option) => ['--option', `clipcap.${option}`]),
    ],
    { STUDIO_INSTALLED_DIR: join(folder, 'families') },
  );
  note(`CLIP and ClipCap at 8 bit: ${way.perSecond.toFixed(1)} images a second; now Python`);
  const batches = JSON.parse(
    execFileSync(
      process.env.STUDIO_PYTHON ?? 'python3',
      [
        join(root, 'server/bench/collection/theirs.py'),
        ...[folder, photos],
        ...['gpt2', 'clip'].map((name) => join(folder, 'families', familyName, `${name}-tokenizer.json`)),
        ...['--count', `${count}`],
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    )
      .trim()
      .split('\n')
      .at(-1)!,
  ) as Batched['batches'];
  const all = Object.values(batches).flatMap((each) => Object.values(each));
  const best = (kind: keyof Speed) => Math.max(...all.map((speed) => speed[kind]));
  return { ours: way, theirs: { captions: best('captions'), scored: best('scored') }, batches };
}

export const describeBatched = ({ ours, theirs, batches }: Batched): string =>
  `published   ${(ours.perSecond / theirs.scored).toFixed(2)} × (wanted ≥ 1.3 ×), ` +
  `${(ours.perSecond / theirs.captions).toFixed(2)} × of Python that scores no caption, as ours does: ` +
  `${ours.perSecond.toFixed(1)} images a second, ${ours.peakRssMb.toFixed(0)} MB; ` +
  `Python with its tower in fp32 ${told(batches.fp32)}, at 8 bit ${told(batches.q8)}`;

const told = (batches: Record<string, Speed>): string =>
  Object.entries(batches)
    .map(([batch, { captions, scored }]) => `${scored.toFixed(1)} (${captions.toFixed(1)}) in batches of ${batch}`)
    .join(', ');
