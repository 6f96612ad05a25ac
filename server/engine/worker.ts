// The engine's worker thread: plugs onnxruntime-node into models/compare.ts. onnxruntime's `run` blocks the thread that
// calls it.
import { parentPort, workerData } from 'node:worker_threads';
import { compare } from '../../models/compare';
import { told } from '../errors/told';
import { NodeRuntime } from '../../models/runtime/node';
import { Scheduler } from '../../models/runtime/scheduler';
import { Space } from '../../models/spaces/space';
import { Stops } from '../../models/stops';
import { chooseDevice, reportDevices } from './devices';
import { FolderFamilies } from '../weights/folder-families';
import type { EngineSettings, FromWorker, ToWorker } from './messages';

const settings = workerData as EngineSettings;
const port = parentPort!;
const running = new Map<number, Stops>();
const scheduler = new Scheduler(settings.slowMs);
const send = (message: FromWorker) => port.postMessage(message);

let opened: Promise<{ runtime: NodeRuntime; families: FolderFamilies }> | undefined;
/** The runtime on the chosen device, opened by the first call that needs it. */
function engine() {
  opened ??= chooseDevice(settings.device, settings.order).then((device) => {
    const runtime = new NodeRuntime({ device });
    return { runtime, families: new FolderFamilies(settings.families, runtime, settings.precision) };
  });
  opened.catch(() => (opened = undefined));
  return opened;
}

async function answer(
  message: Exclude<ToWorker, { kind: 'abort' }>,
): Promise<Extract<FromWorker, { kind: 'done' }>['value']> {
  if (message.kind === 'devices') return reportDevices();
  const { runtime, families } = await engine();
  switch (message.kind) {
    case 'status': {
      // Where the process has it (--expose-gc), so that memory is what is held, not what waits to be collected.
      globalThis.gc?.();
      const { heapUsed, external } = process.memoryUsage();
      return { device: runtime.device, liveTensors: runtime.liveTensors(), heapUsed, external };
    }
    case 'embed-image':
      return [
        (await new Space(await families.get(message.family)).encodeImage(message.image, scheduler.lane())).embedding,
      ];
    case 'embed-texts':
      return new Space(await families.get(message.family)).encodeTexts(message.texts, scheduler.lane());
    case 'compare': {
      const stops = running.get(message.id)!;
      for await (const event of compare(message.request, {
        scheduler,
        openFamily: (name, precision) => families.get(name, precision),
        signal: stops.signal,
        laneSignal: (lane) => stops.laneSignal(lane),
      }))
        send({ kind: 'event', id: message.id, event });
      return undefined;
    }
  }
}

port.on('message', (message: ToWorker) => {
  const { id } = message;
  if (message.kind === 'abort') return running.get(id)?.stop(message.lane);
  if (message.kind === 'compare') running.set(id, new Stops());
  answer(message)
    .then((value) => send({ kind: 'done', id, ...(value ? { value } : {}) }))
    .catch((error: unknown) => send({ kind: 'failed', id, error: told(error).toData() }))
    .finally(() => running.delete(id));
});
