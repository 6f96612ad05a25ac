import { X } from 'lucide-react';
import { useTranslation } from '../languages/use-translation';
import { type Entry, entryName } from './entries';

/** Says what was deleted, and brings it back. */
export function UndoBar({
  entries,
  onUndo,
  onClose,
}: {
  entries: readonly Entry[];
  onUndo: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <div
      role="status"
      className="fixed bottom-4 left-1/2 z-20 flex w-max max-w-[calc(100vw-2rem)] -translate-x-1/2 items-center gap-3 rounded-lg border border-line bg-ink px-4 py-2.5 text-sm text-page shadow-lg"
    >
      <span className="min-w-0 truncate">
        {entries.length === 1
          ? t('“{{name}}” deleted.', { name: entryName(entries[0]!, t) })
          : t('{{count}} comparisons deleted.', { count: entries.length })}
      </span>
      <button type="button" className="rounded border border-page/50 px-2 py-0.5 font-medium" onClick={onUndo}>
        {t('Undo')}
      </button>
      <button type="button" aria-label={t('Close')} className="p-0.5" onClick={onClose}>
        <X size={15} aria-hidden />
      </button>
    </div>
  );
}
