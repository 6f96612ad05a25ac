import Link from 'next/link';
import { useTranslation } from '../languages/use-translation';

/** What is said where the history, or what was looked for in it, is empty. */
export function NothingFound({
  search,
  deleted,
  rated,
}: {
  search: string;
  deleted: boolean;
  rated: boolean | undefined;
}) {
  const { t } = useTranslation();
  return (
    <div className="rounded-lg border border-dashed border-line p-8 text-center text-sm text-quiet">
      {rated !== undefined && !search ? (
        <p>
          {rated
            ? t('Nothing is rated yet. Give stars to captions where they stand: open a comparison, or run one.')
            : t('No comparison is without a rated caption.')}
        </p>
      ) : search ? (
        <p>{t('No caption, title or note has words that begin with “{{search}}”.', { search })}</p>
      ) : deleted ? (
        <p>{t('Nothing is deleted. What you delete stays here for a week and can be brought back.')}</p>
      ) : (
        <>
          <p className="mb-3 text-base text-ink">{t('Nothing is kept yet.')}</p>
          <p className="mb-4">
            {t(
              'Every comparison is kept as it runs: its picture, captions, options and each step, so that it can be looked at again without any model.',
            )}
          </p>
          <Link href="/" className="inline-block rounded-md border border-accent px-3 py-1.5 font-medium text-ink">
            {t('Compare a photo')}
          </Link>
        </>
      )}
    </div>
  );
}
