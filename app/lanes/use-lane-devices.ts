'use client';
import { useCallback, useEffect, useState } from 'react';
import type { WebDevice } from '../engine/messages';
import { chosenBefore, devicesFor, devicesHere, keepChosen, runsOn, warm, warmChosen } from './chosen-devices';
import type { LaneDevice } from './lane-device';

/**
 * The device of each lane, kept in this browser; and what this browser's own devices can do (undefined while that is
 * found out).
 */
export function useLaneDevices() {
  const [chosen, setChosen] = useState<Record<string, LaneDevice>>({});
  const [available, setAvailable] = useState<WebDevice[]>();
  useEffect(() => {
    let gone = false;
    // Where the page was opened the engines are starting already (instrumentation-client.ts); who comes from another
    // page finds them so too.
    warmChosen();
    void devicesHere().then((devices) => {
      if (gone) return;
      setChosen(chosenBefore());
      setAvailable(devices);
    });
    return () => {
      gone = true;
    };
  }, []);
  const choose = useCallback(
    (decoders: readonly string[], device: LaneDevice) => {
      warm(runsOn(device, available));
      setChosen((before) => {
        const after = { ...before, ...Object.fromEntries(decoders.map((decoder) => [decoder, device])) };
        keepChosen(after);
        return after;
      });
    },
    [available],
  );
  const deviceOf = useCallback(
    (decoder: string): LaneDevice => {
      const wanted = chosen[decoder] ?? 'server';
      return runsOn(wanted, available) === 'server' ? 'server' : wanted;
    },
    [available, chosen],
  );
  /** Where a lane will run, also for a press that comes before this browser's devices are known. */
  const placeOf = useCallback(
    async (lane: string, wanted?: LaneDevice) => {
      const device = wanted ?? (available ? chosen : chosenBefore())[lane] ?? 'server';
      return runsOn(device, available ?? (await devicesFor(device)));
    },
    [available, chosen],
  );
  return { available, deviceOf, choose, placeOf };
}
