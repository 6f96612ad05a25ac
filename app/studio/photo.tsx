'use client';
import { type RefObject, useMemo } from 'react';
import { useHydrated } from '../client/use-hydrated';
import { progressText } from '../comparisons/progress-words';
import { SaveDialog } from '../comparisons/save-dialog';
import { sourceName } from '../comparisons/source';
import { FamilyChoice } from '../families/family-choice';
import { pickFamily } from '../families/family-state';
import { Composer } from '../inputs/composer';
import { sourceOf } from '../inputs/inputs';
import { forgetInput } from '../inputs/inputs-state';
import { PhotoShown, PhotoTools } from '../inputs/photo-panel';
import { PhotoStrip } from '../inputs/photo-strip';
import { chooseDevices } from '../lanes/devices-state';
import { DeviceChoice } from '../lanes/device-choice';
import type { Translate } from '../languages/translator';
import { useTranslation } from '../languages/use-translation';
import { giveAddress, giveFiles, giveOne, giveSum } from './giving';
import { usePage, useParts, useShown } from './page-context';
import { runAll, selectInput } from './running';
import * as select from './selectors';
import type { StudioState } from './store';
import { runSkipped, stop } from './turns';
import { workingText } from './working-text';

/** Also until the page can hear: a press before that would be lost. */
export function useBusy(): boolean {
  const working = useShown((state) => state.working !== undefined);
  return !useHydrated() || working;
}

/** What is happening, in words. `hidden`: nothing that tells the lanes. */
function progressOf(state: StudioState, hidden: boolean, t: Translate): string {
  if (state.working) return t('Reading {{what}} …', { what: workingText(state.working, t) });
  const input = select.active(state);
  if (input?.skipped) return t('Stopped before its turn. Run it now, or all that were stopped.');
  if (input?.waiting) return t('Waits for the inputs before it.');
  if (!hidden) return progressText(state.shown, t);
  return state.shown.running ? t('Decoding') : '';
}

/** What is described. */
export function Photo() {
  const picture = useShown(select.picture);
  return (
    <PhotoShown
      picture={picture === undefined ? undefined : { url: picture }}
      source={useShown(select.source)}
      embedding={useParts(select.embedding)}
      withheld={useShown(({ shown }) => shown.withheld)}
      stays={useShown(select.stays)}
      strip={<Strip />}
    />
  );
}

/** What can be done with it, and what all lanes share. `hidden`: nothing that tells the lanes. */
export function Tools({ fileInput, hidden }: { fileInput: RefObject<HTMLInputElement | null>; hidden: boolean }) {
  const { t } = useTranslation();
  const studio = usePage();
  const source = useShown(select.source);
  const download = useShown(({ shown }) => shown.download);
  return (
    <PhotoTools
      source={source}
      embedding={useParts(select.embedding)}
      running={useShown((state) => state.shown.running || select.inTurn(state))}
      busy={useBusy()}
      problem={useShown(select.problem)}
      fileInput={fileInput}
      onFiles={(files) => void giveFiles(studio, files)}
      onAddress={useShown(({ info }) => info?.addresses) === 'off' ? undefined : (text) => giveAddress(studio, text)}
      onSample={() => void giveOne(studio, { kind: 'sample' })}
      onRun={source && (() => void runAll(studio))}
      onStop={() => void stop(studio)}
      download={download && hidden ? { ...download, file: t('weights') } : download}
      progress={useShown((state) => progressOf(state, hidden, t))}
      fresh={useShown((state) => {
        const input = select.active(state);
        return input !== undefined && input.comparison === undefined;
      })}
    >
      <Sums />
      {!hidden && (
        <>
          <Saving />
          <Family />
        </>
      )}
      <DeviceOfAll />
    </PhotoTools>
  );
}

function Strip() {
  const studio = usePage();
  const statuses = useShown((state) => state.statuses);
  return (
    <PhotoStrip
      inputs={useShown(({ inputs }) => inputs)}
      active={useShown(({ active }) => active)}
      info={useShown(({ info }) => info)}
      statusOf={({ key }) => statuses[key] ?? 'waiting'}
      onSelect={(key) => selectInput(studio, key)}
      onForget={(key) => forgetInput(studio.store, key)}
      skipped={useShown(select.skippedCount)}
      onRunSkipped={() => void runSkipped(studio)}
    />
  );
}

function Sums() {
  const { t } = useTranslation();
  const studio = usePage();
  const summable = useParts(select.summable);
  const inputs = useMemo(
    () => summable.map((input) => ({ key: input.key, name: sourceName(sourceOf(input), t) })),
    [summable, t],
  );
  return (
    <Composer
      inputs={inputs}
      active={useShown(({ active }) => active)}
      busy={useBusy()}
      onDecode={(terms) => void giveSum(studio, terms)}
    />
  );
}

function Saving() {
  const offer = useShown(({ shown }) => shown.offer);
  const comparison = useShown((state) => select.active(state)?.comparison);
  return offer && comparison && <SaveDialog offer={offer} onSave={(choice) => comparison.save(choice)} />;
}

function Family() {
  const { store } = usePage();
  const families = {
    all: useShown(({ info }) => info?.families) ?? [],
    chosen: useShown(select.family),
    choose: (name: string) => pickFamily(store, name),
  };
  return <FamilyChoice families={families} disabled={useShown(({ shown }) => shown.running)} />;
}

function DeviceOfAll() {
  const { t } = useTranslation();
  const { store } = usePage();
  const lanes = useParts((state) => select.shownLanes(state).map(({ id }) => id));
  return (
    <div className={`flex items-center gap-2 text-xs text-quiet ${lanes.length ? '' : 'invisible'}`}>
      <span>{t('All lanes on')}</span>
      <DeviceChoice
        label={t('Device of all lanes')}
        value={useShown(select.deviceOfAll)}
        available={useShown(({ available }) => available)}
        onChange={(device) => chooseDevices(store, lanes, device)}
        disabled={useShown(({ shown }) => shown.running)}
      />
    </div>
  );
}
