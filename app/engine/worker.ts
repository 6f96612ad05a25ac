// The engine's Web Worker: plugs onnxruntime-web into models/compare.ts. One device for its whole life.
import { compare, type CompareRequest } from '@/models/compare';
import { decoders as allDecoders } from '@/models/decoders/registry';
import type { Decoder } from '@/models/decoders/types';
import { StudioError } from '@/models/errors';
import { Graph } from '@/models/onnx/graph';
import { Scheduler } from '@/models/runtime/scheduler';
import type { WebRuntime } from '@/models/runtime/web';
import { Stops } from '@/models/stops';
import type { Family } from '@/models/weights/family';
import { msg } from '../languages/msg';
import { decodePhoto } from './decode-photo';
import { StoredFamilies } from './families';
import type { FromWorker, ToWorker, WorkerSettings } from './messages';
import { openDevice, watchLoss } from './open-device';
import { Weights } from './weights';

type Engine = { runtime: WebRuntime; families: StoredFamilies; scheduler: Scheduler };
const running = new Map<number, Stops>();
const send = (message: FromWorker) => self.postMessage(message);
let opened: Promise<Engine> | undefined;
/** The comparison whose progress a download belongs to: the latest that asked. */
let asking = 0;
const weights = new Weights((progress) => send({ kind: 'download', id: asking, progress }));
let gpu: Promise<GPUDevice | undefined> | undefined;

async function open({ device, precision, slowMs }: WorkerSettings): Promise<Engine> {
  const runtime = await openDevice(device);
  void start(runtime);
  return { runtime, families: new StoredFamilies(weights, runtime, precision), scheduler: new Scheduler(slowMs) };
}

/**
 * onnxruntime compiles its WebAssembly and starts its threads with the first session: it does so while weights are
 * still on their way.
 */
async function start(runtime: WebRuntime): Promise<void> {
  const graph = new Graph('start');
  graph.output('y', 'float32', [1], graph.node('Neg', [graph.input('x', 'float32', [1])]));
  // Whatever is wrong is told by the first graph that matters.
  await runtime.load(graph.encode(), { name: 'the first graph' }).then(
    (session) => session.release(),
    () => undefined,
  );
}

type Expected = Pick<CompareRequest, 'family' | 'precision' | 'lanes'>;

/** Has the weights of lanes fetched while the first graphs are built: those that are needed first come first. */
async function fetchAhead({ family: name, precision, lanes }: Expected): Promise<Family> {
  const family = await (await opened!).families.get(name, precision);
  // An unknown one is refused when it is to run.
  const decoders = lanes.flatMap((lane) => allDecoders.find(({ name }) => name === lane.decoder) ?? []).sort(byNeed);
  family.prefetch(
    ['image-tower', ...(decoders[0]?.graphs ?? []), 'text-tower'],
    decoders.slice(1).flatMap(({ graphs }) => [...graphs]),
  );
  return family;
}

/**
 * The same before there is a photo. Whatever the photo is, the image tower comes first, and the device has nothing else
 * to do until then.
 */
async function prepare(expected: Expected): Promise<void> {
  const family = await fetchAhead(expected);
  await family.fetch('image-tower');
  await (await opened!).scheduler.load(0, () => family.session('image-tower'));
}

/** As compare() loads them: lanes that score their steps last, and those with few graphs first. */
const byNeed = (a: Decoder, b: Decoder) =>
  Number(a.scoresSteps ?? false) - Number(b.scoresSteps ?? false) || a.graphs.length - b.graphs.length;

async function run(id: number, request: CompareRequest): Promise<void> {
  const { runtime, families, scheduler } = await opened!;
  asking = id;
  const stops = running.get(id)!;
  await fetchAhead(request);
  for await (const event of compare(request, {
    scheduler,
    openFamily: (name, precision) => families.get(name, precision),
    signal: stops.signal,
    laneSignal: (lane) => stops.laneSignal(lane),
  })) {
    if (event.type === 'encoded') gpu ??= watchLoss(runtime);
    send({ kind: 'event', id, event });
  }
}

async function answer(
  message: Exclude<ToWorker, { kind: 'abort' }>,
): Promise<Extract<FromWorker, { kind: 'done' }>['value']> {
  if (message.kind === 'open') {
    opened = open(message.settings);
    return (await opened).runtime.device;
  }
  if (message.kind === 'decode') return decodePhoto(message.photo);
  if (!opened) throw new StudioError('internal', msg('The engine was asked before it was opened.'));
  const { runtime } = await opened;
  switch (message.kind) {
    case 'prepare':
      return prepare(message.request).then(() => undefined);
    case 'compare':
      return run(message.id, message.request).then(() => undefined);
    case 'status':
      return {
        device: runtime.device,
        liveTensors: runtime.liveTensors(),
        heapBytes: (performance as Performance & { memory?: { usedJSHeapSize: number } }).memory?.usedJSHeapSize,
      };
    case 'lose':
      (await gpu)?.destroy();
      runtime.lose('taken away by a test');
      return undefined;
  }
}

self.onmessage = ({ data: message }: MessageEvent<ToWorker>) => {
  const { id } = message;
  if (message.kind === 'abort') return running.get(id)?.stop(message.lane);
  if (message.kind === 'compare') running.set(id, new Stops());
  answer(message)
    .then((value) => send({ kind: 'done', id, ...(value ? { value } : {}) }))
    .catch((error: unknown) => send({ kind: 'failed', id, error: StudioError.from(error).toData() }))
    .finally(() => running.delete(id));
};
