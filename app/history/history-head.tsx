import { Trash2, Upload } from 'lucide-react';
import { useRef } from 'react';
import { useTranslation } from '../languages/use-translation';
import { button } from './look';
import { Ownership } from './ownership';
import { RatingsDialog } from './ratings-dialog';

type Props = {
  deleted: boolean;
  onDeleted: () => void;
  onFile: (file: File) => void;
  /** The history is another owner's now. */
  onRestored: () => Promise<unknown>;
};

/** What is done with the history as a whole. */
export function HistoryHead({ deleted, onDeleted, onFile, onRestored }: Props) {
  const { t } = useTranslation();
  const file = useRef<HTMLInputElement>(null);
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2">
      <h1 className="mr-auto text-xl font-semibold tracking-tight">{deleted ? t('Deleted') : t('History')}</h1>
      <button type="button" className={button} aria-pressed={deleted} onClick={onDeleted}>
        <Trash2 size={15} aria-hidden /> {deleted ? t('Back to the history') : t('Deleted')}
      </button>
      <button type="button" className={button} onClick={() => file.current?.click()}>
        <Upload size={15} aria-hidden /> <span className="sr-only sm:not-sr-only">{t('Import')}</span>
      </button>
      <input
        ref={file}
        type="file"
        accept=".json,application/json"
        aria-label={t('File to import')}
        tabIndex={-1}
        className="sr-only"
        onChange={(event) => {
          const picked = event.target.files?.[0];
          event.target.value = '';
          if (picked) onFile(picked);
        }}
      />
      <RatingsDialog />
      <Ownership onRestored={onRestored} />
    </div>
  );
}
