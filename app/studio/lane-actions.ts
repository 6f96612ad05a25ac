import { useEffect, useMemo, useRef } from 'react';
import type { LaneActions } from '../lanes/lane-card';

/** The same object for the life of the page, so that a lane is drawn again only when it changed. */
export function useSteady(handlers: LaneActions): LaneActions {
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  return useMemo(
    (): LaneActions => ({
      focus: (id) => latest.current.focus(id),
      run: (config) => latest.current.run(config),
      stop: (id) => latest.current.stop(id),
      duplicate: (config) => latest.current.duplicate(config),
      move: (id, by) => latest.current.move(id, by),
      remove: (id) => latest.current.remove(id),
      word: (id, at) => latest.current.word(id, at),
      branch: (film, place, alternative) => latest.current.branch(film, place, alternative),
      setOptions: (id, options) => latest.current.setOptions(id, options),
      chooseDevice: (id, device) => latest.current.chooseDevice(id, device),
      rate: (id, stars) => latest.current.rate(id, stars),
    }),
    [],
  );
}
