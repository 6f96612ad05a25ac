'use client';
import { AlertTriangle, Ban, Check, CircleDashed, Loader, Sigma, Square, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { StudioInfo } from '@/kept/answers';
import { msg } from '../languages/msg';
import { problemText } from '../languages/problem-text';
import { useTranslation } from '../languages/use-translation';
import { sampleOf, sourceName, urlOf } from '../comparisons/source';
import type { Input, InputStatus } from './inputs';

const icons = {
  waiting: CircleDashed,
  running: Loader,
  done: Check,
  stopped: Square,
  failed: AlertTriangle,
  'not run': Ban,
};
const statusWords: Record<InputStatus, string> = {
  waiting: msg('waiting'),
  running: msg('running'),
  done: msg('done'),
  stopped: msg('stopped'),
  failed: msg('failed'),
  'not run': msg('not run'),
};
type Props = {
  inputs: readonly Input[];
  active?: string;
  info?: StudioInfo;
  statusOf: (input: Input) => InputStatus;
  onSelect: (key: string) => void;
  onForget: (key: string) => void;
  /** Those that were stopped before their turn, and what runs them. */ skipped: number;
  onRunSkipped: () => void;
};

/** The inputs of this visit, each with its own comparison. */
export function PhotoStrip({ inputs, active, info, statusOf, onSelect, onForget, skipped, onRunSkipped }: Props) {
  const { t } = useTranslation();
  const strip = useRef<HTMLUListElement>(null);
  const shown = inputs.findIndex(({ key }) => key === active);
  // What is looked at is in view, also when it is the last of many. The page itself does not scroll for it.
  useEffect(() => {
    const [list, item] = [strip.current, strip.current?.children[shown] as HTMLElement | undefined];
    if (
      list &&
      item &&
      (item.offsetLeft < list.scrollLeft || item.offsetLeft + item.offsetWidth > list.scrollLeft + list.clientWidth)
    )
      list.scrollLeft = item.offsetLeft - (list.clientWidth - item.offsetWidth) / 2;
  }, [shown, inputs.length]);
  if (inputs.length < 2) return null;
  return (
    <>
      <ul
        ref={strip}
        className="relative flex max-w-full gap-1.5 overflow-x-auto p-1"
        aria-label={t('Inputs')}
        data-testid="strip"
      >
        {inputs.map((input) => {
          const status = statusOf(input);
          const Icon = icons[status];
          const { source } = input;
          const url =
            source?.kind === 'sample'
              ? info?.samples.find(({ name }) => name === sampleOf(source))?.thumbnailUrl
              : source?.kind === 'photo'
                ? source.blob
                  ? urlOf(source.blob)
                  : source.url
                : undefined;
          const name =
            source?.kind === 'sample' && sampleOf(source) === 'dog' ? t('the drawn scene') : sourceName(source, t);
          return (
            <li key={input.key} className="group relative shrink-0">
              <button
                type="button"
                onClick={() => onSelect(input.key)}
                aria-current={input.key === active}
                aria-label={`${name}, ${t(statusWords[status])}${status === 'not run' ? `: ${t('stopped before its turn')}` : ''}${input.problem ? `: ${problemText(t, input.problem)}` : ''}`}
                className="relative block size-14 overflow-hidden rounded border border-line bg-card aria-[current=true]:outline-2 aria-[current=true]:outline-accent"
              >
                {url ? (
                  // eslint-disable-next-line @next/next/no-img-element
                  <img src={url} alt="" className="size-full object-cover" />
                ) : (
                  <Sigma size={20} aria-hidden className="m-auto text-quiet" />
                )}
                <span className="absolute right-0 bottom-0 rounded-tl bg-card p-0.5">
                  <Icon size={12} aria-hidden className={status === 'failed' ? 'text-danger' : ''} />
                </span>
              </button>
              {input.key !== active && status !== 'running' && (
                <button
                  type="button"
                  onClick={() => onForget(input.key)}
                  aria-label={t('Take {{name}} off the strip', { name })}
                  className="absolute -top-1 -right-1 rounded-full border border-line bg-card p-0.5 opacity-0 group-hover:opacity-100 focus-visible:opacity-100 [@media(hover:none)]:opacity-100"
                >
                  <X size={10} aria-hidden />
                </button>
              )}
            </li>
          );
        })}
      </ul>
      {skipped > 0 && (
        <p className="flex flex-wrap items-center gap-2 text-sm" data-testid="not-run">
          <Ban size={14} aria-hidden className="text-quiet" />
          {t('{{count}} were stopped before their turn.', { count: skipped })}
          <button type="button" onClick={onRunSkipped} className="rounded-md border border-line bg-card px-2.5 py-1">
            {t('Run these {{count}}', { count: skipped })}
          </button>
        </p>
      )}
    </>
  );
}
