// The engine's Web Worker: plugs onnxruntime-web into models/compare.ts. One device for its whole life.
import { compare, type CompareRequest } from '@/models/compare';
import { decoders as allDecoders } from '@/models/decoders/registry';
import type { Decoder } from '@/models/decoders/types';
import { StudioError } from '@/models/errors';
import type { StudioEvent } from '@/models/events';
import { laneGraphs } from '@/models/lanes/load';
import { Graph } from '@/models/onnx/graph';
import { Scheduler } from '@/models/runtime/scheduler';
import type { WebRuntime } from '@/models/runtime/web';
import { inputOf, scoreText } from '@/models/spaces/score-text';
import { Space } from '@/models/spaces/space';
import type { Family } from '@/models/weights/family';
import { answerCalls, type CallContext } from '@/models/worker/answer';
import type { Port } from '@/models/worker/messages';
import { msg } from '../languages/msg';
import { decodePhoto } from './decode-photo';
import { StoredFamilies } from './families';
import type { DownloadProgress, EngineCalls, WorkerSettings } from './messages';
import { openDevice, watchLoss } from './open-device';
import { Weights } from './weights';

type Engine = { runtime: WebRuntime; families: StoredFamilies; scheduler: Scheduler };
let opened: Promise<Engine> | undefined;
const weights = new Weights((progress) => note(progress));
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
  const family = await (await engine()).families.get(name, precision);
  // An unknown one is refused when it is to run.
  const decoders = lanes.flatMap((lane) => allDecoders.find(({ name }) => name === lane.decoder) ?? []).sort(byNeed);
  const [first, ...others] = decoders.map((decoder) => laneGraphs(decoder, family));
  family.prefetch(['image-tower', ...(first ?? ['text-tower'])], others.flat());
  return family;
}

/**
 * The same before there is a photo. Whatever the photo is, the image tower comes first, and the device has nothing else
 * to do until then.
 */
async function prepare(expected: Expected): Promise<void> {
  const family = await fetchAhead(expected);
  await family.fetch('image-tower');
  await (await engine()).scheduler.load(0, () => family.session('image-tower'));
}

/** As compare() loads them: lanes that score their steps last, and those with few graphs first. */
const byNeed = (a: Decoder, b: Decoder) =>
  Number(a.scoresSteps ?? false) - Number(b.scoresSteps ?? false) || a.graphs.length - b.graphs.length;

async function run(request: CompareRequest, { signal, laneSignal, emit }: CallContext<StudioEvent>): Promise<void> {
  const { runtime, families, scheduler } = await engine();
  await fetchAhead(request);
  for await (const event of compare(request, {
    scheduler,
    openFamily: (name, precision) => families.get(name, precision),
    signal,
    laneSignal,
  })) {
    if (event.type === 'encoded') gpu ??= watchLoss(runtime);
    emit(event);
  }
}

function engine(): Promise<Engine> {
  if (!opened) throw new StudioError('internal', msg('The engine was asked before it was opened.'));
  return opened;
}

// TypeScript takes `self` for a page's.
const note = answerCalls<EngineCalls, DownloadProgress>(self as unknown as Port, {
  open: async (settings) => (await (opened = open(settings))).runtime.device,
  decode: decodePhoto,
  scoreText: async ({ family, text, input }) => {
    const { families, scheduler } = await engine();
    return scoreText(new Space(await families.get(family)), text, inputOf(input), scheduler.lane());
  },
  prepare,
  compare: run,
  status: async () => {
    const { runtime } = await engine();
    return {
      device: runtime.device,
      liveTensors: runtime.liveTensors(),
      heapBytes: (performance as Performance & { memory?: { usedJSHeapSize: number } }).memory?.usedJSHeapSize,
    };
  },
  lose: async () => {
    const { runtime } = await engine();
    (await gpu)?.destroy();
    runtime.lose('taken away by a test');
  },
});
