'use client';
import {
  Check,
  Cpu,
  Copy,
  MoreHorizontal,
  MoveDown,
  MoveUp,
  Pencil,
  Play,
  SlidersHorizontal,
  Square,
  Trash2,
} from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useTranslation } from '../languages/use-translation';
import type { WebDevice } from '../engine/messages';
import { deviceEntries } from './device-choice';
import { type LaneDevice, laneDeviceTitles } from './lane-device';
import type { LaneActions } from './lane-actions';
import type { LaneConfig } from './lane-config';

export type LaneMenuProps = {
  config: LaneConfig;
  title: string;
  /** It works now. */
  running: boolean;
  /** It has an input to run on. */
  ready: boolean;
  /** Where it stands; `fixed`: the order is not the person's to change now. */
  first: boolean;
  last: boolean;
  fixed: boolean;
  only: boolean;
  full: boolean;
  /** Where it runs, and where it could; devices are not changed while something runs. */
  device: LaneDevice;
  available: readonly WebDevice[] | undefined;
  locked: boolean;
  /** It said something: whether that is accepted; `whole`: as it stands it can be. */
  says?: { accepted: boolean; whole: boolean };
  actions: LaneActions;
};

const item =
  'flex cursor-default items-center gap-2 rounded px-2 py-1.5 text-sm outline-none data-disabled:opacity-50 data-highlighted:bg-page';
const menu = 'z-10 min-w-44 max-w-80 rounded-md border border-line bg-card p-1 shadow-lg';

/** What can be done with one lane. */
export function LaneMenu(props: LaneMenuProps) {
  const { config, title, running, ready, first, last, fixed, only, full, says, actions } = props;
  const { t } = useTranslation();
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        className="grid size-6 place-items-center rounded text-quiet hover:bg-page hover:text-ink data-[state=open]:bg-page"
        aria-label={t('More for {{title}}', { title })}
      >
        <MoreHorizontal size={15} aria-hidden />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content side="right" align="start" sideOffset={6} collisionPadding={8} className={menu}>
          {running ? (
            <DropdownMenu.Item className={item} onSelect={() => actions.stop(config.id)}>
              <Square size={14} aria-hidden /> {t('Stop')}
            </DropdownMenu.Item>
          ) : (
            <DropdownMenu.Item className={item} disabled={!ready} onSelect={() => actions.run(config)}>
              <Play size={14} aria-hidden /> {t('Run alone')}
            </DropdownMenu.Item>
          )}
          <DropdownMenu.Item className={item} onSelect={() => actions.options(config.id)}>
            <SlidersHorizontal size={14} aria-hidden /> {t('Options')}
          </DropdownMenu.Item>
          <Devices {...props} />
          {says && <Says config={config} says={says} actions={actions} />}
          <DropdownMenu.Separator className="my-1 h-px bg-line" />
          <DropdownMenu.Item className={item} disabled={full} onSelect={() => actions.duplicate(config)}>
            <Copy size={14} aria-hidden /> {t('Duplicate')}
          </DropdownMenu.Item>
          <DropdownMenu.Item className={item} disabled={first || fixed} onSelect={() => actions.move(config.id, -1)}>
            <MoveUp size={14} aria-hidden /> {t('Move before')}
          </DropdownMenu.Item>
          <DropdownMenu.Item className={item} disabled={last || fixed} onSelect={() => actions.move(config.id, 1)}>
            <MoveDown size={14} aria-hidden /> {t('Move after')}
          </DropdownMenu.Item>
          <DropdownMenu.Item className={item} disabled={only} onSelect={() => actions.remove(config.id)}>
            <Trash2 size={14} aria-hidden /> {t('Remove')}
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function Says({
  config,
  says,
  actions,
}: Pick<LaneMenuProps, 'config' | 'actions'> & { says: NonNullable<LaneMenuProps['says']> }) {
  const { t } = useTranslation();
  return (
    <>
      <DropdownMenu.Separator className="my-1 h-px bg-line" />
      {says.whole && (
        <DropdownMenu.CheckboxItem
          className={item}
          checked={says.accepted}
          onCheckedChange={() => actions.accept(config.id)}
        >
          <Check size={14} aria-hidden /> {says.accepted ? t('Accepted') : t('Accept')}
        </DropdownMenu.CheckboxItem>
      )}
      <DropdownMenu.Item className={item} onSelect={() => actions.write(config.id)}>
        <Pencil size={14} aria-hidden /> {t('Edit as my own')}
      </DropdownMenu.Item>
    </>
  );
}

function Devices({ config, title, device, available, locked, actions }: LaneMenuProps) {
  const { t } = useTranslation();
  return (
    <DropdownMenu.Sub>
      <DropdownMenu.SubTrigger className={`${item} data-[state=open]:bg-page`} disabled={locked}>
        <Cpu size={14} aria-hidden /> {t('Runs on')}
        <span className="ml-auto pl-3 text-xs text-quiet">{t(laneDeviceTitles[device])}</span>
      </DropdownMenu.SubTrigger>
      <DropdownMenu.Portal>
        <DropdownMenu.SubContent collisionPadding={8} className={menu}>
          <DropdownMenu.RadioGroup
            aria-label={t('Device of {{title}}', { title })}
            value={device}
            onValueChange={(chosen) => actions.chooseDevice(config.id, chosen as LaneDevice)}
          >
            {deviceEntries(t, available).map(({ device: each, usable, says }) => (
              <DropdownMenu.RadioItem
                key={each}
                value={each}
                disabled={!usable}
                className="rounded px-2 py-1.5 text-sm outline-none data-disabled:opacity-70 data-highlighted:bg-page data-[state=checked]:font-medium"
              >
                {t(laneDeviceTitles[each])}
                <span className="block text-xs font-normal text-quiet">{says}</span>
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
        </DropdownMenu.SubContent>
      </DropdownMenu.Portal>
    </DropdownMenu.Sub>
  );
}
