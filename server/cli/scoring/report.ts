import { bleuOf } from '../../../models/metrics/bleu';
import { type Difference, pairedBootstrap } from '../../../models/metrics/bootstrap';
import { chair, chairOf, type ChairScores } from '../../../models/metrics/chair';
import type { DocumentFrequencies } from '../../../models/metrics/cider';
import { clipScore, refClipScore } from '../../../models/metrics/clipscore';
import {
  type ManyDiversity,
  manyDiversity,
  novelty,
  type SetDiversity,
  setDiversity,
} from '../../../models/metrics/diversity';
import { measure, type Measured, type Scores, scoresOf, wordsOf, type WordSplit } from '../../../models/metrics/score';
import type { Cosines, RefereeNote } from './referee';
import type { System } from './types';

export type Options = {
  split: WordSplit;
  frequencies?: DocumentFrequencies;
  /** Cosines of a referee, of each system's items in their order. */
  clip?: { space: string; of: ReadonlyMap<string, { cosines: readonly (Cosines | undefined)[] } & RefereeNote> };
  /** Objects of the images, by their keys. */
  objects?: ReadonlyMap<string | number, ReadonlySet<string>>;
  /** Captions that are not new, their words joined by blanks. */
  known?: ReadonlySet<string>;
  /** Draws of the paired bootstrap; 0 for none. */
  draws: number;
};

/** One image and one system. */
export type ImageRow = { image: string; system: string; caption: string } & Record<string, unknown>;
export type SystemScores = Scores & {
  diversity: SetDiversity & { novelty?: number } & Partial<ManyDiversity>;
  clip?: { space: string; n: number; clipScore: number; refClipScore: number } & RefereeNote;
  chair?: ChairScores;
};
export type SystemReport = { name: string; scores: SystemScores; images: ImageRow[] };
export type Report = {
  systems: SystemReport[];
  differences: ({ first: string; second: string; images: number } & Difference)[];
};

/** Scores systems by all that is asked for, image by image and as a whole. */
export function reportOn(systems: readonly System[], options: Options): Report {
  const found = systems.map((system) => ({ system, ...scored(system, options) }));
  const differences = found.flatMap((first, i) =>
    found.slice(i + 1).flatMap((second) => (options.draws ? compared(first, second, options.draws) : [])),
  );
  return {
    systems: found.map(({ system: { name }, scores, images }) => ({ name, scores, images })),
    differences,
  };
}

type Scored = { system: System; measured: Measured; figures: Record<string, readonly number[]> };

function scored(system: System, options: Options) {
  const { items, name } = system;
  const measured = measure(items, options.split, options.frequencies);
  const captions = measured.scored.map(({ candidate }) => candidate);
  const several = items.some((item) => item.captions.length > 1)
    ? manyDiversity(
        items.map((item) => wordsOf(item.captions, options.split)),
        measured.frequencies,
      )
    : undefined;
  const clip = options.clip?.of.get(name);
  const clipped = clip?.cosines.map(
    (one) => one && { clipScore: clipScore(one.image), refClipScore: refClipScore(one.image, one.references) },
  );
  const { objects } = options;
  const spoken =
    objects &&
    items.map(({ key }, i) => {
      const there = objects.get(key) ?? new Set<string>();
      return { ...chairOf(captions[i]!, there), there };
    });
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const present = clipped?.filter((one) => one !== undefined) ?? [];
  const scores: SystemScores = {
    ...scoresOf(items, measured),
    diversity: {
      ...setDiversity(captions),
      ...(options.known ? { novelty: novelty(captions, options.known) } : {}),
      ...several,
    },
    ...(clip && present.length
      ? {
          clip: {
            space: options.clip!.space,
            n: present.length,
            clipScore: mean(present.map((one) => one.clipScore)),
            refClipScore: mean(present.map((one) => one.refClipScore)),
            ...(clip.optimised ? { optimised: true } : {}),
            ...(clip.sameSpace ? { sameSpace: true } : {}),
          },
        }
      : {}),
    ...(spoken ? { chair: chair(spoken) } : {}),
  };
  const images = items.map(({ image, caption }, i): ImageRow => {
    const [bleu1, bleu2, bleu3, bleu4] = bleuOf(measured.bleu[i]!);
    return {
      image,
      system: name,
      caption,
      ...{ bleu1, bleu2, bleu3, bleu4 },
      rougeL: measured.rougeL[i]!,
      cider: measured.cider[i]!,
      ciderD: measured.ciderD[i]!,
      ...clipped?.[i],
      ...(spoken ? { mentioned: spoken[i]!.mentioned, hallucinated: spoken[i]!.hallucinated } : {}),
    };
  });
  const figures: Record<string, readonly number[]> = {
    rougeL: measured.rougeL,
    cider: measured.cider,
    ciderD: measured.ciderD,
    ...(clipped && present.length === items.length
      ? { clipScore: present.map((one) => one.clipScore), refClipScore: present.map((one) => one.refClipScore) }
      : {}),
    ...(spoken ? { chairS: spoken.map(({ hallucinated }) => (hallucinated.length ? 1 : 0)) } : {}),
  };
  return { measured, scores, images, figures };
}

/** Two systems on the images that both have. */
function compared(first: Scored, second: Scored, draws: number): Report['differences'] {
  const places = new Map(second.system.items.map(({ key }, i) => [key, i]));
  const shared = first.system.items.flatMap(({ key }, i) => {
    const j = places.get(key);
    return j === undefined ? [] : [[i, j] as const];
  });
  if (shared.length < 2) return [];
  const of = ({ measured, figures }: Scored, side: 0 | 1) => ({
    bleu: shared.map((pair) => measured.bleu[pair[side]]!),
    means: Object.fromEntries(
      Object.entries(figures).map(([name, values]) => [name, shared.map((pair) => values[pair[side]]!)]),
    ),
  });
  return pairedBootstrap(of(first, 0), of(second, 1), { draws }).map((difference) => ({
    first: first.system.name,
    second: second.system.name,
    images: shared.length,
    ...difference,
  }));
}
