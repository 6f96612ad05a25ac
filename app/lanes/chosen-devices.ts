import type { WebDeviceName } from '@/models/runtime/web';
import { browserEngine } from '../engine/client';
import { wasmDevice, webDevices } from '../engine/devices';
import type { WebDevice } from '../engine/messages';
import { bestHere, type LaneDevice, laneDevices } from './lane-device';
import { lastFamily } from '../families/last-family';

const key = 'caption-studio.lane-devices';

/** The device of each lane, as it was chosen in this browser before. */
export function chosenBefore(): Record<string, LaneDevice> {
  try {
    const parsed = JSON.parse(localStorage.getItem(key) ?? '{}') as Record<string, LaneDevice>;
    return Object.fromEntries(Object.entries(parsed).filter(([, device]) => laneDevices.includes(device)));
  } catch {
    return {};
  }
}

export function keepChosen(devices: Readonly<Record<string, LaneDevice>>): void {
  try {
    localStorage.setItem(key, JSON.stringify(devices));
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}

let asked: Promise<WebDevice[]> | undefined;
/** This browser's devices, asked for once a page. */
export const devicesHere = () => (asked ??= webDevices());

/**
 * What has to be known of this browser to tell where a lane on `device` runs: WASM is known at once, WebGPU has to wait
 * for its adapter.
 */
export const devicesFor = async (device: LaneDevice): Promise<readonly WebDevice[]> =>
  device === 'server' ? [] : device === 'wasm' ? [wasmDevice()] : devicesHere();

/** The device that does a lane's work: the server's where the browser cannot do what was chosen. */
export function runsOn(device: LaneDevice, available: readonly WebDevice[] | undefined): 'server' | WebDeviceName {
  if (device === 'browser') return (available && bestHere(available)?.device.name) ?? 'server';
  return device !== 'server' && available?.find(({ name }) => name === device)?.available ? device : 'server';
}

/**
 * Starts the engine of a device that lanes are set to: it is ready by the time a photo comes. Whether it can is told by
 * the first run.
 */
export function warm(device: 'server' | WebDeviceName): void {
  if (device !== 'server')
    void browserEngine(device)
      .open()
      .catch(() => undefined);
}

/**
 * The same for all that was chosen before; their weights are fetched too, those of the family that was picked last,
 * unless an engine holds one already.
 */
export function warmChosen(): void {
  const chosen = Object.entries(chosenBefore());
  // Every studio has the embedded one.
  const family = lastFamily() ?? 'pocket';
  for (const device of new Set(chosen.map(([, device]) => device))) {
    const lanes = chosen.filter(([, other]) => other === device).map(([decoder]) => ({ id: decoder, decoder }));
    void devicesFor(device).then((available) => {
      const place = runsOn(device, available);
      if (place === 'server') return;
      const engine = browserEngine(place);
      if (!engine.loaded) void engine.prepare({ family, precision: 'fp32', lanes });
    });
  }
}
