import Link from 'next/link';
import { Sentence } from '../languages/sentence';
import { useTranslation } from '../languages/use-translation';
import type { LaneFilm } from '../views/film';

/**
 * Says so where most captions are likely poor, and why that may be: whoever tries a photo of their own should not take
 * the studio for broken.
 */
export function Doubt({ lanes, family }: { lanes: readonly LaneFilm[]; family: string }) {
  const { t } = useTranslation();
  const told = lanes.flatMap(({ result }) => result?.certainty ?? []);
  const unsure = told.filter((certainty) => certainty === 'unsure').length;
  if (unsure * 2 <= told.length) return null;
  return (
    <p className="max-w-3xl rounded-md border border-line bg-card p-3 text-sm" data-testid="doubt">
      <strong className="font-semibold">
        {t('{{unsure}} of {{count}} lanes are unsure.', { unsure, count: told.length })}
      </strong>{' '}
      <span className="text-quiet">
        <Sentence
          says="On photos set aside from training, captions that fit their photo as little as these were more often among the poorer half than the better. Perhaps the family {{family}} has seen too little like this one: <models>what it was trained on</models>."
          values={{ family }}
          parts={{ models: <Link href="/models" className="underline" /> }}
        />
      </span>
    </p>
  );
}
