import type { LucideIcon } from 'lucide-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { useTranslation } from '../languages/use-translation';

/** A page whose address shows nothing: what happened, and what can be done now. */
export function NothingHere({
  icon: Icon,
  title,
  children,
  actions,
}: {
  icon: LucideIcon;
  title: string;
  children: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <main className="mx-auto mt-[10vh] w-full max-w-lg p-4">
      <Icon size={28} aria-hidden className="mb-3 text-quiet" />
      <h1 className="mb-2 text-lg font-semibold">{title}</h1>
      <div role="alert" data-testid="problem" className="space-y-2 text-sm text-quiet">
        {children}
      </div>
      {actions && <div className="mt-5 flex flex-wrap gap-2">{actions}</div>}
    </main>
  );
}

export const action =
  'inline-flex items-center gap-1.5 rounded-md border border-line bg-card px-3 py-1.5 text-sm disabled:opacity-60';
export const mainAction = `${action} border-accent font-medium`;

/** Where to go from a page that shows nothing. */
export function WaysOn() {
  const { t } = useTranslation();
  return (
    <>
      <Link href="/history" className={action}>
        {t('History')}
      </Link>
      <Link href="/" className={action}>
        {t('Compare a photo')}
      </Link>
    </>
  );
}
