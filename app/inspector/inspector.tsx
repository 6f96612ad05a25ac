import { type ReactNode, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { ScanSearch } from 'lucide-react';
import { useTranslation } from '../languages/use-translation';
import { type LaneFilm, shownTokens } from '../views/film';
import { type InspectorTab, type LookInto, onLookInto, wordOf } from '../views/look-into';
import { laneTitle } from '../views/looks';
import { Sheet } from '../views/sheet';
import { useNarrow } from '../views/use-narrow';
import { Heading, Said } from './heading';
import { useSameLanes } from './same-lanes';
import type { RunBefore } from './run-before';
import { fetchViews, InspectorTabs, type TabActions, type Telling } from './tabs';

/** What is looked into: a lane, and of its words (`shownTokens`) one. */
export type Selection = { lane: string; word?: number };

export type InspectorProps = {
  /** In their order; those that have not begun too, so that they can be set up. */
  lanes: readonly LaneFilm[];
  selected: Selection | undefined;
  onSelect: (selection: Selection) => void;
  picture?: string;
  encodeMs?: number;
  onBranch?: (lane: string, at: number, alternative: number) => void;
  /** Turns an option of a lane on and runs it again. */
  onTell?: (lane: string, option: Telling) => void;
  /** Options of the lane that is shown (`inspected`); without them those that it ran with are told. */
  options?: ReactNode;
  /** How its decoder works, where that is said otherwise than by its words. */
  method?: ReactNode;
  /** Of lanes that ran again in this visit. */
  before?: ReadonlyMap<string, RunBefore>;
};

/** The lane that the inspector shows: the selected one, else the first. */
export const inspected = <Lane extends { id: string }>(lanes: readonly Lane[], selected: Selection | undefined) =>
  lanes.find(({ id }) => id === selected?.lane) ?? lanes[0];

/** Below this there is no room beside the captions. */
const beside = '(max-width: 1023px)';

/**
 * How the selected caption, or one word of it, came to be: a panel that is docked beside the captions, or on a narrow
 * screen a sheet that comes from below. It listens to `lookInto`.
 */
export function Inspector(props: InspectorProps) {
  const { lanes, selected, onSelect, onBranch, onTell } = props;
  const { t } = useTranslation();
  const narrow = useNarrow(beside);
  // Stays from lane to lane, when the window is made narrow or wide, and when the sheet is opened again.
  const [tab, setTab] = useState<InspectorTab>('words');
  const [open, setOpen] = useState(false);
  const [wide, setWide] = useState(false);
  /** A new object each time that the focus shall go in. */
  const [entering, setEntering] = useState<object>();
  const inside = useRef<HTMLDivElement>(null);
  /** What had the focus before the alternatives. */
  const cameFrom = useRef<Element>(null);
  const lane = inspected(lanes, selected);
  const words = lane ? shownTokens(lane).length : 0;
  const wanted = selected?.lane === lane?.id ? selected?.word : undefined;
  const word = wanted === undefined || !words ? undefined : Math.min(wanted, words - 1);
  const all = useDeferredValue(useSameLanes(lanes));

  const enter = () => {
    cameFrom.current = document.activeElement;
    setEntering({});
  };
  const handlers = {
    word: (at: number) => lane && onSelect({ lane: lane.id, word: at }),
    lane: (id: string) => onSelect({ lane: id }),
    enter,
    leave: () => {
      const from = cameFrom.current;
      const row = inside.current?.querySelector<HTMLElement>('.v-words-list [aria-current]');
      const outside = from && !inside.current?.contains(from);
      // A sheet closes by this key, and gives the focus back by itself.
      if (outside && narrow) return false;
      const back = outside && lane ? wordOf(lane.id) : row;
      back?.focus();
      return Boolean(back);
    },
    branch: (at: number, alternative: number) => {
      if (!lane) return;
      // Gives the focus back first; whoever branches takes it on.
      inside.current?.closest('dialog')?.close();
      onBranch?.(lane.id, at, alternative);
    },
    tell: (option: Telling) => lane && onTell?.(lane.id, option),
    look: ({ lane: id, word: at, tab: to, focus }: LookInto) => {
      onSelect({ lane: id, word: at ?? (id === lane?.id ? word : undefined) });
      if (to) setTab(to);
      if (narrow) setOpen(true);
      if (focus) enter();
    },
  };
  // The same functions for the life of the inspector, so that a view is drawn again only when what it shows changed.
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  const actions = useMemo(
    (): TabActions => ({
      word: (at) => latest.current.word(at),
      enter: () => latest.current.enter(),
      leave: () => latest.current.leave(),
      branch: (at, alternative) => latest.current.branch(at, alternative),
      tell: (option) => latest.current.tell(option),
    }),
    [],
  );
  useEffect(() => onLookInto((asked) => latest.current.look(asked)), []);
  useEffect(() => {
    if (!entering) return;
    const panel = inside.current?.querySelector<HTMLElement>('[role=tabpanel][data-state=active]');
    (
      panel?.querySelector<HTMLElement>('.v-alternatives button') ??
      panel?.querySelector<HTMLElement>('.v-words-alternatives') ??
      panel?.querySelector<HTMLElement>('select, input, button') ??
      panel
    )?.focus();
  }, [entering]);
  // Once there is something to look into, and the page has better had its peace: also for a day without the network.
  const said = lanes.some(({ result }) => result);
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(fetchViews, quietMs);
    return () => clearTimeout(timer);
  }, [said]);

  if (!lane)
    return (
      <aside className="v-inspector" data-testid="inspector" aria-label={t('Inspector')}>
        <p className="v-note v-inspector-empty">
          {t(
            'Whatever is selected is explained here: what else each word could have been, the beams of the search, what lies behind a caption, and what it cost.',
          )}
        </p>
      </aside>
    );
  // A sheet is a dialog with a name of its own.
  const landmark = narrow ? {} : { role: 'complementary', 'aria-label': t('Inspector') };
  const body = (
    <div ref={inside} className="v-inspector" data-testid="inspector" data-wide={wide ? '' : undefined} {...landmark}>
      <Heading
        lanes={all}
        lane={lane}
        word={word}
        onLane={handlers.lane}
        wide={narrow ? undefined : wide}
        onWide={setWide}
      />
      <InspectorTabs
        tab={tab}
        onTab={setTab}
        lane={lane}
        lanes={all}
        word={word}
        picture={props.picture}
        encodeMs={props.encodeMs}
        branches={onBranch !== undefined}
        tells={onTell !== undefined}
        options={props.options}
        method={props.method}
        before={props.before?.get(lane.id)}
        actions={actions}
      />
      <Said lane={lane} word={word} />
    </div>
  );
  if (!narrow) return body;
  return (
    <>
      <div className="v-sheet-bar">
        <button
          type="button"
          aria-haspopup="dialog"
          className="v-sheet-open"
          aria-label={t('Look inside {{lane}}', { lane: laneTitle(lane) })}
          title={t('Look inside {{lane}}', { lane: laneTitle(lane) })}
          onClick={() => setOpen(true)}
        >
          <ScanSearch size={20} aria-hidden />
        </button>
      </div>
      {open && (
        <Sheet title={t('Inspector')} onClose={() => setOpen(false)}>
          {body}
        </Sheet>
      )}
    </>
  );
}

const quietMs = 3_000;
