import { useMemo, useState } from 'react';
import type { Insight } from '@/models/events';
import { useNumbers } from '../languages/numbers';
import { useTranslation } from '../languages/use-translation';
import { type LaneFilm, shownTokens } from './film';
import { decoderLook } from './looks';

/** Bytes of the stored maps. */
function unpack(maps: string): Uint8Array {
  return Uint8Array.from(atob(maps), (character) => character.charCodeAt(0));
}

/** Where CoCa looked when it said each word: cross-attention over the cells of the photo. */
export function HeatMap({
  lane,
  attention,
  picture,
}: {
  lane: LaneFilm;
  attention: Extract<Insight, { kind: 'attention' }>;
  picture?: string;
}) {
  const { t } = useTranslation();
  const { fixed } = useNumbers();
  const { rows, columns, tokens, peaks, contrast } = attention;
  const cells = useMemo(() => unpack(attention.maps), [attention.maps]);
  const pooled = useMemo(() => contrast && unpack(contrast.map), [contrast]);
  const [chosen, setChosen] = useState<number | 'contrast'>(0);
  const words = shownTokens(lane);
  const ofContrast = chosen === 'contrast' && pooled !== undefined;
  const at = chosen === 'contrast' ? -1 : Math.min(chosen, tokens.length - 1);
  const map = ofContrast ? pooled : cells.subarray(at * rows * columns, (at + 1) * rows * columns);
  const peak = ofContrast ? contrast!.peak : (peaks[at] ?? 0);
  // Hardly more than even attention is tinted a little only, whatever its greatest cell is.
  const strength = Math.min(1, Math.max(0.2, peak * rows * columns - 1));
  const [strongest] = [...map.keys()].sort((a, b) => map[b]! - map[a]!);
  const where =
    strongest === undefined
      ? ''
      : t('row {{row}}, column {{column}}', {
          row: Math.floor(strongest / columns) + 1,
          column: (strongest % columns) + 1,
        });
  return (
    <div className="v-map">
      <div
        className="v-map-picture"
        role="img"
        aria-label={
          ofContrast
            ? t('Where the contrastive pooling looked: most at {{where}} of {{rows}} by {{columns}}.', {
                where,
                rows,
                columns,
              })
            : t('Where CoCa looked for “{{word}}”: most at {{where}} of {{rows}} by {{columns}}.', {
                word: words[at]?.text.trim() ?? '',
                where,
                rows,
                columns,
              })
        }
      >
        {/* The export has no image optimiser. */}
        {/* eslint-disable-next-line @next/next/no-img-element */}
        {picture ? <img src={picture} alt="" /> : <div className="v-map-blank" />}
        <svg viewBox={`0 0 ${columns} ${rows}`} preserveAspectRatio="none" shapeRendering="crispEdges" aria-hidden>
          {[...map].map((value, cell) => (
            <rect
              key={cell}
              x={cell % columns}
              y={Math.floor(cell / columns)}
              width={1}
              height={1}
              fill={decoderLook(lane.decoder).color}
              opacity={(value / 255) ** 2 * 0.85 * strength}
            />
          ))}
        </svg>
      </div>
      <div>
        {pooled && <p className="v-note v-map-title">{t('What the words read')}</p>}
        <div className="v-map-words" lang="en" role="group" aria-label={t('Word of the caption')}>
          {tokens.map((id, i) => (
            <button
              key={i}
              type="button"
              aria-pressed={i === at}
              onClick={() => setChosen(i)}
              onPointerEnter={() => setChosen(i)}
              onFocus={() => setChosen(i)}
            >
              {words[i]?.text.trim() || (words[i]?.end ? t('■ end') : words[i] ? '␣' : id)}
            </button>
          ))}
        </div>
        {pooled && (
          <>
            <p className="v-note v-map-title">{t('What the embedding reads')}</p>
            <div className="v-map-words">
              <button
                type="button"
                aria-pressed={ofContrast}
                onClick={() => setChosen('contrast')}
                onPointerEnter={() => setChosen('contrast')}
                onFocus={() => setChosen('contrast')}
              >
                {t('Contrastive pooling')}
              </button>
            </div>
          </>
        )}
        <p className="v-note">
          {t('The strongest cell holds {{peak}} % of the attention (even attention would be {{even}} %).', {
            peak: fixed(peak * 100, 1),
            even: fixed(100 / (rows * columns), 1),
          })}{' '}
          {ofContrast
            ? t(
                'One query pools the photo for its embedding, which is compared with texts; the words read what the other queries pool.',
              )
            : t(
                'Cross-attention of the word to the image tokens, times theirs to the cells, averaged over heads and layers: it tells where was looked, not what decided.',
              )}
        </p>
      </div>
    </div>
  );
}
