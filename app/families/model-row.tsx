'use client';
import { ChevronRight } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';

type Props = {
  testId: string;
  /** How it stands, for tests: an English key. */
  state?: string;
  title: ReactNode;
  /** What it is, in as much of a sentence as there is room for. */
  about: ReactNode;
  /** Short facts at the end of the line. */
  facts: ReactNode;
  /** The one thing that is done with it most. */
  action?: ReactNode;
  /** Something is told that is to be seen: the details open by themselves. */
  told: boolean;
  children: ReactNode;
};

/** A model as a line: what it is and the one action; all else at a press. */
export function ModelRow({ testId, state, title, about, facts, action, told, children }: Props) {
  const [{ open, was }, set] = useState({ open: told, was: told });
  // What is told anew opens them; the person may close them again.
  if (was !== told) set({ open: open || told, was: told });
  const id = useId();
  return (
    <li data-testid={testId} data-state={state} className="border-t border-line first:border-t-0">
      <div className="flex min-h-10 items-center gap-2 pr-2">
        <h3 className="min-w-0 flex-1 text-sm">
          <button
            type="button"
            aria-expanded={open}
            aria-controls={id}
            onClick={() => set({ open: !open, was: told })}
            className="flex w-full min-w-0 items-center gap-2 px-2 py-2 text-left hover:bg-page"
          >
            <ChevronRight size={15} aria-hidden className={`shrink-0 text-quiet ${open ? 'rotate-90' : ''}`} />
            <span className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-0.5 sm:flex-nowrap">
              <span className="min-w-0 font-medium [overflow-wrap:anywhere] sm:w-80 sm:flex-[0_1_auto] sm:truncate xl:w-[28rem]">
                {title}
              </span>
              <span className="hidden min-w-0 flex-1 truncate font-normal text-quiet lg:block">{about}</span>
              <span className="ml-auto flex shrink-0 flex-wrap items-center justify-end gap-x-2 font-normal">
                {facts}
              </span>
            </span>
          </button>
        </h3>
        {action}
      </div>
      <div id={id} hidden={!open} className="max-w-4xl px-3 pb-3 pl-9">
        {children}
      </div>
    </li>
  );
}

/** A list of models. */
export const ModelList = ({ children }: { children: ReactNode }) => (
  <ul className="rounded-lg border border-line bg-card">{children}</ul>
);

export const tag = 'rounded border border-line px-1.5 text-xs text-quiet whitespace-nowrap';
