import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { StudioError } from '../../models/errors';
import { Graph } from '../../models/onnx/graph';
import { nodeDevices, NodeRuntime, probeDevice } from '../../models/runtime/node';
import type { Device, DeviceName } from '../../models/runtime/types';
import type { DeviceReport } from './messages';

const size = 384;

/** A product of two matrices whose right answer is known: row sums of x times 2. */
function probe(): { model: Uint8Array; input: Float32Array; expected: Float32Array } {
  const graph = new Graph('device-probe');
  const x = graph.input('x', 'float32', [1, size]);
  const weight = graph.constant('weight', 'float32', [size, size], new Float32Array(size * size).fill(2));
  graph.output('y', 'float32', [1, size], graph.node('MatMul', [x, weight]));
  const input = Float32Array.from({ length: size }, (_, i) => ((i % 7) - 3) / 8);
  const sum = input.reduce((total, v) => total + v, 0);
  return { model: graph.encode(), input, expected: new Float32Array(size).fill(2 * sum) };
}

/**
 * Why a device cannot be there, told without waking its driver: the native libraries write their failures straight to
 * the terminal.
 */
function absent(name: DeviceName): string | undefined {
  if (process.platform !== 'linux') return undefined;
  if (name === 'cuda') {
    const folder = join(
      dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json')),
      'bin',
      'napi-v6',
      'linux',
      process.arch,
    );
    return existsSync(join(folder, 'libonnxruntime_providers_cuda.so'))
      ? undefined
      : 'its libraries are not installed (the README says how)';
  }
  if (name === 'webgpu' && !process.env.VK_ICD_FILENAMES && !process.env.VK_DRIVER_FILES) {
    const nodes = existsSync('/dev/dri') ? readdirSync('/dev/dri') : [];
    const gpu =
      nodes.some((node) => node.startsWith('renderD')) || existsSync('/dev/nvidia0') || existsSync('/dev/dxg');
    return gpu ? undefined : 'no GPU on this machine';
  }
  return undefined;
}

const probeHere = async (name: DeviceName) => absent(name) ?? (await probeDevice(name, probe()));

/** Tries every device of onnxruntime-node on a small graph. */
export async function reportDevices(): Promise<DeviceReport[]> {
  const reports: DeviceReport[] = [];
  for (const name of nodeDevices) {
    const reason = await probeHere(name);
    reports.push({ name, available: reason === undefined, ...(reason === undefined ? {} : { reason }) });
  }
  return reports;
}

/**
 * The device to work on. A wanted one must work; `auto` takes the first of `order` that works and is not slower than
 * the CPU (a
 * software adapter is), and says why others were passed over. @throws device-unavailable
 */
export async function chooseDevice(wanted: 'auto' | DeviceName, order: readonly DeviceName[]): Promise<Device> {
  if (wanted !== 'auto') {
    const reason = await probeHere(wanted);
    if (reason === undefined) return { name: wanted };
    throw new StudioError(
      'device-unavailable',
      `Device ${wanted} cannot be used: ${reason}. Choose another with --device or STUDIO_DEVICE, or \`auto\`.`,
    );
  }
  const passed: string[] = [];
  for (const name of order) {
    if (name === 'cpu') return { name, ...(passed.length ? { reason: passed.join('; ') } : {}) };
    const reason = (await probeHere(name)) ?? (await slowerThanCpu(name));
    if (reason === undefined) return { name, ...(passed.length ? { reason: passed.join('; ') } : {}) };
    passed.push(`${name}: ${reason}`);
  }
  throw new StudioError(
    'device-unavailable',
    `No device of ${order.join(', ')} can be used. ${passed.join('; ')}. Add cpu to STUDIO_DEVICES.`,
  );
}

async function slowerThanCpu(name: DeviceName): Promise<string | undefined> {
  const [here, cpu] = [await timeSteps(name), await timeSteps('cpu')];
  return here > 20 * cpu ? `slower than the CPU by ${Math.round(here / cpu)} times (a software adapter?)` : undefined;
}

/** Milliseconds of a run of the probe on a batch, warm. */
async function timeSteps(name: DeviceName): Promise<number> {
  const { model, input } = probe();
  const runtime = new NodeRuntime({ device: { name } });
  try {
    const session = await runtime.load(model, { name: 'the device probe' });
    const x = runtime.tensor('float32', input, [1, size]);
    let best = Infinity;
    for (let n = 0; n < 4; n++) {
      const start = performance.now();
      await (await session.run({ x })).y?.read();
      best = Math.min(best, performance.now() - start);
    }
    return best;
  } finally {
    await runtime.close();
  }
}
