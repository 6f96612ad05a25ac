import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Graph } from '../../models/onnx/graph';
import { bundleFile } from './bundle.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'studio-thread-'));
const at = (name: string) => join(folder, name);
const bundles = { runtime: 'test-thread-runtime', thread: 'test-thread' };
const bundled = (name: string) => JSON.stringify(join(root, `.studio/${name}.mjs`));
const side = 1200;

/** A program whose thread is inside onnxruntime, for a second or so, when `ends` is done to it. */
function program(ends: string) {
  writeFileSync(
    at('thread.mjs'),
    `import { readFileSync } from 'node:fs';
    import { parentPort } from 'node:worker_threads';
    const { NodeRuntime } = await import(${bundled(bundles.runtime)});
    const runtime = new NodeRuntime({ device: { name: 'cpu' }, threads: 1 });
    const session = await runtime.load(readFileSync(${JSON.stringify(at('graph.onnx'))}), { name: 'a graph' });
    const x = runtime.tensor('float32', new Float32Array(${side} ** 2), [${side}, ${side}]);
    for (let n = 0; ; n++) {
      const running = session.run({ x });
      if (n === 0) parentPort.postMessage('running');
      await running;
    }`,
  );
  writeFileSync(
    at('main.mjs'),
    `process.env.ORT_DISABLE_TELEMETRY = '1';
    const { NativeThread } = await import(${bundled(bundles.thread)});
    const thread = new NativeThread(${JSON.stringify(at('thread.mjs'))}, {});
    await new Promise((resolve) => thread.worker.once('message', resolve));
    await new Promise((resolve) => setTimeout(resolve, 200));
    ${ends};
    console.log('ended');`,
  );
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [at('main.mjs')], { encoding: 'utf8' });
  return { status: status ?? signal, stdout, stderr };
}

beforeAll(async () => {
  await bundleFile('models/runtime/node.ts', bundles.runtime);
  await bundleFile('models/runtime/node-thread.ts', bundles.thread);
  const graph = new Graph('long');
  let x = graph.input('x', 'float32', [side, side]);
  for (let n = 0; n < 12; n++) x = graph.node('MatMul', [x, x]);
  graph.output('y', 'float32', [side, side], x);
  writeFileSync(at('graph.onnx'), graph.encode());
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  for (const name of Object.values(bundles)) rmSync(join(root, `.studio/${name}.mjs`), { force: true });
});

// onnxruntime ends the process with "terminate called after throwing an instance of 'Napi::Error'" where its thread is
// terminated in the middle of a run.
describe('a thread that is inside native code', () => {
  it('is ended when it comes out, and the process lives on', () => {
    expect(program('await thread.end()')).toEqual({ status: 0, stdout: 'ended\n', stderr: '' });
  });

  it('is waited for when the process exits', () => {
    expect(program('process.exit(3)')).toEqual({ status: 3, stdout: '', stderr: '' });
  });
});
