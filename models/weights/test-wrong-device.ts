// For tests: a device with a wrong kernel.
import type { NodeRuntime } from '../runtime/node';
import type { Runtime, Session, Tensor } from '../runtime/types';

/** A device that computes almost rightly: one output of one graph is scaled, as a wrong kernel might. */
export function wrongDevice(inner: NodeRuntime, graph: string, output: string, factor: number): Runtime {
  const damage = async (tensor: Tensor): Promise<Tensor> => {
    const values = Float32Array.from((await tensor.read()) as Float32Array, (v) => v * factor);
    const { dims } = tensor;
    tensor.dispose();
    return inner.tensor('float32', values, dims);
  };
  const session = (real: Session): Session => ({
    inputs: real.inputs,
    outputs: real.outputs,
    inputType: (name) => real.inputType(name),
    release: () => real.release(),
    run: async (feeds, fetches) => {
      const outputs = await real.run(feeds, fetches);
      outputs[output] = await damage(outputs[output]!);
      return outputs;
    },
  });
  return {
    device: { name: 'webgpu', adapter: 'a broken one' },
    tensor: (type: 'float32', data: Float32Array, dims: readonly number[]) => inner.tensor(type, data, dims),
    load: async (model: Uint8Array, options: { name: string }) => {
      const real = await inner.load(model, options);
      return options.name.endsWith(graph) ? session(real) : real;
    },
    hostMemory: () => undefined,
    liveTensors: () => inner.liveTensors(),
    close: () => inner.close(),
  } as Runtime;
}
