import Link from 'next/link';
import { amount } from '@/models/units';
import { useTranslation } from '../languages/use-translation';
import type { FamilyCard } from '@/kept/answers';
import { canCaption } from './family-state';

type Families = {
  all: readonly FamilyCard[];
  chosen: FamilyCard | undefined;
  choose: (name: string) => void;
};

/**
 * Which family captions; one that cannot says why. With a single family there is nothing to choose, and the way to more
 * is shown.
 */
export function FamilyChoice({ families, disabled }: { families: Families; disabled: boolean }) {
  const { t } = useTranslation();
  const { all, chosen, choose } = families;
  if (!chosen) return null;
  return (
    <div className="flex items-center gap-2 text-xs text-quiet">
      <label htmlFor="family">{t('Family')}</label>
      {all.length > 1 ? (
        <select
          id="family"
          value={chosen.name}
          disabled={disabled}
          onChange={(event) => choose(event.target.value)}
          className="min-w-0 flex-1 truncate rounded border border-line bg-page px-2 py-1 text-xs text-ink disabled:opacity-60"
        >
          {all.map((family) => (
            <option key={family.name} value={family.name} disabled={!canCaption(family)}>
              {family.name} (
              {family.problem
                ? t('damaged')
                : family.decoders.length
                  ? amount(family.bytes)
                  : t('a space without decoders')}
              )
            </option>
          ))}
        </select>
      ) : (
        <>
          <output id="family" className="text-ink">
            {chosen.name}
          </output>
          <Link href="/models" className="ml-auto underline">
            {t('More models')}
          </Link>
        </>
      )}
    </div>
  );
}
