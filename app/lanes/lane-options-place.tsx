import { ChevronRight, X } from 'lucide-react';
import { type ReactNode, type RefObject, useEffect, useRef } from 'react';
import { useTranslation } from '../languages/use-translation';
import { LaneMark } from '../views/lane-mark';
import { decoderLook } from '../views/looks';
import { Sheet } from '../views/sheet';

/** On a lane's card: opens and closes its options, which have their place outside the card. */
export function OptionsToggle({
  button,
  panel,
  open,
  onChange,
  children,
}: {
  button: RefObject<HTMLButtonElement | null>;
  /** Id of what is opened. */ panel: string;
  open: boolean;
  onChange: (open: boolean) => void;
  children: ReactNode;
}) {
  return (
    <button
      ref={button}
      type="button"
      aria-expanded={open}
      aria-controls={open ? panel : undefined}
      onClick={() => onChange(!open)}
      className="flex items-start gap-1.5 rounded-b-lg border-t border-line px-3 py-2 text-left text-sm text-quiet hover:text-ink aria-expanded:bg-page aria-expanded:font-medium aria-expanded:text-ink"
    >
      <ChevronRight size={14} aria-hidden className={`mt-0.75 shrink-0 ${open ? 'rotate-90' : ''}`} />
      <span>{children}</span>
    </button>
  );
}

type Props = {
  id: string;
  lane: { decoder: string };
  title: string;
  narrow: boolean;
  onClose: () => void;
  onFocus: () => void;
  children: ReactNode;
};

/**
 * Where a lane's options stand while they are open: below the row of its lane, as wide as all lanes, so that no card is
 * stretched by another;
 * on a narrow screen a sheet from below. (The grid of lanes is dense: lanes that follow fill the row that the panel
 * ends.)
 */
export function OptionsPlace({ id, lane, title, narrow, onClose, onFocus, children }: Props) {
  const { t } = useTranslation();
  const heading = (
    <span className="flex items-center gap-2">
      <LaneMark decoder={lane.decoder} /> {t('Options of {{title}}', { title })}
    </span>
  );
  if (narrow)
    return (
      <Sheet title={heading} onClose={onClose}>
        <div id={id} className="min-h-0 flex-1 overflow-auto overscroll-contain border-t border-line p-3">
          {children}
        </div>
      </Sheet>
    );
  return (
    <Below id={id} lane={lane} title={title} onFocus={onFocus}>
      <header className="mb-3 flex items-center justify-between gap-3 text-sm font-semibold">
        <h2>{heading}</h2>
        <button
          type="button"
          aria-label={t('Close the options of {{title}}', { title })}
          title={t('Close')}
          onClick={onClose}
          className="rounded-md border border-line p-1"
        >
          <X size={15} aria-hidden />
        </button>
      </header>
      {children}
    </Below>
  );
}

function Below({ id, lane, title, onFocus, children }: Pick<Props, 'id' | 'lane' | 'title' | 'onFocus' | 'children'>) {
  const { t } = useTranslation();
  const section = useRef<HTMLElement>(null);
  // The cards are high: what was opened is brought into view.
  useEffect(() => {
    section.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <section
      ref={section}
      id={id}
      aria-label={t('Options of {{title}}', { title })}
      className="col-span-full scroll-my-4 rounded-lg border border-t-[3px] border-line bg-card p-4"
      style={{ borderTopColor: decoderLook(lane.decoder).color }}
      onPointerDown={onFocus}
      onFocus={onFocus}
    >
      {children}
    </section>
  );
}
