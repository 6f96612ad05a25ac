import { useEffect, useMemo, useRef } from 'react';
import type { LaneFilm } from '../views/film';
import type { LaneDevice } from './lane-device';
import type { LaneConfig } from './lane-config';

/** What can be done with a lane of the page. */
export type LaneActions = {
  /** The lane, or a word of its caption, is looked into. */
  select: (id: string, word?: number) => void;
  run: (config: LaneConfig) => void;
  stop: (id: string) => void;
  duplicate: (config: LaneConfig) => void;
  move: (id: string, by: -1 | 1) => void;
  remove: (id: string) => void;
  branch: (film: LaneFilm, at: number, alternative: number) => void;
  /** Shows the lane's options. */
  options: (id: string) => void;
  chooseDevice: (id: string, device: LaneDevice) => void;
  rate: (id: string, stars: number | undefined) => void;
  /** Keeps its caption as what the person says of the photo, or takes that back. */
  accept: (id: string) => void;
  /** Begins a caption of the person's own, made of it. */
  write: (id: string) => void;
};

/** The same object for the life of the page, so that a lane is drawn again only when it changed. */
export function useSteady(handlers: LaneActions): LaneActions {
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  return useMemo(
    (): LaneActions => ({
      select: (id, word) => latest.current.select(id, word),
      run: (config) => latest.current.run(config),
      stop: (id) => latest.current.stop(id),
      duplicate: (config) => latest.current.duplicate(config),
      move: (id, by) => latest.current.move(id, by),
      remove: (id) => latest.current.remove(id),
      branch: (film, place, alternative) => latest.current.branch(film, place, alternative),
      options: (id) => latest.current.options(id),
      chooseDevice: (id, device) => latest.current.chooseDevice(id, device),
      rate: (id, stars) => latest.current.rate(id, stars),
      accept: (id) => latest.current.accept(id),
      write: (id) => latest.current.write(id),
    }),
    [],
  );
}
