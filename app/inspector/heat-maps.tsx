import { memo, useMemo, useState } from 'react';
import type { Insight } from '@/models/events';
import { useNumbers } from '../languages/numbers';
import { useTranslation } from '../languages/use-translation';
import { type LaneFilm, shownTokens } from '../views/film';
import { mapPaths, strongestCell, unpackMaps } from './map-paths';

type Props = {
  lane: LaneFilm;
  attention: Extract<Insight, { kind: 'attention' }>;
  picture?: string;
  word?: number;
  onWord: (at: number) => void;
};

/**
 * Where CoCa looked when it said each word: cross-attention over the cells of the photo, all words at once as small
 * maps, that of the chosen word large.
 */
export function HeatMaps({ lane, attention, picture, word, onWord }: Props) {
  const { t } = useTranslation();
  const { fixed } = useNumbers();
  const { rows, columns, tokens, peaks, contrast } = attention;
  const maps = useMemo(() => {
    const cells = unpackMaps(attention.maps);
    return tokens.map((_, i) => cells.subarray(i * rows * columns, (i + 1) * rows * columns));
  }, [attention.maps, columns, rows, tokens]);
  const pooled = useMemo(() => contrast && unpackMaps(contrast.map), [contrast]);
  // Until another word is chosen.
  const [pooling, setPooling] = useState<{ at: number | undefined }>();
  const ofContrast = pooled !== undefined && pooling !== undefined && pooling.at === word;
  const at = Math.min(word ?? 0, tokens.length - 1);
  const words = shownTokens(lane);
  const said = (i: number) =>
    words[i]?.text.trim() || (words[i]?.end ? t('■ end') : words[i] ? '␣' : String(tokens[i]));
  const map = (ofContrast ? pooled : maps[at]) ?? new Uint8Array();
  const peak = ofContrast ? contrast!.peak : (peaks[at] ?? 0);
  const strongest = strongestCell(map);
  const where =
    strongest === undefined
      ? ''
      : t('row {{row}}, column {{column}}', {
          row: Math.floor(strongest / columns) + 1,
          column: (strongest % columns) + 1,
        });
  const grid = { rows, columns, picture };
  return (
    <section className="v-stack">
      <div
        role="img"
        aria-label={
          ofContrast
            ? t('Where the contrastive pooling looked: most at {{where}} of {{rows}} by {{columns}}.', {
                where,
                rows,
                columns,
              })
            : t('Where CoCa looked for “{{word}}”: most at {{where}} of {{rows}} by {{columns}}.', {
                word: said(at),
                where,
                rows,
                columns,
              })
        }
      >
        <PhotoMap {...grid} cells={map} peak={peak} />
      </div>
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
      {pooled && <h3 className="v-note">{t('What the words read')}</h3>}
      <div className="v-maps" lang="en" role="group" aria-label={t('Word of the caption')}>
        {tokens.map((_, i) => (
          <button
            key={i}
            type="button"
            aria-pressed={!ofContrast && i === at}
            onClick={() => {
              setPooling(undefined);
              onWord(i);
            }}
          >
            <PhotoMap {...grid} cells={maps[i]!} peak={peaks[i] ?? 0} />
            <span>{said(i)}</span>
          </button>
        ))}
      </div>
      {pooled && (
        <>
          <h3 className="v-note">{t('What the embedding reads')}</h3>
          <div className="v-maps">
            <button type="button" aria-pressed={ofContrast} onClick={() => setPooling({ at: word })}>
              <PhotoMap {...grid} cells={pooled} peak={contrast!.peak} />
              <span>{t('Contrastive pooling')}</span>
            </button>
          </div>
        </>
      )}
    </section>
  );
}

type MapProps = {
  cells: Uint8Array;
  /** Share of the attention that the strongest cell holds. */ peak: number;
  rows: number;
  columns: number;
  picture?: string;
};

/** A map over its photo. */
const PhotoMap = memo(function PhotoMap({ cells, peak, rows, columns, picture }: MapProps) {
  // Hardly more than even attention is tinted a little only, whatever its greatest cell is.
  const strength = Math.min(1, Math.max(0.2, peak * rows * columns - 1));
  return (
    <span className="v-map-picture">
      {/* The export has no image optimiser. */}
      {/* eslint-disable-next-line @next/next/no-img-element */}
      {picture ? <img src={picture} alt="" decoding="async" /> : <span className="v-map-blank" />}
      <svg viewBox={`0 0 ${columns} ${rows}`} preserveAspectRatio="none" shapeRendering="crispEdges" aria-hidden>
        {mapPaths(cells, columns).map(({ opacity, d }) => (
          <path key={opacity} d={d} fill="var(--hue)" opacity={opacity * 0.85 * strength} />
        ))}
      </svg>
    </span>
  );
});
