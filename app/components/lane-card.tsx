import { AlertTriangle, Ban, Check, CircleDashed, Loader, PlugZap, Radio } from 'lucide-react';
import type { ReactNode } from 'react';
import type { DecoderCard } from '@/server/trpc/types';
import { decoderLook } from '../lib/decoder-looks';
import type { LaneState, LaneStatus } from '../lib/lane-state';

const statuses: Record<LaneStatus, { text: string; icon: typeof Check }> = {
  waiting: { text: 'waiting', icon: CircleDashed },
  loading: { text: 'loading', icon: Loader },
  running: { text: 'running', icon: Radio },
  done: { text: 'done', icon: Check },
  failed: { text: 'failed', icon: AlertTriangle },
  stopped: { text: 'stopped', icon: Ban },
  interrupted: { text: 'interrupted', icon: PlugZap },
};

/** One decoder at work: caption, numbers, state. `device`: the choice of where it runs; `children`: its options. */
export function LaneCard({ card, lane, onRetry, device, children }: { card: DecoderCard; lane?: LaneState; onRetry?: () => void; device?: ReactNode; children?: ReactNode }) {
  const { color, letter } = decoderLook(card.name);
  const status = lane ? statuses[lane.status] : undefined;
  const Icon = status?.icon;
  const result = lane?.result;
  return (
    <article aria-labelledby={`lane-${card.name}`} data-testid={`lane-${card.name}`} data-status={lane?.status ?? 'idle'} className="flex min-w-0 flex-col rounded-lg border border-line bg-card" style={{ borderTop: `3px solid ${color}` }}>
      <header className="flex items-center gap-2 px-3 pt-2.5">
        <span aria-hidden className="grid size-5 shrink-0 place-items-center rounded-sm font-mono text-xs font-bold text-card" style={{ background: color }}>
          {letter}
        </span>
        <h2 id={`lane-${card.name}`} className="text-sm font-semibold">
          {card.title}
        </h2>
        {status && Icon && (
          <span className="ml-auto flex items-center gap-1 font-mono text-xs text-quiet">
            <Icon size={13} aria-hidden />
            {status.text}
          </span>
        )}
      </header>
      {/* Room for four lines is kept, so that nothing moves while words arrive. */}
      <p data-testid="caption" className={`min-h-20 px-3 pt-2 pb-2 sm:min-h-32 text-lg leading-7 [overflow-wrap:anywhere] ${lane?.status === 'running' ? 'caret' : ''}`}>
        {lane?.caption || <span className="block text-sm leading-5 text-quiet">{lane ? placeholder(lane) : card.idea}</span>}
      </p>
      {lane?.error && lane.status === 'failed' && (
        <div role="alert" className="mx-3 mb-2 rounded-md border border-danger p-2 text-sm text-danger">
          <p className="break-words">{lane.error.message}</p>
          {onRetry && (
            <button type="button" onClick={onRetry} className="mt-1.5 rounded border border-danger px-2 py-0.5">
              Try again
            </button>
          )}
        </div>
      )}
      <dl hidden={!lane} className="min-h-[7.4rem] space-y-1 border-t border-line px-3 py-2 font-mono text-xs text-quiet tabular-nums">
        <Fact name="cos" title="Cosine of caption and photo in the space that is named" value={result ? `${result.similarity.toFixed(2)} ${result.similaritySpace}` : '–'} />
        <Fact name="lp" title="Sum of the natural-log probabilities of the caption's tokens" value={result ? result.logProb.toFixed(1).replace('-', '−') : '–'} />
        <Fact name="device" title="The lane's own work on the device, not the clock that it shares" value={`${result ? milliseconds(result.deviceMs) : lane?.steps ? `step ${lane.steps}` : '–'}${lane?.device ? ` ${lane.device.name}` : ''}`} />
        <Fact name="first" title="From the lane's start to its first token" value={result ? milliseconds(result.firstTokenMs) : '–'} />
        {result?.optimised && <div className="flex" title="This search chose the caption by the very cosine shown, so the number cannot rank it">
            <dt className="sr-only">note</dt>
            <dd>cos optimised, not ranked</dd>
          </div>}
      </dl>
      {result && result.nBest.length > 1 && (
        <details className="border-t border-line px-3 py-2 text-sm">
          <summary className="cursor-pointer text-quiet">{result.nBest.length - 1} more</summary>
          <ol className="mt-1.5 space-y-1.5">
            {result.nBest.slice(1).map((hypothesis, i) => (
              <li key={i}>
                {hypothesis.caption} <span className="font-mono text-xs text-quiet">cos {hypothesis.similarity.toFixed(2)}</span>
              </li>
            ))}
          </ol>
        </details>
      )}
      {lane && <p className="border-t border-line px-3 py-2 text-xs text-quiet">{card.idea} Trained on {card.trainedOn}.</p>}
      <div className="mt-auto border-t border-line px-3 py-2">{device}</div>
      {children}
    </article>
  );
}

function Fact({ name, value, title }: { name: string; value: string; title: string }) {
  return (
    <div title={title} className="flex gap-2">
      <dt className="w-12">{name}</dt>
      <dd className="text-ink">{value}</dd>
    </div>
  );
}

function placeholder({ status, error }: LaneState): string {
  if (status === 'stopped') return 'Stopped before its first word.';
  if (status === 'interrupted') return 'The server ended while this lane ran. Run it again.';
  if (status === 'failed') return error?.code === 'needs-image' ? 'Needs the photo itself.' : 'No caption.';
  return 'Waiting for its turn.';
}

const milliseconds = (ms: number) => (ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms)} ms`);
