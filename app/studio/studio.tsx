'use client';
import { useTranslation } from '../languages/use-translation';
import { useBlind } from '../ratings/blind';
import { type LaneDevice } from '../lanes/lane-device';
import type { Address } from '../comparisons/address';
import { useStudio } from './use-studio';
import { Captions } from './captions';
import { Composer } from '../inputs/composer';
import { DeviceChoice } from '../lanes/device-choice';
import { FamilyChoice } from '../families/family-choice';
import { Header } from '../frame/header';
import { MissingComparison } from '../history/missing-comparison';
import { PhotoPanel } from '../inputs/photo-panel';
import { PhotoStrip } from '../inputs/photo-strip';
import { SaveDialog } from '../comparisons/save-dialog';
import { useTakingFiles } from './taking-files';

/** The page: inputs, lanes of decoders each on the device of its choice, and how their captions came to be. */
export function Studio({ opened }: { /** The comparison that its address names. */ opened?: Address | undefined }) {
  const { t } = useTranslation();
  const studio = useStudio(opened);
  const { info, decoders, shown, lanes, devices, giveAddress, giveFiles, giveOne, runAll, stop } = studio;
  const taking = useTakingFiles({ giveFiles, giveAddress });
  const { running } = shown;
  const sample = () => void giveOne({ kind: 'sample' });

  // A comparison that was made with another family keeps its lanes.
  const all = lanes.lanes.filter(
    ({ id, decoder }) => decoders.some(({ name }) => name === decoder) || shown.lanes.some((lane) => lane.id === id),
  );
  const blind = useBlind({
    comparison: studio.comparison?.address.id,
    input: studio.source?.kind === 'sample' ? 'sample' : studio.active?.key,
    captioned: shown.lanes.some(({ caption }) => caption !== ''),
  });
  const { hidden } = blind;
  const bench = blind.inOrder(all);
  if (studio.missing)
    return (
      <div className="min-h-dvh">
        <Header device="" comparison={false} skip={{ to: '#lanes', what: t('Skip to the message') }} />
        <div id="lanes" tabIndex={-1}>
          <MissingComparison address={opened!} absence={studio.missing} />
        </div>
      </div>
    );
  const chosen = new Set<LaneDevice>(bench.map(({ id }) => devices.deviceOf(id)));
  return (
    <div className="flex min-h-dvh flex-col" {...taking.listeners}>
      <Header device={shown.devices} blind={hidden} />
      <main
        className={`studio-main ${taking.dragging ? 'outline-2 -outline-offset-8 outline-dashed outline-accent' : ''}`}
        data-begun={studio.active || studio.working ? '' : undefined}
      >
        <PhotoPanel
          picture={studio.picture}
          source={studio.source}
          embedding={studio.embedding}
          withheld={studio.withheld}
          running={running || studio.inTurn}
          busy={studio.busy}
          problem={studio.problem}
          fileInput={taking.fileInput}
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
          fresh={studio.active !== undefined && studio.comparison === undefined}
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
        <Captions
          studio={studio}
          bench={bench}
          blind={blind}
          open={() => taking.fileInput.current?.click()}
          sample={sample}
        />
      </main>
    </div>
  );
}
