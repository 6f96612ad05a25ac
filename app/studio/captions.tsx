'use client';
import { Pencil } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import type { SampleName } from '@/kept/samples';
import { ProblemText } from '../languages/problem';
import { useTranslation } from '../languages/use-translation';
import { sampleOf, sourceName } from '../comparisons/source';
import { AddLane } from '../lanes/add-lane';
import { addLane, resetLanes } from '../lanes/lanes-state';
import type { LaneConfig } from '../lanes/lane-config';
import { LinesBar } from '../lines/lines-bar';
import { LinesFoot } from '../lines/lines-foot';
import { useLines } from '../lines/use-lines';
import { letterOf } from '../ratings/blind-order';
import * as blindly from '../ratings/blind-state';
import { BlindBar, BlindLanes, BlindSwitch } from '../ratings/blind-lanes';
import { References, useScores } from '../references/references';
import { areKept, keepReferences, referenceText, typeReferences } from '../references/references-state';
import { filmLength } from '../views/film';
import { Player, usePlayer } from '../views/player';
import { Doubt } from './doubt';
import { filmsOf } from './films';
import { Intro } from './intro';
import { LaneInspector } from './lane-inspector';
import { LaneSetup } from './lane-setup';
import { PageLines } from './page-lines';
import { usePerson } from './person';
import { PersonWriting } from './person-writing';
import { RemovedLane } from './removed-lane';
import { Spoken } from './spoken';
import { useBenchActions } from './bench-actions';
import { useOrder } from './use-order';
import { useStudioKeys } from './studio-keys';
import { useDevices, usePage, useShown } from './page-context';
import { useBusy } from './photo';
import { runAll } from './running';
import * as select from './selectors';
import { stop } from './turns';

/** The lanes of what is shown, with what can be done with them and how their captions came to be. */
export function Captions({
  bench: stand,
  open,
  sample,
}: {
  /** The lanes in the order in which they stand. */
  bench: readonly LaneConfig[];
  /** Asks for photos. */
  open: () => void;
  sample: (name?: SampleName) => void;
}) {
  const { t } = useTranslation();
  const page = usePage();
  const { store } = page;
  const shown = useShown((state) => state.shown);
  const asked = useShown((state) => state.asked);
  const active = useShown(select.active);
  const working = useShown((state) => state.working !== undefined);
  const source = useShown(select.source);
  const family = useShown(select.family);
  const decoders = useShown(select.decoders);
  const samples = useShown(({ info }) => info?.samples);
  const infoProblem = useShown((state) => state.infoProblem);
  const ratingProblem = useShown((state) => state.ratingProblem);
  const devices = useDevices(stand);
  const full = useShown(select.full);
  const busy = useBusy();
  const { running, ratings } = shown;
  const hidden = useShown(blindly.hidden);
  const blind = useShown((state) => state.blind.on);
  const setBlind = (on: boolean) => blindly.setBlind(store, on);
  const router = useRouter();
  const player = usePlayer(running ? 0 : filmLength(shown.lanes));
  const at = running ? undefined : player.position;
  /** Of all lanes: while some are at work, what the others said is not shown blind. */
  const atWork = running || asked.length > 0 || working;
  const films = filmsOf(stand, shown, {
    asked,
    position: at,
    deviceOf: (id) => devices[stand.findIndex((lane) => lane.id === id)] ?? 'server',
  });
  const references = useShown(referenceText);
  const scored = useScores(shown.lanes, shown.said, family?.name, references);
  const told = useLines(films, scored.scores, ratings, shown.said);
  const order = useOrder(stand, told.lines, told.said, { still: atWork, fixed: blind });
  const { bench } = order;
  const person = usePerson();
  const { actions, selected, setSelected, removed } = useBenchActions({
    fixed: blind || order.sorted,
    person,
  });
  const [focus, setFocus] = useState<string>(); // a letter, while names are hidden
  const begun = active !== undefined || working;
  const known = useShown(blindly.known);
  const kept = useShown(areKept);
  const unkept = useShown((state) => state.unkept);
  const said = shown.lanes.filter(({ result }) => result);
  const reveal = () => {
    blindly.reveal(store);
    // The button goes; whoever used the keyboard goes on with the captions.
    document.getElementById('lanes')?.focus();
  };
  useStudioKeys({
    running: useShown(select.inTurn) || running,
    lanes: bench.map(({ id }, i) => (hidden ? letterOf(i) : id)),
    focus: hidden ? focus : selected?.lane,
    player: hidden ? { ...player, length: 0 } : player,
    open,
    sample: () => sample(),
    run: source && (() => runAll(page)),
    stop: () => void stop(page),
    actions,
    config: (id) => (hidden ? undefined : bench.find((lane) => lane.id === id)),
    blind: () => (hidden && said.length ? reveal() : setBlind(!blind)),
    history: () => router.push('/history'),
  });
  const bar = (
    <>
      {!hidden && person.possible && (
        <button type="button" className="v-button" onClick={() => person.write()}>
          <Pencil size={15} aria-hidden /> {t('Your caption')}
        </button>
      )}
      <BlindSwitch on={blind} onChange={setBlind} />
      {!hidden && (
        <AddLane
          decoders={decoders}
          full={full}
          onAdd={(decoder, options) =>
            actions.select(addLane(store, select.bench(store.getState()), { decoder, ...(options ? { options } : {}) }))
          }
          onReset={() => resetLanes(store, select.bench(store.getState()))}
        />
      )}
    </>
  );
  const inspects = !hidden && decoders.length > 0 && (begun || selected !== undefined);
  const space = shown.encoded?.space ?? family?.space ?? t('of the family');
  return (
    <section
      id="lanes"
      aria-label={t('Captions')}
      tabIndex={-1}
      className={`grid min-w-0 content-start gap-3 ${inspects ? 'lg:grid-cols-[minmax(0,1fr)_auto]' : ''}`}
    >
      <div className="min-w-0 space-y-2">
        <h1 className="sr-only">
          {decoders.length === 5 ? t('Five decoders, one embedding') : t('Decoders, one embedding')}
        </h1>
        {/* Goes with the press that starts something, so that nothing moves later. */}
        {!begun && <Intro samples={samples} family={family?.name} onSample={sample} busy={busy} />}
        {hidden ? (
          <BlindBar
            known={known}
            rated={said.filter(({ id }) => ratings[id]).length}
            captions={atWork ? 0 : said.length}
            onReveal={reveal}
          />
        ) : (
          begun && (
            <Doubt
              lanes={films}
              family={family?.name ?? ''}
              sample={source?.kind === 'sample' ? sampleOf(source) : undefined}
            />
          )
        )}
        {ratingProblem && (
          <p role="alert" className="rounded-md border border-danger p-3 text-sm text-danger">
            <ProblemText of={ratingProblem} />
          </p>
        )}
        {hidden ? (
          <BlindLanes
            lanes={bench}
            films={shown.lanes}
            running={atWork}
            ratings={ratings}
            focus={focus}
            onFocus={setFocus}
            onRate={actions.rate}
          />
        ) : begun ? (
          <PageLines
            bench={bench}
            places={order.places}
            told={told}
            person={person}
            selected={selected}
            actions={actions}
            sort={order.sort}
            onSort={order.onSort}
            fixed={blind || order.sorted}
            letters={blind}
          />
        ) : (
          <LaneSetup bench={bench} actions={actions} />
        )}
        {!hidden && begun && <PersonWriting person={person} />}
        {removed.lane && <RemovedLane title={removed.title} onUndo={removed.undo} onClose={removed.forget} />}
        {begun && !hidden ? (
          <LinesBar rows={order.rows} shown={told.columns} sortable={order.onSort !== undefined}>
            {bar}
          </LinesBar>
        ) : (
          <div className="flex flex-wrap items-center justify-end gap-2">{bar}</div>
        )}
        {begun && !hidden && (
          <>
            <Player player={player} />
            <LinesFoot columns={told.columns} space={space} words={told.words} />
            {films.length > 0 && (
              <References
                text={references}
                onText={(text) => typeReferences(store, text)}
                onRest={() => keepReferences(store)}
                scored={scored}
                kept={kept}
                unkept={unkept}
                name={sourceName(source)}
              />
            )}
          </>
        )}
        {!decoders.length && !infoProblem && (
          <p className="p-4 text-sm text-quiet">{t('Asking the server what it can do …')}</p>
        )}
        <Spoken lanes={bench} films={shown.lanes} blind={hidden && { atWork }} />
      </div>
      {inspects && <LaneInspector bench={bench} films={films} selected={selected} onSelect={setSelected} />}
    </section>
  );
}
