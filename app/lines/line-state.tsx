import {
  Check,
  CircleAlert,
  CircleDashed,
  Clock3,
  Download,
  History,
  ImageOff,
  Loader,
  PlugZap,
  ShieldCheck,
  ShieldQuestionMark,
  Square,
} from 'lucide-react';
import { msg } from '../languages/msg';
import { type Numbers, useNumbers } from '../languages/numbers';
import type { Translate } from '../languages/translator';
import { useTranslation } from '../languages/use-translation';
import { endOf, type LaneFilm, type LaneStatus } from '../views/film';

type State = LaneStatus | 'idle';
/** A shape and a word for each state, so that no two look alike without colour. */
export const states: Record<State, { text: string; icon: typeof Check }> = {
  idle: { text: msg('not run'), icon: CircleDashed },
  waiting: { text: msg('queued'), icon: Clock3 },
  loading: { text: msg('loading'), icon: Download },
  running: { text: msg('running'), icon: Loader },
  done: { text: msg('done'), icon: Check },
  failed: { text: msg('failed'), icon: CircleAlert },
  stopped: { text: msg('stopped'), icon: Square },
  interrupted: { text: msg('interrupted'), icon: PlugZap },
  unfit: { text: msg('not for this input'), icon: ImageOff },
};
export const stateOf = (film: LaneFilm | undefined): State => film?.status ?? 'idle';

export const trustHelp = msg(
  'What such a cosine meant on photos set aside from training: likely right, or unsure. On a photo unlike those, it means less',
);
const trust = { likely: ShieldCheck, unsure: ShieldQuestionMark };

/** What is told of a lane beside its name: how it stands, how far it is, and what its caption is worth. */
export function LineState({ film, equal }: { film?: LaneFilm; /** The lane that says the same. */ equal?: string }) {
  const { t } = useTranslation();
  const numbers = useNumbers();
  const state = stateOf(film);
  const { text, icon: Icon } = states[state];
  const certainty = film && endOf(film)?.certainty;
  const Trust = certainty && trust[certainty];
  const detail = film && detailOf(t, numbers, film);
  return (
    <>
      {film?.replay ? (
        <span className="v-line-state-word" data-testid="replay">
          <History size={13} aria-hidden />
          {t('replay, step {{step}} of {{steps}}', { step: film.replay.step, steps: film.replay.of })}
        </span>
      ) : (
        <span className={`v-line-state-word${Trust ? ' v-line-settled' : ''}`}>
          <Icon size={13} aria-hidden className={state === 'running' ? 'v-turning' : undefined} />
          <span className={Trust ? 'v-hidden' : undefined}>{t(text)}</span>
        </span>
      )}
      {detail && <span className="v-line-detail">{detail}</span>}
      {Trust && (
        <span className="v-trust" data-trust={certainty} title={t(trustHelp)}>
          <Trust size={14} aria-hidden />
          {t(certainty)}
        </span>
      )}
      {equal && <span className="v-line-equal">= {equal}</span>}
      {film?.device && <span className="v-line-device">{film.device.name}</span>}
    </>
  );
}

function detailOf(t: Translate, { megabytes }: Numbers, { status, loading, steps }: LaneFilm): string | undefined {
  if (status === 'loading' && loading?.bytes)
    return t('{{what}}, {{part}} of {{whole}}', {
      what: loading.what,
      part: megabytes(loading.done),
      whole: megabytes(loading.total),
    });
  if (status === 'loading' && loading)
    return t('{{what}}, {{number}} of {{all}}', {
      what: loading.what,
      number: loading.done + 1,
      all: loading.total,
    });
  const last = steps.at(-1);
  return status === 'running' && last ? t('step {{number}}', { number: last.step + 1 }) : undefined;
}

/** What stands where a caption will be, or would have been; of a failed lane its error does. */
export function placeholder({ status, replay }: LaneFilm): string | undefined {
  if (status === 'failed') return undefined;
  if (replay) return msg('Before its first word.');
  if (status === 'stopped') return msg('Stopped before its first word.');
  if (status === 'interrupted') return msg('The server ended while this lane ran. Run it again.');
  if (status === 'unfit') return msg('Needs the photo itself: an embedding alone is not enough.');
  if (status === 'done') return msg('(empty)');
  return status === 'running' ? msg('Its first word is coming.') : msg('Waiting for its turn.');
}
