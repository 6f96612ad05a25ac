import { Link2, MonitorSmartphone } from 'lucide-react';
import { useNumbers } from '../languages/numbers';
import { useTranslation } from '../languages/use-translation';
import type { Entry } from './entries';
import { statusWords } from './status-words';

/** When and where an entry was made, how it ended if not well, and how many links show it. */
export function EntryFacts({ entry }: { entry: Entry }) {
  const { t } = useTranslation();
  const { moment } = useNumbers();
  return (
    <p className="flex flex-wrap items-center gap-x-2 font-mono text-xs text-quiet">
      <time dateTime={entry.createdAt.toISOString()}>{moment(entry.createdAt)}</time>
      {entry.address.where === 'browser' && (
        <span className="inline-flex items-center gap-1 rounded border border-line px-1.5">
          <MonitorSmartphone size={12} aria-hidden />{' '}
          {entry.savedId
            ? t('this browser, and saved')
            : entry.half
              ? t('this browser and the server')
              : t('this browser only')}
        </span>
      )}
      {entry.facts.map((fact) => (
        <span key={fact}>{t(fact)}</span>
      ))}
      {entry.status !== 'finished' && (
        <span className="rounded border border-line px-1.5 text-ink">{t(statusWords[entry.status]!)}</span>
      )}
      {entry.shares > 0 && (
        <span className="inline-flex items-center gap-1">
          <Link2 size={12} aria-hidden /> {t('{{count}} links', { count: entry.shares })}
        </span>
      )}
    </p>
  );
}
