'use client';
import { useCallback, useEffect, useState } from 'react';
import { browserEngine } from '../engine/client';
import { webDevices } from '../engine/devices';
import type { WebDevice } from '../engine/messages';
import type { WebDeviceName } from '@/models/runtime/web';
import { bestHere, type LaneDevice, laneDevices } from './lane-device';

const key = 'caption-studio.lane-devices';

/** The device of each lane, kept in this browser; and what this browser's own devices can do (undefined while that is found out). */
export function useLaneDevices() {
  const [chosen, setChosen] = useState<Record<string, LaneDevice>>({});
  const [available, setAvailable] = useState<WebDevice[]>();
  useEffect(() => {
    let gone = false;
    void webDevices().then((devices) => {
      if (gone) return;
      const before = stored();
      for (const device of new Set(Object.values(before).map((one) => runsOn(one, devices)))) warm(device);
      setChosen(before);
      setAvailable(devices);
    });
    return () => {
      gone = true;
    };
  }, []);
  const choose = useCallback((decoders: readonly string[], device: LaneDevice) => {
    warm(runsOn(device, available));
    setChosen((before) => {
      const after = { ...before, ...Object.fromEntries(decoders.map((decoder) => [decoder, device])) };
      try {
        localStorage.setItem(key, JSON.stringify(after));
      } catch {
        // Without storage the choice lasts as long as the page.
      }
      return after;
    });
  }, [available]);
  const deviceOf = useCallback(
    (decoder: string): LaneDevice => {
      const wanted = chosen[decoder] ?? 'server';
      return runsOn(wanted, available) === 'server' ? 'server' : wanted;
    },
    [available, chosen],
  );
  return { available, deviceOf, choose, runsOn: useCallback((device: LaneDevice) => runsOn(device, available), [available]) };
}

/** The device that does a lane's work: the server's where the browser cannot do what was chosen. */
function runsOn(device: LaneDevice, available: readonly WebDevice[] | undefined): 'server' | WebDeviceName {
  if (device === 'browser') return (available && bestHere(available)?.device.name) ?? 'server';
  return device !== 'server' && available?.find(({ name }) => name === device)?.available ? device : 'server';
}

/** Starts the engine of a device that lanes are set to: it is ready by the time a photo comes. Whether it can is told by the first run. */
function warm(device: 'server' | WebDeviceName): void {
  if (device !== 'server') void browserEngine(device).open().catch(() => undefined);
}

function stored(): Record<string, LaneDevice> {
  try {
    const parsed = JSON.parse(localStorage.getItem(key) ?? '{}') as Record<string, LaneDevice>;
    return Object.fromEntries(Object.entries(parsed).filter(([, device]) => laneDevices.includes(device)));
  } catch {
    return {};
  }
}
