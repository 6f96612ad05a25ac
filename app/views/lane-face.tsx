import { AlertTriangle, Ban, Check, CircleDashed, Loader, PlugZap, Radio } from 'lucide-react';
import type { ReactNode } from 'react';
import { CaptionTokens } from './caption-tokens';
import { type LaneFilm, type LaneStatus, tokensPerSecond } from './film';
import { LaneMark } from './lane-mark';
import { decimals, decoderLook, laneTitle, milliseconds } from './looks';

const statuses: Record<LaneStatus, { text: string; icon: typeof Check }> = {
  waiting: { text: 'queued', icon: CircleDashed },
  loading: { text: 'loading', icon: Loader },
  running: { text: 'running', icon: Radio },
  done: { text: 'done', icon: Check },
  failed: { text: 'failed', icon: AlertTriangle },
  stopped: { text: 'stopped', icon: Ban },
  interrupted: { text: 'interrupted', icon: PlugZap },
};

type Props = {
  /** What the lane is; `film` is what it did, once it has begun. */
  lane: { id: string; decoder: string };
  film?: LaneFilm;
  onBranch?: (at: number, alternative: number) => void;
  /** Beside the name. */
  actions?: ReactNode;
  /** Under an error. */
  remedy?: ReactNode;
  /** Stars, under the caption. */
  rating?: ReactNode;
  /** The letter that it had while its name was hidden. */
  was?: string;
  focused?: boolean;
  onFocus?: () => void;
  children?: ReactNode;
};

/** A lane as a card: its caption, large; its numbers; its state, told without colour. */
export function LaneFace({ lane, film, onBranch, actions, remedy, rating, was, focused, onFocus, children }: Props) {
  const { color } = decoderLook(lane.decoder);
  const status = film ? statuses[film.status] : undefined;
  const Icon = status?.icon;
  const result = film?.result;
  const last = film?.steps.at(-1);
  return (
    <article aria-labelledby={`lane-${lane.id}`} data-testid={`lane-${lane.id}`} data-status={film?.status ?? 'idle'} data-focused={focused ? '' : undefined} className="v-lane" style={{ '--hue': color } as React.CSSProperties} onPointerDown={onFocus} onFocus={onFocus}>
      <header>
        <LaneMark decoder={lane.decoder} />
        <h2 id={`lane-${lane.id}`}>{laneTitle(lane)}</h2>
        {actions}
      </header>
      <p className="v-status">
        {status && Icon && (
          <>
            <Icon size={13} aria-hidden />
            {status.text}
          </>
        )}
        {was && <span>{status ? '· ' : ''}was {was}</span>}
      </p>
      {/* Room for six lines is kept, so that nothing moves while words arrive. */}
      <div data-testid="caption" className={`v-caption${film?.status === 'running' && film.caption ? ' v-caret' : ''}`}>
        {film?.caption ? <CaptionTokens lane={film} onBranch={onBranch} /> : <span className="v-idea">{film ? placeholder(film) : 'Its caption will stand here.'}</span>}
      </div>
      {film?.error && film.status === 'failed' && (
        <div role="alert" className="v-error">
          <p>{film.error.message}</p>
          {remedy}
        </div>
      )}
      {rating}
      <dl className="v-numbers v-lane-facts">
        <Fact name="cos" help="Cosine of caption and input in the space that is named" value={result ? `${decimals(result.similarity, 2)} ${result.similaritySpace}` : last?.similarity !== undefined ? decimals(last.similarity, 2) : '–'} />
        <Fact name="trust" help={trustHelp} value={result?.certainty ?? '–'} />
        <Fact name="lp" help="Sum of the natural-log probabilities of the caption's tokens" value={result ? decimals(result.logProb, 1) : '–'} />
        <Fact name="device" help="The lane's own work on the device, not the clock that it shares" value={`${result ? milliseconds(result.deviceMs) : last ? `step ${last.step + 1}` : '–'}${film?.device ? ` ${film.device.name}` : ''}`} />
        <Fact name="speed" help="Tokens of the caption a second of device time" value={result ? `${tokensPerSecond(result).toFixed(0)} tok/s` : '–'} />
        <Fact name="first" help={firstHelp} value={result ? milliseconds(result.firstTokenMs) : '–'} />
        {film?.device?.instead && (
          <div title="Another device could not do this lane">
            <dt className="v-hidden">why there</dt>
            <dd>{film.device.instead}</dd>
          </div>
        )}
        {result?.optimised && (
          <div title="This search chose the caption by the very cosine shown, so the number cannot rank it">
            <dt className="v-hidden">note</dt>
            <dd>cos optimised</dd>
          </div>
        )}
      </dl>
      {result && result.nBest.length > 1 ? (
        <details className="v-lane-more">
          <summary>{result.nBest.length - 1} more</summary>
          <ol>
            {result.nBest.slice(1).map((hypothesis, i) => (
              <li key={i}>
                {hypothesis.caption} <span className="v-numbers">cos {decimals(hypothesis.similarity, 2)}</span>
              </li>
            ))}
          </ol>
        </details>
      ) : (
        <p className="v-lane-more v-quiet">{result ? 'no other found' : '–'}</p>
      )}
      {children}
    </article>
  );
}

export const firstHelp = 'Wall clock from the lane’s start to its first token';
export const trustHelp = 'What such a cosine meant on photos set aside from training: likely right, or unsure. On a photo unlike those, it means less';

function Fact({ name, value, help }: { name: string; value: string; help: string }) {
  return (
    <div title={help}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function placeholder({ status, error }: LaneFilm): string {
  if (status === 'stopped') return 'Stopped before its first word.';
  if (status === 'interrupted') return 'The server ended while this lane ran. Run it again.';
  if (status === 'failed') return error?.code === 'needs-image' ? 'Needs the photo itself.' : 'No caption.';
  return status === 'running' ? 'Its first word is coming.' : 'Waiting for its turn.';
}
