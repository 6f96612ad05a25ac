'use client';
import { useRouter } from 'next/navigation';
import { useEffect, useMemo, useRef, useState } from 'react';
import { bestRated } from '@/kept/ratings';
import { ProblemText } from '../languages/problem';
import { useTranslation } from '../languages/use-translation';
import { letterOf, useBlind } from '../ratings/blind';
import { droppedFiles } from '../inputs/dropped-files';
import { sourceName } from '../inputs/inputs';
import { type LaneDevice } from '../lanes/lane-device';
import { pageDefaults } from '../lanes/use-lanes';
import { useStudio } from './use-studio';
import { filmLength, laneAt, type LaneFilm, newLane } from '../views/film';
import { Inspection } from '../views/inspection';
import { laneTitle } from '../views/looks';
import { Player, usePlayer } from '../views/player';
import { Scoreboard } from '../views/scoreboard';
import { useNarrow } from '../views/use-narrow';
import { AddLane } from '../lanes/add-lane';
import { BlindBar, BlindLanes, BlindSwitch } from '../ratings/blind-lanes';
import { Composer } from '../inputs/composer';
import { DeviceChoice } from '../lanes/device-choice';
import { Doubt } from './doubt';
import { FamilyChoice } from '../families/family-choice';
import { Header } from '../frame/header';
import { Intro } from './intro';
import { MissingComparison } from '../history/missing-comparison';
import { type LaneActions, LaneCard } from '../lanes/lane-card';
import { PhotoPanel } from '../inputs/photo-panel';
import { PhotoStrip } from '../inputs/photo-strip';
import { References, useReferences } from '../references/references';
import { SaveDialog } from '../comparisons/save-dialog';
import { useStudioKeys } from './studio-keys';

/** The page: inputs, lanes of decoders each on the device of its choice, and how their captions came to be. */
export function Studio({ serverId, localId }: { serverId?: string; localId?: string }) {
  const { t } = useTranslation();
  const studio = useStudio({ serverId, localId });
  const { info, decoders, shown, lanes, devices, giveAddress, giveFiles, giveOne, runAll, runLanes, stop, asked } =
    studio;
  const [dragging, setDragging] = useState(false);
  const [focus, setFocus] = useState<string>();
  const fileInput = useRef<HTMLInputElement>(null);
  const { running } = shown;
  const sample = () => void giveOne({ kind: 'sample' });

  const player = usePlayer(running ? 0 : filmLength(shown.lanes));
  const at = running ? undefined : player.position;
  // A comparison that was made with another family keeps its lanes.
  const all = lanes.lanes.filter(
    ({ id, decoder }) => decoders.some(({ name }) => name === decoder) || shown.lanes.some((lane) => lane.id === id),
  );
  const blind = useBlind({
    comparison: studio.active?.localId ?? studio.active?.serverId,
    input: studio.source?.kind === 'sample' ? 'sample' : studio.active?.key,
    captioned: shown.lanes.some(({ caption }) => caption !== ''),
  });
  const { hidden } = blind;
  const bench = blind.inOrder(all);
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
    branch: (film, place, alternative) => setFocus(studio.branch(film, place, alternative)),
    setOptions: lanes.setOptions,
    chooseDevice: (id, device) => devices.choose([id], device),
    rate,
  };
  // The same object for the life of the page, so that a lane is drawn again only when it changed.
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  const actions = useMemo(
    (): LaneActions => ({
      focus: (id) => latest.current.focus(id),
      run: (config) => latest.current.run(config),
      stop: (id) => latest.current.stop(id),
      duplicate: (config) => latest.current.duplicate(config),
      move: (id, by) => latest.current.move(id, by),
      remove: (id) => latest.current.remove(id),
      branch: (film, place, alternative) => latest.current.branch(film, place, alternative),
      setOptions: (id, options) => latest.current.setOptions(id, options),
      chooseDevice: (id, device) => latest.current.chooseDevice(id, device),
      rate: (id, stars) => latest.current.rate(id, stars),
    }),
    [],
  );

  useStudioKeys({
    running: running || studio.inTurn,
    lanes: bench.map(({ id }, i) => (hidden ? letterOf(i) : id)),
    focus,
    setFocus,
    player: hidden ? { ...player, length: 0 } : player,
    open: () => fileInput.current?.click(),
    sample,
    run: runAll,
    stop: () => void stop(),
    actions,
    config: (id) => (hidden ? undefined : bench.find((lane) => lane.id === id)),
    blind: () => (hidden && said.length ? reveal() : blind.setOn(!blind.on)),
    history: () => router.push('/history'),
  });
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length) void giveFiles(files);
      else if (
        !(event.target instanceof HTMLElement && event.target.closest('input, textarea')) &&
        giveAddress(event.clipboardData?.getData('text') ?? '')
      )
        event.preventDefault();
    };
    window.addEventListener('paste', onPaste);
    return () => window.removeEventListener('paste', onPaste);
  }, [giveAddress, giveFiles]);
  // Files that were chosen before the page could hear.
  useEffect(() => {
    const input = fileInput.current;
    const early = [...(input?.files ?? [])];
    if (!input || !early.length) return;
    input.value = ''; // the event of that choice may still come, and would give them once more
    void giveFiles(early);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once, when the page has come alive
  }, []);

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
  if (studio.missing)
    return (
      <div className="min-h-dvh">
        <Header device="" comparison={false} skip={{ to: '#lanes', what: t('Skip to the message') }} />
        <div id="lanes" tabIndex={-1}>
          <MissingComparison
            id={(localId ?? serverId)!}
            where={localId === undefined ? 'server' : 'browser'}
            absence={studio.missing}
          />
        </div>
      </div>
    );
  const chosen = new Set<LaneDevice>(bench.map(({ id }) => devices.deviceOf(id)));
  return (
    <div
      className="flex min-h-dvh flex-col"
      onDragOver={(event) => {
        event.preventDefault();
        setDragging(true);
      }}
      onDragLeave={(event) => event.currentTarget === event.target && setDragging(false)}
      onDrop={(event) => {
        setDragging(false);
        // What was dropped on a field of its own is taken there.
        if (event.defaultPrevented) return;
        event.preventDefault();
        const { dataTransfer } = event;
        if (dataTransfer.files.length) void droppedFiles(dataTransfer).then(giveFiles);
        else giveAddress(dataTransfer.getData('text/uri-list') || dataTransfer.getData('text'));
      }}
    >
      <Header device={shown.devices} blind={hidden} />
      <main
        className={`grid flex-1 content-start gap-4 p-4 lg:grid-cols-[18rem_minmax(0,1fr)] ${dragging ? 'outline-2 -outline-offset-8 outline-dashed outline-accent' : ''}`}
      >
        <PhotoPanel
          picture={studio.picture}
          source={studio.source}
          embedding={studio.embedding}
          withheld={studio.withheld}
          running={running || studio.inTurn}
          busy={studio.busy}
          problem={studio.problem}
          fileInput={fileInput}
          onFiles={(files) => void giveFiles(files)}
          onAddress={info.data?.addresses === 'off' ? undefined : giveAddress}
          onSample={sample}
          onRun={runAll && (() => void runAll())}
          onStop={() => void stop()}
          download={shown.download && hidden ? { ...shown.download, file: t('weights') } : shown.download}
          progress={
            studio.working
              ? t('Reading {{what}} …', { what: studio.working })
              : studio.active?.skipped
                ? t('Stopped before its turn. Run it now, or all that were stopped.')
                : studio.active?.waiting
                  ? t('Waits for the inputs before it.')
                  : hidden
                    ? running
                      ? t('Decoding')
                      : ''
                    : shown.progress
          }
          fresh={
            studio.active !== undefined && studio.active.serverId === undefined && studio.active.localId === undefined
          }
          stays={chosen.size > 0 && !chosen.has('server')}
          strip={
            <PhotoStrip
              inputs={studio.inputs}
              active={studio.active?.key}
              info={info.data}
              statusOf={studio.statusOf}
              onSelect={studio.select}
              onForget={studio.forget}
              skipped={studio.skipped.length}
              onRunSkipped={() => void studio.runSkipped()}
            />
          }
        >
          <Composer
            inputs={studio.summable}
            active={studio.active?.key}
            busy={studio.busy}
            onDecode={(terms) => void studio.giveSum(terms)}
          />
          {studio.saving && !hidden && <SaveDialog {...studio.saving} />}
          {!hidden && <FamilyChoice families={studio.families} disabled={running} />}
          <div className={`flex items-center gap-2 text-xs text-quiet ${bench.length ? '' : 'invisible'}`}>
            <span>{t('All lanes on')}</span>
            <DeviceChoice
              label={t('Device of all lanes')}
              value={chosen.size === 1 ? [...chosen][0] : undefined}
              available={devices.available}
              onChange={(device) =>
                devices.choose(
                  bench.map(({ id }) => id),
                  device,
                )
              }
              disabled={running}
            />
          </div>
        </PhotoPanel>
        <section id="lanes" aria-label={t('Captions')} tabIndex={-1} className="min-w-0">
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
                  effects={studio.family?.effects}
                  refused={studio.family?.refused?.[config.decoder]}
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
              <Inspection
                lanes={films}
                focus={focus}
                onFocus={setFocus}
                picture={studio.picture?.url}
                encodeMs={shown.encoded?.ms}
                onBranch={
                  running
                    ? undefined
                    : (id, place, alternative) =>
                        actions.branch(
                          films.find((film) => film.id === id)!,
                          place,
                          alternative,
                        )
                }
              />
            </div>
          )}
          {!decoders.length && !info.error && (
            <p className="p-4 text-sm text-quiet">{t('Asking the server what it can do …')}</p>
          )}
          {/* Said once a caption is whole, not for each token, and not while a replay runs. */}
          <p aria-live="polite" className="sr-only">
            {hidden
              ? bench
                  .map(({ id }, i) =>
                    atWork || !said.some((lane) => lane.id === id)
                      ? ''
                      : `${t('Caption {{letter}}', { letter: letterOf(i) })}: ${said.find((lane) => lane.id === id)!.caption}.`,
                  )
                  .join(' ')
              : shown.lanes
                  .filter(({ status }) => status === 'done')
                  .map((lane) => `${laneTitle(lane)}: ${lane.caption}.`)
                  .join(' ')}
          </p>
        </section>
      </main>
    </div>
  );
}

/** As many lanes side by side as can be read. */
function columns(lanes: number): string {
  if (lanes <= 2) return '';
  if (lanes === 3) return 'xl:grid-cols-3';
  // The five and a branch: one row where there is room, two whole ones where there is not.
  if (lanes === 6) return 'xl:grid-cols-3 2xl:grid-cols-6';
  if (lanes === 4 || lanes === 7 || lanes === 8) return 'xl:grid-cols-4';
  return 'xl:grid-cols-5';
}
