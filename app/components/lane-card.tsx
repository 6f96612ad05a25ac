import type { ReactNode } from 'react';
import type { DecoderCard } from '@/server/trpc/types';
import type { LaneFilm } from '../views/film';
import { LaneFace } from '../views/lane-face';

/** A lane of the page: what it did, how it works, where it runs (`device`), its options (`children`). */
export function LaneCard({ card, film, onRetry, device, children, focused, onFocus }: { card: DecoderCard; film?: LaneFilm; onRetry?: () => void; device?: ReactNode; children?: ReactNode; focused: boolean; onFocus: () => void }) {
  const remedy = onRetry && (
    <button type="button" onClick={onRetry} className="mt-1.5 rounded border border-danger px-2 py-0.5">
      Try again
    </button>
  );
  return (
    <LaneFace lane={{ id: card.name, decoder: card.name }} film={film} remedy={remedy} focused={focused} onFocus={onFocus}>
      <p className="border-t border-line px-3 py-2 text-xs text-quiet">{card.idea} Trained on {card.trainedOn}.</p>
      <div className="mt-auto border-t border-line px-3 py-2">{device}</div>
      {children}
    </LaneFace>
  );
}
