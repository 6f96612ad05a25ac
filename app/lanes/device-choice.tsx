'use client';
import { Select } from 'radix-ui';
import { Check, ChevronDown } from 'lucide-react';
import type { Translate } from '../languages/translator';
import { useTranslation } from '../languages/use-translation';
import type { WebDevice } from '../engine/messages';
import { bestHere, type LaneDevice, laneDevices, laneDeviceTitles } from './lane-device';

type Props = {
  label: string;
  value: LaneDevice | undefined;
  available: readonly WebDevice[] | undefined;
  onChange: (device: LaneDevice) => void;
  disabled?: boolean;
};

/** Where lanes run; a device that cannot be had says why. `value` undefined: the lanes differ. */
export function DeviceChoice({ label, value, available, onChange, disabled }: Props) {
  const { t } = useTranslation();
  return (
    <Select.Root value={value ?? ''} onValueChange={(device) => onChange(device as LaneDevice)} disabled={disabled}>
      <Select.Trigger
        aria-label={label}
        className="flex max-w-full items-center gap-1 rounded border border-line bg-page px-2 py-1 text-xs disabled:opacity-60"
      >
        <span className="truncate">{value ? t(laneDeviceTitles[value]) : t('differs by lane')}</span>
        <ChevronDown size={13} aria-hidden className="shrink-0" />
      </Select.Trigger>
      <Select.Portal>
        <Select.Content
          position="popper"
          sideOffset={4}
          className="z-10 max-w-80 rounded-md border border-line bg-card p-1 shadow-lg"
        >
          <Select.Viewport>
            {deviceEntries(t, available).map(({ device, usable, says }) => (
              <Select.Item
                key={device}
                value={device}
                disabled={!usable}
                className="rounded px-2 py-1.5 text-sm outline-none data-disabled:opacity-70 data-highlighted:bg-page"
              >
                <span className="flex items-center gap-1.5">
                  <Select.ItemText>{t(laneDeviceTitles[device])}</Select.ItemText>
                  <Select.ItemIndicator>
                    <Check size={13} aria-hidden />
                  </Select.ItemIndicator>
                </span>
                <span className="block text-xs text-quiet">{says}</span>
              </Select.Item>
            ))}
          </Select.Viewport>
        </Select.Content>
      </Select.Portal>
    </Select.Root>
  );
}

/** The devices to choose from: whether each can be had, and what is to be said of it. */
export function deviceEntries(
  t: Translate,
  available: readonly WebDevice[] | undefined,
): { device: LaneDevice; usable: boolean; says: string }[] {
  return laneDevices.map((device) => {
    const best = device === 'browser' && available ? bestHere(available) : undefined;
    const here = best?.device ?? available?.find(({ name }) => name === device);
    return {
      device,
      usable: device === 'server' || here?.available === true,
      says: describe(t, device, here, available === undefined, best?.passedOver),
    };
  });
}
function describe(
  t: Translate,
  device: LaneDevice,
  here: WebDevice | undefined,
  asking: boolean,
  passedOver: string | undefined,
): string {
  if (device === 'server') return t('The photo goes to this studio’s own server.');
  if (!here) return asking ? t('Asking the browser …') : t('Not known here.');
  if (!here.available) return t('Cannot be used: {{reason}}.', { reason: t(here.reason ?? '') });
  const what = here.name === 'webgpu' ? t(here.adapter ?? '') : t('{{count}} threads', { count: here.threads });
  if (device === 'browser') {
    const over = passedOver ? `; ${t('WebGPU is passed over ({{reason}})', { reason: t(passedOver) })}` : '';
    const best = `${here.name === 'webgpu' ? 'WebGPU' : 'WASM'}, ${what}${over}`;
    return `${t('The photo stays here.')} ${t('The best device: {{device}}.', { device: best })}`;
  }
  // What graphs.ts lets fall back.
  const onCpu =
    here.name === 'webgpu'
      ? ` ${t('Sizes and positions of the photo and text towers are worked out on the CPU, all else there.')}`
      : '';
  return `${t('The photo stays here.')} ${what}${here.reason ? ` (${t(here.reason)})` : ''}.${onCpu}`;
}
