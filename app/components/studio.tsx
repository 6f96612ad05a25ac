'use client';
import { useEffect, useRef, useState } from 'react';
import { type LaneDevice } from '../lib/lane-device';
import { useStudio } from '../lib/use-studio';
import { refereeOf } from '../views/comparison-film';
import { filmLength, laneAt } from '../views/film';
import { Panels } from '../views/panels';
import { Player, usePlayer } from '../views/player';
import { Scoreboard } from '../views/scoreboard';
import { DeviceChoice } from './device-choice';
import { FamilyChoice } from './family-choice';
import { Header } from './header';
import { LaneCard } from './lane-card';
import { LaneOptions } from './lane-options';
import { PhotoPanel } from './photo-panel';
import { SaveDialog } from './save-dialog';
import { isTyping } from './shortcuts';

/** The page: one photo, one lane for each decoder, each on the device of its choice. */
export function Studio({ serverId, localId }: { serverId?: string; localId?: string }) {
  const studio = useStudio({ serverId, localId });
  const { info, decoders, shown, lanes, runFile, runSample, runAgain, cancel } = studio;
  const [dragging, setDragging] = useState(false);
  const fileInput = useRef<HTMLInputElement>(null);
  const { running } = shown;

  // A file that was chosen before the page could hear.
  useEffect(() => {
    const early = fileInput.current?.files?.[0];
    if (early) void runFile(early);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once, when the page has come alive
  }, []);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && running) return void cancel();
      if (isTyping(event)) return;
      if (event.key === 'o') fileInput.current?.click();
      if (event.key === 's') void runSample();
      if (event.key === 'r' && !running) void runAgain?.();
    };
    const onPaste = (event: ClipboardEvent) => {
      const file = [...(event.clipboardData?.files ?? [])][0];
      if (file) void runFile(file);
    };
    window.addEventListener('keydown', onKey);
    window.addEventListener('paste', onPaste);
    return () => {
      window.removeEventListener('keydown', onKey);
      window.removeEventListener('paste', onPaste);
    };
  }, [cancel, runAgain, runFile, runSample, running]);

  const player = usePlayer(running ? 0 : filmLength(shown.lanes));
  const [focus, setFocus] = useState<string>();
  const films = shown.lanes.map((lane) => laneAt(lane, running ? undefined : player.position));
  const names = decoders.map(({ name }) => name);
  // A comparison that was made with another family keeps its lanes.
  const cards = (info.data?.decoders ?? []).filter(({ name }) => names.includes(name) || shown.lanes.some((lane) => lane.decoder === name));
  const chosen = new Set<LaneDevice>(names.map(lanes.deviceOf));
  return (
    <div
      className="flex min-h-dvh flex-col"
      onDragOver={(event) => {
        event.preventDefault();
        setDragging(true);
      }}
      onDragLeave={(event) => event.currentTarget === event.target && setDragging(false)}
      onDrop={(event) => {
        event.preventDefault();
        setDragging(false);
        const file = event.dataTransfer.files[0];
        if (file) void runFile(file);
      }}
    >
      <Header device={shown.devices} />
      <main className={`grid flex-1 gap-4 p-4 lg:grid-cols-[18rem_minmax(0,1fr)] ${dragging ? 'outline-2 -outline-offset-8 outline-dashed outline-accent' : ''}`}>
        <PhotoPanel
          picture={studio.picture ?? undefined}
          withheld={studio.withheld}
          running={running}
          busy={studio.busy}
          problem={studio.problem}
          fileInput={fileInput}
          onFile={(file) => void runFile(file)}
          onSample={() => void runSample()}
          onAgain={runAgain && (() => void runAgain())}
          onStop={() => void cancel()}
          progress={studio.working ? `Reading ${studio.working} …` : shown.progress}
          stays={!chosen.has('server')}
        >
          {studio.saving && <SaveDialog {...studio.saving} />}
          <FamilyChoice families={studio.families} disabled={running} />
          <div className="flex items-center gap-2 text-xs text-quiet">
            <span>All lanes on</span>
            <DeviceChoice label="Device of all lanes" value={chosen.size === 1 ? [...chosen][0] : undefined} available={lanes.available} onChange={(device) => lanes.choose(names, device)} disabled={running} />
          </div>
        </PhotoPanel>
        <section id="lanes" aria-label="Captions" tabIndex={-1} className="min-w-0">
          <h1 className="sr-only">{cards.length === 5 ? 'Five decoders' : 'Decoders'}, one photo</h1>
          <div className="grid gap-3 sm:grid-cols-2 xl:grid-cols-5">
            {cards.map((card) => (
              <LaneCard
                key={card.name}
                card={card}
                film={films.find((lane) => lane.decoder === card.name)}
                focused={focus === card.name}
                onFocus={() => setFocus(card.name)}
                onRetry={runAgain && (() => void runAgain())}
                device={<DeviceChoice label={`Device of ${card.title}`} value={lanes.deviceOf(card.name)} available={lanes.available} onChange={(device) => lanes.choose([card.name], device)} disabled={running} />}
              >
                <LaneOptions card={card} defaults={studio.families.chosen?.defaults[card.name] ?? {}} values={studio.options[card.name] ?? {}} onChange={(values) => studio.setOptions(card.name, values)} />
              </LaneCard>
            ))}
          </div>
          {!decoders.length && !info.error && <p className="p-4 text-sm text-quiet">Asking the server what it can do …</p>}
          {films.length > 0 && (
            <div className="mt-4 space-y-4">
              <Player player={player} />
              <Scoreboard lanes={films} referee={refereeOf(shown.encoded?.space ?? 'of the family')} />
              <Panels lanes={films} focus={focus} onFocus={setFocus} picture={studio.picture?.url} encodeMs={shown.encoded?.ms} />
            </div>
          )}
          {/* Said once a caption is whole, not for each token. */}
          <p aria-live="polite" className="sr-only">
            {shown.lanes
              .filter(({ status }) => status === 'done')
              .map(({ decoder, caption }) => `${decoders.find(({ name }) => name === decoder)?.title ?? decoder}: ${caption}.`)
              .join(' ')}
          </p>
        </section>
      </main>
    </div>
  );
}
