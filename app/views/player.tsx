import { Pause, Play, SkipBack, SkipForward } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from '../languages/use-translation';

const speeds = [0.5, 1, 2, 4] as const;
/** Steps a second at speed 1: slow enough to read along. */
const rate = 4;

export type Playing = {
  position: number | undefined;
  length: number;
  playing: boolean;
  setPosition: (position: number | undefined) => void;
  setPlaying: (playing: boolean) => void;
  speed: number;
  setSpeed: (speed: number) => void;
};

/** Where a film stands; `position` undefined: at its end, or live. */
export function usePlayer(length: number): Playing {
  const [position, setPosition] = useState<number>();
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(1);
  const at = useRef(position);
  useEffect(() => {
    at.current = position;
  });
  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(
      () => {
        const next = (at.current ?? 0) + 1;
        setPosition(next < length ? next : undefined);
        if (next >= length) setPlaying(false);
      },
      1000 / (rate * speed),
    );
    return () => clearInterval(timer);
  }, [length, playing, speed]);
  return {
    position,
    length,
    playing,
    setPosition: (wanted) => setPosition(wanted === undefined || wanted >= length ? undefined : Math.max(0, wanted)),
    setPlaying: (wanted) => {
      if (wanted && position === undefined) setPosition(0);
      setPlaying(wanted);
    },
    speed,
    setSpeed,
  };
}

/** Plays and scrubs a finished decode, all lanes in step. */
export function Player({ player, hint }: { player: Playing; hint?: string }) {
  const { t } = useTranslation();
  const { position, length, playing, setPosition, setPlaying, speed, setSpeed } = player;
  const at = position ?? length;
  return (
    <div className="v-player" role="group" aria-label={t('Replay of the decode')}>
      <button type="button" aria-label={t('To the start')} disabled={!length} onClick={() => setPosition(0)}>
        <SkipBack size={15} aria-hidden />
      </button>
      <button
        type="button"
        disabled={!length}
        aria-label={playing ? t('Pause the replay') : t('Play the replay')}
        onClick={() => setPlaying(!playing)}
      >
        {playing ? <Pause size={15} aria-hidden /> : <Play size={15} aria-hidden />}
      </button>
      <button type="button" aria-label={t('To the end')} disabled={!length} onClick={() => setPosition(undefined)}>
        <SkipForward size={15} aria-hidden />
      </button>
      <input
        type="range"
        disabled={!length}
        aria-label={t('Step of the decode')}
        aria-valuetext={t('Step {{step}} of {{steps}}', { step: at, steps: length })}
        min={0}
        max={length}
        value={at}
        onChange={(event) => setPosition(Number(event.target.value))}
      />
      <span className="v-numbers v-player-at">{t('step {{step}}/{{steps}}', { step: at, steps: length })}</span>
      <select
        aria-label={t('Speed of the replay')}
        className="v-select"
        value={speed}
        onChange={(event) => setSpeed(Number(event.target.value))}
      >
        {speeds.map((each) => (
          <option key={each} value={each}>
            {each}×
          </option>
        ))}
      </select>
      {hint && <span className="v-note">{hint}</span>}
    </div>
  );
}
