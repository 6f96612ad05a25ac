import { useEffect, useRef } from 'react';
import type { LaneConfig } from '../lanes/lane-config';
import type { Playing } from '../views/player';
import type { LaneActions } from '../lanes/lane-actions';
import { isTyping } from '../frame/shortcuts';
import { isSwitchedOff } from '../frame/single-keys';
import { entryOf } from '../lines/walk';

type Keys = {
  running: boolean;
  /** Ids in order. */
  lanes: readonly string[];
  focus: string | undefined;
  player: Playing;
  open: () => void;
  sample: () => void;
  run?: () => Promise<void>;
  stop: () => void;
  actions: LaneActions;
  /** Undefined where names are hidden: nothing is done to a single lane then. */
  config: (id: string) => LaneConfig | undefined;
  /** Hides the names of the lanes, or reveals them. */
  blind: () => void;
  /** Goes to the history's search. */
  history: () => void;
};

/** The keyboard of the page. A key that a control understands itself stays with it. */
export function useStudioKeys(keys: Keys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const { running, lanes, focus, player, open, sample, run, stop, actions, config, blind, history } =
        latest.current;
      if (event.key === 'Escape' && running) return stop();
      if (isTyping(event) || inDialog(event) || isSwitchedOff(event)) return;
      const control =
        event.target instanceof HTMLElement &&
        event.target.closest('button, a, summary, input, [role=button], [role=slider], [role=tab], [role=combobox]');
      const mine = focus === undefined ? undefined : config(focus);
      const number = Number(event.key);
      if (number >= 1 && number <= lanes.length) {
        const lane = lineOf(lanes[number - 1]!);
        lane?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
        // Where names are hidden there are stars and no words to look into.
        (config(lanes[number - 1]!) ? lane && entryOf(lane) : starsIn(lane))?.focus();
      } else if (event.key === 'o') open();
      else if (event.key === 's') sample();
      else if (event.key === 'r' && !running) void run?.();
      else if (event.key === 'Enter' && !control && !running) void run?.();
      else if (event.key === ' ' && !control && player.length) player.setPlaying(!player.playing);
      else if (event.key === '/') history();
      else if (event.key === 'b') blind();
      else if (event.key === 'v')
        starsIn(lineOf(focus !== undefined && lanes.includes(focus) ? focus : (lanes[0] ?? '')))?.focus();
      else if (mine && event.key === 'd') actions.duplicate(mine);
      else if (mine && event.key === 'g') actions.run(mine);
      else if (mine && event.key === '[') actions.move(mine.id, -1);
      else if (mine && event.key === ']') actions.move(mine.id, 1);
      else if (mine && event.key === 'Delete' && lanes.length > 1) actions.remove(mine.id);
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

const lineOf = (id: string) => document.querySelector<HTMLElement>(`[data-testid="lane-${CSS.escape(id)}"]`);

/** Where the keyboard enters the stars of a lane. */
const starsIn = (lane: Element | null) =>
  lane?.querySelector<HTMLElement>('[role=radiogroup]:not([disabled]) input:checked') ??
  lane?.querySelector<HTMLElement>('[role=radiogroup]:not([disabled]) input');

const inDialog = ({ target }: KeyboardEvent) =>
  target instanceof HTMLElement && target.closest('dialog, [role=dialog], [role=menu], [role=listbox]') !== null;
