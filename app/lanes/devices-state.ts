import type { WebDeviceName } from '@/models/runtime/web';
import type { WebDevice } from '../engine/messages';
import { chosenBefore, devicesFor, devicesHere, keepChosen, runsOn, warm, warmChosen } from './chosen-devices';
import type { LaneDevice } from './lane-device';

/** The device of each lane, and what this browser's own can do; undefined while that is found out. */
export type DevicesState = {
  chosen: Readonly<Record<string, LaneDevice>>;
  available: readonly WebDevice[] | undefined;
};
export const noDevices: DevicesState = { chosen: {}, available: undefined };
type Store = { getState: () => DevicesState; setState: (change: Partial<DevicesState>) => void };

/** Finds out what this browser can do. @returns what ends that */
export function findDevices(store: Store): () => void {
  let gone = false;
  // Where the page was opened the engines are starting already (instrumentation-client.ts); who comes from another
  // page finds them so too.
  warmChosen();
  void devicesHere().then((available) => {
    if (!gone) store.setState({ chosen: chosenBefore(), available });
  });
  return () => {
    gone = true;
  };
}

/** Sets the device of lanes, and keeps that in this browser. */
export function chooseDevices(store: Store, lanes: readonly string[], device: LaneDevice): void {
  const { chosen, available } = store.getState();
  warm(runsOn(device, available));
  const after = { ...chosen, ...Object.fromEntries(lanes.map((lane) => [lane, device])) };
  keepChosen(after);
  store.setState({ chosen: after });
}

/** The device that a lane is set to, where this browser has it. */
export function deviceOf({ chosen, available }: DevicesState, lane: string): LaneDevice {
  const wanted = chosen[lane] ?? 'server';
  return runsOn(wanted, available) === 'server' ? 'server' : wanted;
}

/** Where a lane will run, also for a press that comes before this browser's devices are known. */
export async function placeOf(
  { chosen, available }: DevicesState,
  lane: string,
  wanted?: LaneDevice,
): Promise<'server' | WebDeviceName> {
  const device = wanted ?? (available ? chosen : chosenBefore())[lane] ?? 'server';
  return runsOn(device, available ?? (await devicesFor(device)));
}
