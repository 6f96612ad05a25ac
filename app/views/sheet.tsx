import { type ReactNode, useEffect, useId, useRef } from 'react';
import { useTranslation } from '../languages/use-translation';

/**
 * A sheet that comes from below, for narrow screens. It is the browser's own modal dialog: it keeps the focus inside,
 * closes by its button,
 * Escape or a tap beside it, and gives the focus back. (A library's dialog would write a style element, which the
 * policy of a shared file
 * forbids.)
 */
export function Sheet({ title, onClose, children }: { title: ReactNode; onClose: () => void; children: ReactNode }) {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      className="v-sheet"
      aria-labelledby={id}
      onClose={onClose}
      // Beside the sheet is the dialog's own backdrop.
      onClick={(event) => event.target === event.currentTarget && dialog.current?.close()}
      // Escape closes the sheet and stops nothing behind it.
      onKeyDown={(event) => event.key === 'Escape' && event.stopPropagation()}
    >
      <div className="v-sheet-inside">
        <header>
          <h2 id={id}>{title}</h2>
          <button type="button" className="v-sheet-close" onClick={() => dialog.current?.close()}>
            {t('Close')}
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
