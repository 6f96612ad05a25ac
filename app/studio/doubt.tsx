import { CircleHelp, Info, TriangleAlert } from 'lucide-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { Sentence } from '../languages/sentence';
import { useTranslation } from '../languages/use-translation';
import type { SampleName } from '@/kept/samples';
import { endOf, isFinal, type LaneFilm } from '../views/film';
import { wrongOf } from './sample-words';

/** How far captions are to be doubted, by how many of the lanes are unsure. */
export function doubtOf(lanes: readonly LaneFilm[]): {
  grade: 'none' | 'some' | 'most' | 'all';
  unsure: number;
  of: number;
} {
  const told = lanes.flatMap((lane) => endOf(lane)?.certainty ?? []);
  const unsure = told.filter((certainty) => certainty === 'unsure').length;
  const grade = !unsure ? 'none' : unsure === told.length ? 'all' : unsure * 2 > told.length ? 'most' : 'some';
  return { grade, unsure, of: told.length };
}

/**
 * How far the captions below can be believed, and how far the lanes are: one place above them, whose room is kept, so
 * that nothing moves when it is known. Whoever tries a photo of their own should not take the studio for broken.
 */
export function Doubt({
  lanes,
  family,
  sample,
}: {
  lanes: readonly LaneFilm[];
  family: string;
  /** It is one of ours: of photos it says nothing. */
  sample: SampleName | undefined;
}) {
  const { t } = useTranslation();
  const { grade, unsure, of } = doubtOf(lanes);
  const ended = lanes.filter(({ status }) => isFinal(status)).length;
  const wrong = ended === lanes.length ? wrongOf(sample, family, lanes) : undefined;
  const calm =
    ended < lanes.length || !lanes.length
      ? t('{{ended}} of {{count}} lanes have ended.', { ended, count: lanes.length })
      : wrong
        ? undefined
        : sample
          ? t('A drawing: how far captions of photos can be trusted it does not tell.')
          : !of
            ? t('For these captions no trust was measured.')
            : grade === 'none'
              ? t('No lane is unsure. A likely caption can be wrong all the same.')
              : undefined;
  if (calm)
    return (
      <p className={`${row} text-quiet`} data-testid="doubt" data-grade="none">
        <Info size={16} aria-hidden className="shrink-0" />
        {calm}
      </p>
    );
  if (wrong)
    return (
      <Explained sign={TriangleAlert} grade="wrong" says={t(wrong.note, { family })}>
        {t(wrong.why, { family })}
      </Explained>
    );
  const Sign = grade === 'some' ? CircleHelp : TriangleAlert;
  return (
    <Explained
      sign={Sign}
      grade={grade}
      says={
        grade !== 'all'
          ? t('{{unsure}} of {{count}} lanes are unsure.', { unsure, count: of })
          : of === 1
            ? t('The model is unsure: expect details to be wrong.')
            : t('The model is unsure of all {{all}}: expect details to be wrong.', { all: of })
      }
    >
      <Sentence
        says="On photos set aside from training, captions that fit their photo as little as these were more often among the poorer half than the better. Perhaps the family {{family}} has seen too little like this one: <models>what it was trained on</models>."
        values={{ family }}
        parts={{ models: <Link href="/models" className="underline" /> }}
      />
    </Explained>
  );
}

/** A doubt in a few words, and why at a press. */
function Explained({
  sign: Sign,
  grade,
  says,
  children,
}: {
  sign: typeof Info;
  grade: string;
  says: string;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <details className="rounded-md bg-card text-sm ring-1 ring-line ring-inset" data-testid="doubt" data-grade={grade}>
      <summary className={`${row} cursor-pointer`}>
        <Sign size={16} aria-hidden className="shrink-0" />
        <strong className="font-semibold">{says}</strong> <span className="underline">{t('Why?')}</span>
      </summary>
      <p className="max-w-3xl px-3 pb-2 text-quiet">{children}</p>
    </details>
  );
}

/** As high in every state, so that what stands below does not move. */
const row = 'flex items-center gap-2 px-3 py-1 text-sm min-h-9 max-sm:min-h-12';
