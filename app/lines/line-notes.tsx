import type { LaneResult } from '@/models/events';
import { useNumbers } from '../languages/numbers';
import { useTranslation } from '../languages/use-translation';
import type { LaneFilm } from '../views/film';

/** What is not as with the other lanes: another device than the chosen one, a cut of its own. */
export function LineNotes({ film, result }: { film: LaneFilm; result: LaneResult }) {
  const { t } = useTranslation();
  const { decimals } = useNumbers();
  const { device } = film;
  if (!device?.instead && !result.ownEmbedding) return null;
  return (
    <p className="v-line-notes">
      {device?.instead && <span title={t('Another device could not do this lane')}>{t(device.instead)}</span>}
      {result.ownEmbedding && (
        <span
          title={t(
            'The photo was encoded for this lane alone, cut as its authors’ code cuts it: one pixel beside the cut that the other lanes share. Cosine of the two embeddings: {{cosine}}',
            { cosine: decimals(result.ownEmbedding.cosine, 4) },
          )}
        >
          {t('its own cut of the photo')}
        </span>
      )}
    </p>
  );
}
