import { Fragment, type KeyboardEvent, useRef, useState } from 'react';
import type { Numbers } from '../languages/numbers';
import { useNumbers } from '../languages/numbers';
import type { Translate } from '../languages/translator';
import { useTranslation } from '../languages/use-translation';
import { type LaneFilm, type ShownToken, shownTokens } from './film';
import { lookInto } from './look-into';
import { decoderLook, laneTitle } from './looks';

/** Entropy in nats at which the tint is full; a uniform choice among about 150 words. */
const fullTint = 5;

type Props = {
  lane: LaneFilm;
  /** Of its words, the one that is looked into. */
  selected?: number;
  onSelect?: (at: number) => void;
};

/**
 * The caption as chips: the underline's weight is the token's probability, the tint its entropy. One tab stop, walked
 * by ←, →, Home and End; what else stood there is told in the inspector, which Enter goes into.
 */
export function CaptionTokens({ lane, selected, onSelect }: Props) {
  const { t } = useTranslation();
  const numbers = useNumbers();
  const tokens = shownTokens(lane);
  const [own, setOwn] = useState(0);
  const chips = useRef<(HTMLSpanElement | null)[]>([]);
  if (!tokens.length) return <span lang="en">{lane.caption}</span>;
  const last = tokens.length - 1;
  const stop = Math.min(selected ?? own, last);
  const onKey = (event: KeyboardEvent, at: number) => {
    const to = { ArrowRight: Math.min(at + 1, last), ArrowLeft: Math.max(at - 1, 0), Home: 0, End: last }[event.key];
    if (to !== undefined) chips.current[to]?.focus();
    else if (event.key === 'Enter' || event.key === ' ')
      lookInto({ lane: lane.id, word: at, tab: 'words', focus: true });
    else return;
    event.preventDefault();
  };
  return (
    <span
      role="group"
      data-words-of={lane.id}
      aria-label={t('Tokens of {{lane}}: {{caption}}', { lane: laneTitle(lane), caption: lane.caption })}
      style={{ '--hue': decoderLook(lane.decoder).color } as React.CSSProperties}
    >
      {tokens.map((token, at) => (
        <Fragment key={at}>
          {/* Between the words, so that a chip is as wide as its word. */}
          {token.end ? '' : /^\s*/.exec(token.text)![0]}
          <span
            ref={(element) => {
              chips.current[at] = element;
            }}
            role="button"
            tabIndex={at === stop ? 0 : -1}
            lang="en"
            aria-current={at === selected ? 'true' : undefined}
            aria-label={label(t, numbers, token)}
            className={`v-token${token.end ? ' v-end' : ''}${token.forced ? ' v-forced' : ''}`}
            style={
              {
                '--p': Math.exp(token.logProb),
                '--tint': `${Math.round(Math.min(1, (token.entropy ?? 0) / fullTint) * 24)}%`,
              } as React.CSSProperties
            }
            onFocus={() => {
              setOwn(at);
              onSelect?.(at);
            }}
            onClick={() => lookInto({ lane: lane.id, word: at, focus: false })}
            onKeyDown={(event) => onKey(event, at)}
          >
            {token.end ? '' : token.text.trimStart() || token.text}
          </span>
        </Fragment>
      ))}
    </span>
  );
}

function label(
  t: Translate,
  { decimals, percent }: Numbers,
  { text, end, logProb, entropy, forced }: ShownToken,
): string {
  const said = end ? t('end of the caption') : text.trim() || text;
  return `${said}, ${forced ? `${t('given')}, ` : ''}${percent(Math.exp(logProb))}${entropy === undefined ? '' : `, ${t('entropy')} ${decimals(entropy, 1)}`}`;
}
