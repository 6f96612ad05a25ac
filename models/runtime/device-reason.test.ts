import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Graph } from '../onnx/graph';
import { deviceReason } from './device-reason';
import { NodeRuntime } from './node';

let runtime: NodeRuntime;
beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  runtime = new NodeRuntime({ device: { name: 'cpu' } });
});
afterEach(async () => {
  await runtime.close();
  vi.restoreAllMocks();
});

/** The studio's words for what onnxruntime itself says, none of which is in them. */
async function told(failing: Promise<unknown>): Promise<string> {
  const error = (await failing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )) as Error & { code: string; cause: Error };
  expect(error.code).toBe('device-failed');
  expect(error.message).not.toMatch(/ORT|onnx|ONNX|Protobuf|Node \(|error code/);
  expect(console.error).toHaveBeenCalledWith(error.cause);
  return error.message;
}
/** y = op(x) of two numbers. */
function one(operator: string): Uint8Array {
  const graph = new Graph('one');
  const x = graph.input('x', 'float32', [2, 3]);
  graph.output('y', 'float32', [2, 3], graph.node(operator, [x]));
  return graph.encode();
}

describe('why a device failed', () => {
  it('is a file that is no network', async () => {
    expect(await told(runtime.load(new Uint8Array([1, 2, 3]), { name: 'a tower' }))).toMatch(
      /^Cannot load a tower on cpu: its file is no network that the engine can read\. Verify the family/,
    );
  });

  it('is an operator that nobody has', async () => {
    expect(await told(runtime.load(one('Frobnicate'), { name: 'a step' }))).toMatch(
      /^Cannot load a step on cpu: it has an operator that this device does not know/,
    );
  });

  it('is a tensor of another shape', async () => {
    const session = await runtime.load(one('Neg'), { name: 'a mapper' });
    const x = runtime.tensor('float32', new Float32Array(4), [4]);
    expect(await told(session.run({ x }))).toMatch(/^a mapper failed on cpu: it was given numbers of a shape/);
  });

  it('is want of memory, in the words of V8, of a system and of WebAssembly', () => {
    for (const said of [
      'std::bad_alloc',
      'Failed to allocate memory for requested buffer of size 4294967296',
      'Array buffer allocation failed',
      'WebAssembly.Memory(): out of memory',
    ])
      expect(deviceReason(new RangeError(said)), said).toMatch(/^there is not enough memory\. /);
  });

  it('is a fault of the device’s library otherwise', () => {
    expect(deviceReason('7')).toBe('its library met a fault. Run it again, or choose another device.');
  });
});
