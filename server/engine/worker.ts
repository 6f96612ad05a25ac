// The engine's worker thread: plugs onnxruntime-node into models/compare.ts. onnxruntime's `run` blocks the thread that
// calls it.
import { parentPort, workerData } from 'node:worker_threads';
import { captionBatch } from '../../models/collections/caption-batch';
import { compare } from '../../models/compare';
import { told } from '../errors/told';
import { NodeRuntime } from '../../models/runtime/node';
import { Scheduler } from '../../models/runtime/scheduler';
import { inputOf, scoreText } from '../../models/spaces/score-text';
import { Space } from '../../models/spaces/space';
import { answerCalls } from '../../models/worker/answer';
import { chooseDevice, reportDevices } from './devices';
import { FolderFamilies } from '../weights/folder-families';
import type { EngineCalls, EngineSettings } from './messages';
import { ownPort } from './thread-port';

const settings = workerData as EngineSettings;
const scheduler = new Scheduler(settings.slowMs);

let opened: Promise<{ runtime: NodeRuntime; families: FolderFamilies }> | undefined;
/** The runtime on the chosen device, opened by the first call that needs it. */
function engine() {
  opened ??= chooseDevice(settings.device, settings.order).then((device) => {
    const runtime = new NodeRuntime({ device, threads: settings.threads });
    return { runtime, families: new FolderFamilies(settings.families, runtime, settings.precision) };
  });
  opened.catch(() => (opened = undefined));
  return opened;
}

const spaceOf = async (family: string) => new Space(await (await engine()).families.get(family));

answerCalls<EngineCalls>(
  ownPort(parentPort!),
  {
    devices: () => reportDevices(),
    status: async () => {
      const { runtime } = await engine();
      // Where the process has it (--expose-gc), so that memory is what is held, not what waits to be collected.
      globalThis.gc?.();
      const { heapUsed, external } = process.memoryUsage();
      return { device: runtime.device, liveTensors: runtime.liveTensors(), heapUsed, external };
    },
    embedImage: async ({ family, image }) =>
      (await (await spaceOf(family)).encodeImage(image, scheduler.lane())).embedding,
    embedTexts: async ({ family, texts }) => (await spaceOf(family)).encodeTexts(texts, scheduler.lane()),
    scoreText: async ({ family, text, input }) =>
      scoreText(await spaceOf(family), text, inputOf(input), scheduler.lane()),
    captionBatch: async (request, { signal }) => {
      const { families } = await engine();
      return captionBatch(request, {
        scheduler,
        openFamily: (name, precision) => families.get(name, precision),
        signal,
      });
    },
    compare: async (request, { signal, laneSignal, emit }) => {
      const { families } = await engine();
      for await (const event of compare(request, {
        scheduler,
        openFamily: (name, precision) => families.get(name, precision),
        signal,
        laneSignal,
      }))
        emit(event);
    },
  },
  told,
);
