'use client';
import { useRouter } from 'next/navigation';
import { useMemo, useState } from 'react';
import { bestRated } from '@/kept/ratings';
import { ProblemText } from '../languages/problem';
import { useTranslation } from '../languages/use-translation';
import { sourceName } from '../inputs/inputs';
import { AddLane } from '../lanes/add-lane';
import { type LaneActions, LaneCard } from '../lanes/lane-card';
import { type LaneConfig, pageDefaults } from '../lanes/use-lanes';
import { letterOf, type useBlind } from '../ratings/blind';
import { BlindBar, BlindLanes, BlindSwitch } from '../ratings/blind-lanes';
import { References, useReferences } from '../references/references';
import { filmLength, laneAt, type LaneFilm, newLane } from '../views/film';
import type { Selection } from '../inspector/inspector';
import { Player, usePlayer } from '../views/player';
import { Scoreboard } from '../views/scoreboard';
import { useNarrow } from '../views/use-narrow';
import { Doubt } from './doubt';
import { Intro } from './intro';
import { useSteady } from './lane-actions';
import { LaneInspector } from './lane-inspector';
import { Spoken } from './spoken';
import { useStudioKeys } from './studio-keys';
import type { useStudio } from './use-studio';

/** The lanes of what is shown, with what can be done with them and how their captions came to be. */
export function Captions({
  studio,
  bench,
  blind,
  open,
  sample,
}: {
  studio: ReturnType<typeof useStudio>;
  /** The lanes in the order in which they stand. */
  bench: readonly LaneConfig[];
  blind: ReturnType<typeof useBlind>;
  /** Asks for photos. */
  open: () => void;
  sample: () => void;
}) {
  const { t } = useTranslation();
  const { info, decoders, shown, lanes, devices, runAll, runLanes, stop, asked } = studio;
  const [selected, setSelected] = useState<Selection>();
  const focus = selected?.lane;
  /** Of the lane that is selected already its word stays. */
  const setFocus = (lane: string) => setSelected((before) => (before?.lane === lane ? before : { lane }));
  const { running } = shown;
  const { hidden } = blind;
  const player = usePlayer(running ? 0 : filmLength(shown.lanes));
  const at = running ? undefined : player.position;
  // In the order of the lanes; asked for and not begun is waiting.
  const films = bench.flatMap((config): LaneFilm[] => {
    if (asked.includes(config.id)) return [newLane(config)];
    const film = shown.lanes.find(({ id }) => id === config.id);
    return film ? [laneAt(film, at)] : [];
  });
  const references = useReferences(films, studio.family?.name, studio.references);
  const { ratings } = studio.ratings;
  const best = bestRated(ratings);
  const rate = (id: string, stars: number | undefined) =>
    studio.ratings.rate(id, stars === undefined ? undefined : { stars, blind: hidden && !blind.known });
  const reveal = () => {
    blind.reveal();
    // The button goes; whoever used the keyboard goes on with the captions.
    document.getElementById('lanes')?.focus();
  };
  /** Of all lanes: while some are at work, what the others said is not shown blind. */
  const atWork = running || asked.length > 0 || studio.working !== undefined;
  const said = shown.lanes.filter(({ result }) => result);
  const ready = Boolean(runAll);
  const router = useRouter();
  const defaults = useMemo(
    () => new Map((info.data?.decoders ?? []).map((card) => [card.name, pageDefaults(card, studio.family)])),
    [info.data, studio.family],
  );

  const handlers: LaneActions = {
    focus: setFocus,
    run: (config) => void runLanes([config]),
    stop: (id) => void stop(id),
    duplicate: (config) => {
      const id = lanes.add(config.decoder, config.options, config.id);
      devices.choose([id], devices.deviceOf(config.id));
      setFocus(id);
    },
    // Where lanes are shuffled they stay where they are.
    move: blind.on ? () => undefined : lanes.move,
    remove: lanes.remove,
    word: (lane, word) => setSelected({ lane, word }),
    branch: (film, place, alternative) => setFocus(studio.branch(film, place, alternative)),
    setOptions: lanes.setOptions,
    chooseDevice: (id, device) => devices.choose([id], device),
    rate,
  };
  const actions = useSteady(handlers);
  useStudioKeys({
    running: running || studio.inTurn,
    lanes: bench.map(({ id }, i) => (hidden ? letterOf(i) : id)),
    focus,
    setFocus,
    player: hidden ? { ...player, length: 0 } : player,
    open,
    sample,
    run: runAll,
    stop: () => void stop(),
    actions,
    config: (id) => (hidden ? undefined : bench.find((lane) => lane.id === id)),
    blind: () => (hidden && said.length ? reveal() : blind.setOn(!blind.on)),
    history: () => router.push('/history'),
  });
  // On a narrow screen the table tells all lanes at once, before they are swiped through.
  const narrow = useNarrow();
  const board = films.length > 0 && (
    <Scoreboard
      lanes={films}
      scores={references.scores}
      ratings={ratings}
      referee={t('cosine in the joint space {{space}}, the same for all lanes', {
        space: shown.encoded?.space ?? t('of the family'),
      })}
    />
  );
  return (
    <section
      id="lanes"
      aria-label={t('Captions')}
      tabIndex={-1}
      className="grid min-w-0 content-start gap-4 lg:grid-cols-[minmax(0,1fr)_auto]"
    >
      <div className="min-w-0">
        <h1 className="sr-only">
          {decoders.length === 5 ? t('Five decoders, one embedding') : t('Decoders, one embedding')}
        </h1>
        {/* Goes with the press that starts something, so that nothing moves later. */}
        {!studio.active && !studio.working && <Intro onSample={sample} busy={studio.busy} />}
        <div className="mb-3 flex flex-wrap items-center gap-3">
          {hidden ? (
            <span className="flex-1" />
          ) : (
            <div className="min-w-0 flex-1 max-sm:basis-full">
              <Player player={player} />
            </div>
          )}
          <BlindSwitch on={blind.on} onChange={blind.setOn} />
          {!hidden && (
            <AddLane
              decoders={decoders}
              full={lanes.full}
              onAdd={(decoder, options) => setFocus(lanes.add(decoder, options))}
              onReset={lanes.reset}
            />
          )}
        </div>
        {hidden && (
          <BlindBar
            known={blind.known}
            rated={said.filter(({ id }) => ratings[id]).length}
            captions={atWork ? 0 : said.length}
            onReveal={reveal}
          />
        )}
        {studio.ratings.problem && (
          <p role="alert" className="mb-3 rounded-md border border-danger p-3 text-sm text-danger">
            <ProblemText of={studio.ratings.problem} />
          </p>
        )}
        {narrow && board && !hidden && <div className="mb-3">{board}</div>}
        <div
          className={`grid grid-flow-row-dense gap-3 max-sm:flex max-sm:snap-x max-sm:snap-mandatory max-sm:overflow-x-auto sm:grid-cols-2 ${columns(bench.length)}`}
          data-testid="lanes"
        >
          {hidden && (
            <BlindLanes
              lanes={bench}
              films={shown.lanes}
              running={atWork}
              ratings={ratings}
              focus={focus}
              onFocus={setFocus}
              onRate={rate}
            />
          )}
          {(hidden ? [] : bench).map((config, i) => {
            const card = info.data?.decoders.find(({ name }) => name === config.decoder);
            if (!card) return null;
            return (
              <LaneCard
                key={config.id}
                config={config}
                card={card}
                film={films.find(({ id }) => id === config.id)}
                focused={focus === config.id}
                ready={ready}
                first={i === 0 || blind.on}
                last={i === bench.length - 1 || blind.on}
                only={bench.length === 1}
                full={lanes.full}
                actions={actions}
                device={devices.deviceOf(config.id)}
                available={devices.available}
                locked={running}
                defaults={defaults.get(config.decoder)!}
                word={focus === config.id ? selected?.word : undefined}
                rating={ratings[config.id]}
                best={best === config.id}
                was={blind.on ? letterOf(i) : undefined}
              />
            );
          })}
        </div>
        {films.length > 0 && !hidden && (
          <div className="mt-4 space-y-4">
            {!narrow && board}
            {/* The sample is a drawing: of photos it says nothing. */}
            {studio.source?.kind !== 'sample' && <Doubt lanes={films} family={studio.family?.name ?? ''} />}
            <References references={references} name={sourceName(studio.source)} />
          </div>
        )}
        {!decoders.length && !info.error && (
          <p className="p-4 text-sm text-quiet">{t('Asking the server what it can do …')}</p>
        )}
        <Spoken lanes={bench} films={shown.lanes} blind={hidden && { atWork }} />
      </div>
      {!hidden && decoders.length > 0 && (
        <LaneInspector studio={studio} bench={bench} films={films} selected={selected} onSelect={setSelected} />
      )}
    </section>
  );
}

/** As many lanes side by side as can be read. */
const columns = (lanes: number) => (lanes <= 2 ? '' : 'lg:grid-cols-1 xl:grid-cols-2 2xl:grid-cols-3');
