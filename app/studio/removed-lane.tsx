import { Undo2, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from '../languages/use-translation';

/** Says which lane was removed and brings it back. Takes the focus, which the lane had. */
export function RemovedLane({ title, onUndo, onClose }: { title: string; onUndo: () => void; onClose: () => void }) {
  const { t } = useTranslation();
  const undo = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // A menu that closes gives the focus back first, to what is there no more.
    const timer = setTimeout(() => undo.current?.focus());
    return () => clearTimeout(timer);
  }, [title]);
  return (
    <p role="status" className="flex items-center gap-3 rounded-md border border-line bg-card px-3 py-1 text-sm">
      <span className="flex-1">{t('{{title}} is removed.', { title })}</span>
      <button ref={undo} type="button" className="v-button" onClick={onUndo}>
        <Undo2 size={14} aria-hidden /> {t('Undo')}
      </button>
      <button type="button" className="grid size-6 place-items-center" aria-label={t('Close')} onClick={onClose}>
        <X size={14} aria-hidden />
      </button>
    </p>
  );
}
