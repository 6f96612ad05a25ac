import type { LaneActions } from '../lanes/lane-actions';
import { laneDeviceTitles } from '../lanes/lane-device';
import { LaneMenu } from '../lanes/lane-menu';
import type { LaneConfig } from '../lanes/use-lanes';
import { useTranslation } from '../languages/use-translation';
import { LaneName } from '../views/lane-mark';
import { laneTitle } from '../views/looks';
import type { useStudio } from './use-studio';

/** Before the first input: which lanes there will be, where each will run, and what can be changed of them. */
export function LaneSetup({
  studio: { info, devices, lanes, shown },
  bench,
  actions,
}: {
  studio: ReturnType<typeof useStudio>;
  bench: readonly LaneConfig[];
  actions: LaneActions;
}) {
  const { t } = useTranslation();
  const known = bench.filter(({ decoder }) => info.data?.decoders.some(({ name }) => name === decoder));
  return (
    <ul aria-label={t('Lanes')} className="flex flex-wrap gap-2 text-sm" data-testid="lanes">
      {known.map((config, i) => {
        const device = devices.deviceOf(config.id);
        return (
          <li
            key={config.id}
            tabIndex={-1}
            data-testid={`lane-${config.id}`}
            data-status="idle"
            className="flex items-center gap-2 rounded-md border border-line bg-card py-1 pr-1 pl-2"
          >
            <LaneName lane={config} />
            <span className="text-xs text-quiet">{t(laneDeviceTitles[device])}</span>
            <LaneMenu
              config={config}
              title={laneTitle(config)}
              running={false}
              ready={false}
              first={i === 0}
              last={i === known.length - 1}
              fixed={false}
              only={bench.length === 1}
              full={lanes.full}
              device={device}
              available={devices.available}
              locked={shown.running}
              actions={actions}
            />
          </li>
        );
      })}
    </ul>
  );
}
