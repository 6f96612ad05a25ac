import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { useTranslation } from '../languages/use-translation';

/** The end of a dialog: what it is for, and the way out. */
export function DialogActions({
  disabled,
  onGo,
  children,
}: {
  disabled: boolean;
  onGo: () => void;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <div className="mt-4 flex gap-2">
      <button
        type="button"
        className="rounded-md border border-accent px-3 py-1.5 font-medium disabled:opacity-60"
        disabled={disabled}
        onClick={onGo}
      >
        {children}
      </button>
      <Dialog.Close className="rounded-md border border-line px-3 py-1.5">{t('Close')}</Dialog.Close>
    </div>
  );
}
