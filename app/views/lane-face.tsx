import { AlertTriangle, Ban, Check, CircleDashed, Loader, PlugZap, Radio } from 'lucide-react';
import type { ReactNode } from 'react';
import { msg } from '../languages/msg';
import { useNumbers } from '../languages/numbers';
import { ProblemText } from '../languages/problem';
import { useTranslation } from '../languages/use-translation';
import { CaptionTokens } from './caption-tokens';
import { type LaneFilm, type LaneStatus, tokensPerSecond } from './film';
import { LaneMark } from './lane-mark';
import { decoderLook, laneTitle } from './looks';
import { OtherCaptions } from './other-captions';

export const statuses: Record<LaneStatus, { text: string; icon: typeof Check }> = {
  waiting: { text: msg('queued'), icon: CircleDashed },
  loading: { text: msg('loading'), icon: Loader },
  running: { text: msg('running'), icon: Radio },
  done: { text: msg('done'), icon: Check },
  failed: { text: msg('failed'), icon: AlertTriangle },
  stopped: { text: msg('stopped'), icon: Ban },
  interrupted: { text: msg('interrupted'), icon: PlugZap },
};

type Props = {
  /** What the lane is; `film` is what it did, once it has begun. */
  lane: { id: string; decoder: string };
  film?: LaneFilm;
  /** Of its caption, the word that is looked into. */
  word?: number;
  onWord?: (at: number) => void;
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
export function LaneFace({
  lane,
  film,
  word,
  onWord,
  actions,
  remedy,
  rating,
  was,
  focused,
  onFocus,
  children,
}: Props) {
  const { t } = useTranslation();
  const { decimals, fixed, milliseconds } = useNumbers();
  const { color } = decoderLook(lane.decoder);
  const status = film ? statuses[film.status] : undefined;
  const Icon = status?.icon;
  const result = film?.result;
  const last = film?.steps.at(-1);
  return (
    <article
      aria-labelledby={`lane-${lane.id}`}
      tabIndex={-1}
      data-testid={`lane-${lane.id}`}
      data-status={film?.status ?? 'idle'}
      data-focused={focused ? '' : undefined}
      className="v-lane"
      style={{ '--hue': color } as React.CSSProperties}
      onPointerDown={onFocus}
      onFocus={onFocus}
    >
      <header>
        <LaneMark decoder={lane.decoder} />
        <h2 id={`lane-${lane.id}`}>{laneTitle(lane)}</h2>
        {actions}
      </header>
      <p className="v-status">
        {status && Icon && (
          <>
            <Icon size={13} aria-hidden />
            {t(status.text)}
          </>
        )}
        {was && (
          <span>
            {status ? '· ' : ''}
            {t('was {{letter}}', { letter: was })}
          </span>
        )}
      </p>
      {/* Room for six lines is kept, so that nothing moves while words arrive. */}
      <div data-testid="caption" className={`v-caption${film?.status === 'running' && film.caption ? ' v-caret' : ''}`}>
        {film?.caption ? (
          <CaptionTokens lane={film} selected={word} onSelect={onWord} />
        ) : (
          <span className="v-idea">{film ? t(placeholder(film)) : t('Its caption will stand here.')}</span>
        )}
      </div>
      {film?.error && film.status === 'failed' && (
        <div role="alert" className="v-error">
          <p>
            <ProblemText of={film.error} />
          </p>
          {remedy}
        </div>
      )}
      {rating}
      <dl className="v-numbers v-lane-facts">
        <Fact
          name={t('cos')}
          help={t('Cosine of caption and input in the space that is named')}
          value={
            result
              ? `${decimals(result.similarity, 2)} ${result.similaritySpace}`
              : last?.similarity !== undefined
                ? decimals(last.similarity, 2)
                : '–'
          }
        />
        <Fact name={t('trust')} help={t(trustHelp)} value={result?.certainty ? t(result.certainty) : '–'} />
        <Fact
          name={t('lp')}
          help={t("Sum of the natural-log probabilities of the caption's tokens")}
          value={result ? decimals(result.logProb, 1) : '–'}
        />
        <Fact
          name={t('device')}
          help={t("The lane's own work on the device, not the clock that it shares")}
          value={`${result ? milliseconds(result.deviceMs) : last ? t('step {{number}}', { number: last.step + 1 }) : '–'}${film?.device ? ` ${film.device.name}` : ''}`}
        />
        <Fact
          name={t('speed')}
          help={t('Tokens of the caption a second of device time')}
          value={result ? t('{{number}} tok/s', { number: fixed(tokensPerSecond(result), 0) }) : '–'}
        />
        <Fact name={t('first')} help={t(firstHelp)} value={result ? milliseconds(result.firstTokenMs) : '–'} />
        {film?.device?.instead && (
          <div title={t('Another device could not do this lane')}>
            <dt className="v-hidden">{t('why there')}</dt>
            <dd>{t(film.device.instead)}</dd>
          </div>
        )}
        {result?.optimised && (
          <div title={t('This search chose the caption by the very cosine shown, so the number cannot rank it')}>
            <dt className="v-hidden">{t('note')}</dt>
            <dd>{t('cos optimised')}</dd>
          </div>
        )}
        {result?.ownEmbedding && (
          <div
            title={t(
              'The photo was encoded for this lane alone, cut as its authors’ code cuts it: one pixel beside the cut that the other lanes share. Cosine of the two embeddings: {{cosine}}',
              { cosine: decimals(result.ownEmbedding.cosine, 4) },
            )}
          >
            <dt className="v-hidden">{t('note')}</dt>
            <dd>{t('its own cut of the photo')}</dd>
          </div>
        )}
      </dl>
      {result && result.nBest.length > 1 ? (
        <OtherCaptions title={laneTitle(lane)} result={result} />
      ) : (
        <p className="v-lane-more v-quiet">{result ? t('no other found') : '–'}</p>
      )}
      {children}
    </article>
  );
}

export const firstHelp = msg('Wall clock from the lane’s start to its first token');
export const trustHelp = msg(
  'What such a cosine meant on photos set aside from training: likely right, or unsure. On a photo unlike those, it means less',
);

function Fact({ name, value, help }: { name: string; value: string; help: string }) {
  return (
    <div title={help}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function placeholder({ status, error }: LaneFilm): string {
  if (status === 'stopped') return msg('Stopped before its first word.');
  if (status === 'interrupted') return msg('The server ended while this lane ran. Run it again.');
  if (status === 'failed') return error?.code === 'needs-image' ? msg('Needs the photo itself.') : msg('No caption.');
  return status === 'running' ? msg('Its first word is coming.') : msg('Waiting for its turn.');
}
