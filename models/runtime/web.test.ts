import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import type { Onnxruntime } from './ort-runtime';
import { WebRuntime } from './web';

/** onnxruntime-web on WebGPU as it behaves: whatever overlaps is refused or hangs. */
function touchy(): Onnxruntime {
  let busy = false;
  const alone = async <T>(what: string, value: T): Promise<T> => {
    if (busy) throw new Error(`another WebGPU EP inference session is being created or run (${what})`);
    busy = true;
    await new Promise((done) => setTimeout(done, 1));
    busy = false;
    return value;
  };
  const session = {
    inputNames: [],
    outputNames: [],
    inputMetadata: [],
    run: () => alone('run', {}),
    release: async () => undefined,
  };
  return { Tensor: class {}, InferenceSession: { create: () => alone('create', session) } } as unknown as Onnxruntime;
}

it('lets lanes that load and run at once take turns on the device', async () => {
  const runtime = new WebRuntime(touchy(), { name: 'webgpu' });
  const sessions = await Promise.all(['a', 'b', 'c'].map((name) => runtime.load(new Uint8Array(), { name })));
  await expect(
    Promise.all([...sessions.map((session) => session.run({})), runtime.load(new Uint8Array(), { name: 'd' })]),
  ).resolves.toHaveLength(4);
});

it('goes on after work that failed', async () => {
  const ort = touchy();
  let fail = true;
  const runtime = new WebRuntime(
    {
      ...ort,
      InferenceSession: {
        create: (model, options) =>
          fail ? Promise.reject(new Error('no such operator')) : ort.InferenceSession.create(model, options),
      },
    },
    { name: 'webgpu' },
  );
  await expect(runtime.load(new Uint8Array(), { name: 'a' })).rejects.toThrow(
    /Cannot load a on webgpu: its library met a fault/,
  );
  fail = false;
  await expect(runtime.load(new Uint8Array(), { name: 'a' })).resolves.toBeDefined();
});

it('holds no bytes of a model beside its session', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const runtime = new WebRuntime(touchy(), { name: 'wasm' });
  const load = async () => {
    const model = new Uint8Array(1000);
    return { session: await runtime.load(model, { name: 'a' }), bytes: new WeakRef(model) };
  };
  const { session, bytes } = await load();
  for (let i = 0; i < 10 && bytes.deref(); i++) {
    await new Promise((done) => setTimeout(done, 5));
    collect();
  }
  expect(bytes.deref()).toBeUndefined();
  await session.run({});
});
