import type { LaneActions } from '../lanes/lane-actions';
import { laneDeviceTitles } from '../lanes/lane-device';
import { LaneMenu } from '../lanes/lane-menu';
import type { LaneConfig } from '../lanes/lane-config';
import { useTranslation } from '../languages/use-translation';
import { LaneName } from '../views/lane-mark';
import { laneTitle } from '../views/looks';
import { useDevices, useKnown, useShown } from './page-context';
import * as select from './selectors';

/** Before the first input: which lanes there will be, where each will run, and what can be changed of them. */
export function LaneSetup({ bench, actions }: { bench: readonly LaneConfig[]; actions: LaneActions }) {
  const { t } = useTranslation();
  const known = useKnown(bench);
  const full = useShown(select.full);
  const available = useShown((state) => state.available);
  const running = useShown(({ shown }) => shown.running);
  const devices = useDevices(known);
  return (
    <ul aria-label={t('Lanes')} className="flex flex-wrap gap-2 text-sm" data-testid="lanes">
      {known.map((config, i) => {
        const device = devices[i]!;
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
              full={full}
              device={device}
              available={available}
              locked={running}
              actions={actions}
            />
          </li>
        );
      })}
    </ul>
  );
}
