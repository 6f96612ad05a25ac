import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleFile } from '../engine/bundle.mjs';
import { attempts, hasOwnNetwork, inOwnNetwork } from '../setup/own-network.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'studio-leaves-'));
const at = (name: string) => join(folder, name);
const photo = at('photo.png');

/** A program on a person's machine: an empty home, and nothing that says it is a build server, which hides reports. */
function asPerson(name: string, args: readonly string[]) {
  const home = at(name);
  mkdirSync(join(home, 'tmp'), { recursive: true });
  const counters = at(`${name}-traffic`);
  const { PATH } = process.env;
  const ran = spawnSync(...inOwnNetwork(counters, process.execPath, [...args]), {
    cwd: root,
    env: { PATH, HOME: home, TMPDIR: join(home, 'tmp'), STUDIO_DEVICE: 'cpu' } as unknown as NodeJS.ProcessEnv,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const files = readdirSync(home, { recursive: true, withFileTypes: true });
  return {
    status: ran.status ?? ran.signal,
    out: ran.stdout,
    err: ran.stderr,
    left: files.filter((file) => !file.isDirectory()).map((file) => relative(home, join(file.parentPath, file.name))),
    reached: existsSync(counters) ? attempts(readFileSync(counters, 'utf8')) : undefined,
  };
}

beforeAll(async () => {
  await sharp({ create: { width: 8, height: 8, channels: 3, background: '#6b8e23' } })
    .png()
    .toFile(photo);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a caption on the command line', () => {
  // The library that reports ends the process where the command line is longer than 16 KB or so: few names are long.
  // `npm run proof -- names` gives 2,000.
  const count = Number(process.env.STUDIO_NAMES ?? 40);
  const detour = './'.repeat(Math.ceil(12_000 / count));
  const names = Array.from({ length: count }, (_, i) => `${folder}/${detour}photo-${i}.png`);
  let ran: ReturnType<typeof asPerson>;
  beforeAll(
    () => {
      for (const name of names) copyFileSync(photo, name);
      const flags = ['--decoder', 'clipcap', '--beam', '1', '--option', 'clipcap.maxTokens=4', '--json'];
      ran = asPerson('caption', [join(root, 'server/setup/studio.mjs'), 'caption', ...names, ...flags]);
    },
    120_000 + 2_000 * count,
  );

  it('answers every name of a long command line', () => {
    expect(ran).toMatchObject({ status: 0, err: '' });
    const answers = ran.out.trim().split('\n');
    expect(answers.map((line) => (JSON.parse(line) as { image: string }).image)).toEqual(names);
  });

  it('leaves no file outside the studio', () => {
    expect(ran.left).toEqual([]);
  });

  it.skipIf(!hasOwnNetwork())('reaches for nothing outside this machine', () => {
    expect(ran.reached).toEqual({ noWayOut: 0, datagrams: 0 });
  });
});

describe('the engine as a library', () => {
  const graph = at('graph.onnx');
  const start = (name: string, script: string) => {
    writeFileSync(at(`${name}.mjs`), script);
    return asPerson(name, [at(`${name}.mjs`)]);
  };
  const runtime = join(root, '.studio/test-node-runtime.mjs');
  const open = `const { NodeRuntime } = await import(${JSON.stringify(runtime)});
    const { readFileSync } = await import('node:fs');
    const model = readFileSync(${JSON.stringify(graph)});
    await new NodeRuntime({ device: { name: 'cpu' } }).load(model, { name: 'a graph' });
    console.log('opened');`;
  beforeAll(async () => {
    await bundleFile('models/runtime/node.ts', 'test-node-runtime');
    const { Graph } = await import('../../models/onnx/graph');
    const made = new Graph('leaves');
    made.output('y', 'float32', [1, 2], made.node('Relu', [made.input('x', 'float32', [1, 2])]));
    writeFileSync(graph, made.encode());
  });
  afterAll(() => rmSync(runtime, { force: true }));

  it('reports nothing from the main thread, whatever the person has set', () => {
    const ran = start('main', `process.env.ORT_DISABLE_TELEMETRY = '0'; ${open}`);
    expect(ran).toMatchObject({ status: 0, out: 'opened\n', left: [] });
  });

  it('refuses a thread in which it could not keep the library quiet, and says how to mend it', () => {
    const inThread = (options: string) =>
      `import { SHARE_ENV, Worker } from 'node:worker_threads';
      new Worker(${JSON.stringify(open)}.replace(/^/, '(async () => {') + '})()', { eval: true${options} })
        .on('error', ({ message }) => console.log(message));`;
    const own = start('own-environment', inThread(''));
    expect(own.out).toMatch(/would report.*Set ORT_DISABLE_TELEMETRY=1 before the process starts/);
    expect(own.left).toEqual([]);
    expect(start('shared', inThread(', env: SHARE_ENV'))).toMatchObject({ out: 'opened\n', left: [] });
    const parent = `process.env.ORT_DISABLE_TELEMETRY = '1'; ${inThread('')}`;
    expect(start('set-before', parent)).toMatchObject({ out: 'opened\n', left: [] });
  });
});

it.skipIf(!hasOwnNetwork())('an attempt to leave is seen', () => {
  const lookUp = `require('node:dns').lookup('example.com', () => {})`;
  const connect = `require('node:net').connect(80, '192.0.2.1').on('error', () => {})`;
  expect(asPerson('connects', ['-e', connect]).reached).toMatchObject({ noWayOut: 1 });
  const { noWayOut, datagrams } = asPerson('looks up', ['-e', lookUp]).reached!;
  expect(noWayOut + datagrams).toBeGreaterThan(0);
});
