import { Tabs } from 'radix-ui';
import { msg } from '../languages/msg';
import { useTranslation } from '../languages/use-translation';
import { BeamTree } from './beam-tree';
import type { LaneFilm } from './film';
import { Insights } from './insights';
import { LaneMark } from './lane-mark';
import { decoderLook, laneTitle } from './looks';
import { Timing } from './timing';
import { TokenTable } from './token-table';
import { TraceChart } from './trace-chart';

const tabs = [
  ['tokens', msg('Tokens')],
  ['beams', msg('Beams')],
  ['trace', msg('Trace')],
  ['insight', msg('Insight')],
  ['timing', msg('Timing')],
] as const;

type Props = {
  lanes: readonly LaneFilm[];
  /** The panel that is open. */
  tab: string;
  onTab: (tab: string) => void;
  /** The lane that is looked into. */
  focus: string | undefined;
  onFocus: (lane: string) => void;
  picture?: string;
  encodeMs?: number;
  onBranch?: (lane: string, at: number, alternative: number) => void;
};

/** How a caption came to be: tokens, beams and insight of the lane in focus, trace and timing of all. */
export function Panels({ tab, onTab, lanes, focus, onFocus, picture, encodeMs, onBranch }: Props) {
  const { t } = useTranslation();
  const lane = lanes.find(({ id }) => id === focus) ?? lanes[0];
  if (!lane) return null;
  const branch = onBranch && ((at: number, alternative: number) => onBranch(lane.id, at, alternative));
  const chooser = (
    <div className="v-lane-choice" role="group" aria-label={t('Lane that is looked into')}>
      {lanes.map((each) => (
        <button
          key={each.id}
          type="button"
          aria-pressed={each.id === lane.id}
          onClick={() => onFocus(each.id)}
          style={{ '--hue': decoderLook(each.decoder).color } as React.CSSProperties}
        >
          <LaneMark decoder={each.decoder} />
          {laneTitle(each)}
        </button>
      ))}
    </div>
  );
  return (
    <Tabs.Root value={tab} onValueChange={onTab} className="v-panels" data-testid="panels">
      <div className="v-panels-bar">
        <Tabs.List aria-label={t('How the captions came to be')} className="v-tabs">
          {tabs.map(([value, title]) => (
            <Tabs.Trigger key={value} value={value}>
              {t(title)}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
      </div>
      <Tabs.Content value="tokens">
        {chooser}
        <TokenTable lane={lane} onBranch={branch} />
      </Tabs.Content>
      <Tabs.Content value="beams">
        {chooser}
        {/* Each lane has its own chosen step. */}
        <BeamTree key={lane.id} lane={lane} />
      </Tabs.Content>
      <Tabs.Content value="trace">
        <TraceChart lanes={lanes} />
      </Tabs.Content>
      <Tabs.Content value="insight">
        {chooser}
        <Insights key={lane.id} lane={lane} picture={picture} />
      </Tabs.Content>
      <Tabs.Content value="timing">
        <Timing lanes={lanes} encodeMs={encodeMs} />
      </Tabs.Content>
    </Tabs.Root>
  );
}
