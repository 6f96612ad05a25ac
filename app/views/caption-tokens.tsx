import { Popover } from 'radix-ui';
import { type FocusEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useNumbers } from '../languages/numbers';
import type { Numbers } from '../languages/numbers';
import type { Translate } from '../languages/translator';
import { useTranslation } from '../languages/use-translation';
import { type LaneFilm, type ShownToken, shownTokens } from './film';
import { decoderLook, laneTitle } from './looks';
import { TokenAlternatives } from './token-alternatives';

/** Entropy in nats at which the tint is full; a uniform choice among about 150 words. */
const fullTint = 5;
const showMs = 150;
const hideMs = 250;

/**
 * The caption as chips: the underline's weight is the token's probability, the tint its entropy. Hover or an arrow key
 * opens the
 * alternatives; `onBranch` is told the place and the alternative that the caption should go on from.
 */
export function CaptionTokens({
  lane,
  onBranch,
}: {
  lane: LaneFilm;
  onBranch?: (at: number, alternative: number) => void;
}) {
  const { t } = useTranslation();
  const numbers = useNumbers();
  const tokens = shownTokens(lane);
  const [open, setOpen] = useState<number>();
  const [stop, setStop] = useState(0);
  const chips = useRef<(HTMLSpanElement | null)[]>([]);
  const list = useRef<HTMLDivElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  if (!tokens.length) return <span lang="en">{lane.caption}</span>;

  const later = (ms: number, what: () => void) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(what, ms);
  };
  const go = (at: number) => {
    clearTimeout(timer.current);
    setStop(at);
    setOpen(at);
    chips.current[at]?.focus();
  };
  const left = ({ currentTarget, relatedTarget }: FocusEvent) => {
    const to = relatedTarget as Node | null;
    if (!currentTarget.contains(to) && !list.current?.contains(to) && !chips.current.some((chip) => chip === to))
      setOpen(undefined);
  };
  const onKey = (event: KeyboardEvent, at: number) => {
    const to = {
      ArrowRight: Math.min(at + 1, tokens.length - 1),
      ArrowLeft: Math.max(at - 1, 0),
      Home: 0,
      End: tokens.length - 1,
    }[event.key];
    if (to !== undefined) go(to);
    else if (event.key === 'ArrowDown' || event.key === 'Enter' || event.key === ' ') {
      setOpen(at);
      // Once the list is drawn.
      requestAnimationFrame(() => list.current?.querySelector<HTMLElement>('button')?.focus());
    } else if (event.key === 'Escape' && open !== undefined) {
      setOpen(undefined);
      event.stopPropagation();
    } else return;
    event.preventDefault();
  };
  const shown = open === undefined ? undefined : tokens[open];
  return (
    <Popover.Root open={shown !== undefined} onOpenChange={(wanted) => !wanted && setOpen(undefined)}>
      <span
        role="group"
        aria-label={t('Tokens of {{lane}}: {{caption}}', { lane: laneTitle(lane), caption: lane.caption })}
        style={{ '--hue': decoderLook(lane.decoder).color } as React.CSSProperties}
        onPointerLeave={() => later(hideMs, () => setOpen(undefined))}
        onBlur={left}
      >
        {tokens.map((token, at) => (
          <span
            key={at}
            ref={(element) => {
              chips.current[at] = element;
            }}
            role="button"
            tabIndex={at === Math.min(stop, tokens.length - 1) ? 0 : -1}
            lang="en"
            aria-haspopup="dialog"
            aria-expanded={open === at}
            aria-label={label(t, numbers, token)}
            className={`v-token${token.end ? ' v-end' : ''}${token.forced ? ' v-forced' : ''}`}
            style={
              {
                '--p': Math.exp(token.logProb),
                '--tint': `${Math.round(Math.min(1, (token.entropy ?? 0) / fullTint) * 24)}%`,
              } as React.CSSProperties
            }
            onPointerEnter={() => later(showMs, () => setOpen(at))}
            onClick={() => go(at)}
            onKeyDown={(event) => onKey(event, at)}
          >
            {/* Inside the chip, which must stay the same element, or it would lose the focus. */}
            {open === at && (
              <Popover.Anchor asChild>
                <span />
              </Popover.Anchor>
            )}
            {token.end ? '' : token.text}
          </span>
        ))}
      </span>
      <Popover.Portal>
        <Popover.Content
          ref={list}
          side="bottom"
          align="start"
          sideOffset={6}
          collisionPadding={8}
          className="v-popover"
          aria-label={
            shown
              ? shown.end
                ? t('Alternatives to the end')
                : t('Alternatives to {{word}}', { word: shown.text.trim() })
              : undefined
          }
          onOpenAutoFocus={(event) => event.preventDefault()}
          onCloseAutoFocus={(event) => event.preventDefault()}
          // Focus moves from chip to chip while the list is open; `left` sees it leave.
          onFocusOutside={(event) => event.preventDefault()}
          onBlur={left}
          onPointerEnter={() => clearTimeout(timer.current)}
          onPointerLeave={() => later(hideMs, () => setOpen(undefined))}
          onEscapeKeyDown={() => open !== undefined && chips.current[open]?.focus()}
        >
          {shown && open !== undefined && (
            <TokenAlternatives
              token={shown}
              onBranch={
                onBranch &&
                ((alternative) => {
                  setOpen(undefined);
                  onBranch(open, alternative);
                })
              }
              onLeave={() => chips.current[open]?.focus()}
            />
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
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
