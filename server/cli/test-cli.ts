import { execFile } from 'node:child_process';
import { PassThrough, Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type EngineHost, type EngineOptions, openEngine } from '../engine/host';
import type { Io } from './io';
import { main } from './main';

export const root = fileURLToPath(new URL('../..', import.meta.url));
/** What `npm run studio` runs. */
export const program = `${root}server/setup/studio.mjs`;
export type Answer = { status: number; out: string; err: string };

/** A stream that keeps what is written to it. */
export class Kept extends Writable {
  text = '';
  isTTY?: boolean;
  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

type Given = Partial<Omit<Io, 'stdin'>> & { stdin?: string | Uint8Array | Readable };

/** What a command has of the world in a test: nothing on standard input, the folder of the repository, the CPU. */
export function testIo({ stdin, ...given }: Given = {}): Io & { stdout: Writable; stderr: Writable } {
  const env = given.env ?? { ...process.env, STUDIO_DEVICE: 'cpu' };
  return {
    stdin: stdin instanceof Readable ? stdin : stdin === undefined ? new PassThrough().end() : Readable.from([stdin]),
    stdout: new Kept(),
    stderr: new Kept(),
    cwd: root,
    signal: new AbortController().signal,
    openEngine: (options) => openEngine(options, env),
    ...given,
    env,
  };
}

/** Runs the command line in this process. */
export async function inProcess(args: readonly string[], given: Given = {}): Promise<Answer> {
  const io = testIo(given);
  const status = await main(args, io);
  return { status, out: (io.stdout as Kept).text, err: (io.stderr as Kept).text };
}

/** Runs the command line as a user does, in a process of its own. */
export function spawned(args: readonly string[], given: { cwd?: string; env?: Io['env'] } = {}): Promise<Answer> {
  const env = { ...process.env, STUDIO_DEVICE: 'cpu', ...given.env } as NodeJS.ProcessEnv;
  return new Promise((resolve) =>
    execFile(process.execPath, [program, ...args], { cwd: given.cwd ?? root, env }, (error, out, err) =>
      resolve({ status: error ? Number(error.code ?? 1) : 0, out, err }),
    ),
  );
}

/** Engines that commands share: opened by the first that asks for one so, closed by `close`. */
export class SharedEngines {
  readonly #open = new Map<string, Promise<EngineHost>>();

  readonly openEngine = async (options: EngineOptions): Promise<EngineHost> => {
    const key = JSON.stringify(options);
    const engine = this.#open.get(key) ?? openEngine(options);
    this.#open.set(key, engine);
    const host = await engine;
    return {
      compare: (request, how) => host.compare(request, how),
      captionBatch: (request, how) => host.captionBatch(request, how),
      embedImage: (family, image) => host.embedImage(family, image),
      embedTexts: (family, texts) => host.embedTexts(family, texts),
      scoreText: (request) => host.scoreText(request),
      devices: () => host.devices(),
      status: () => host.status(),
      close: async () => undefined,
    };
  };

  async close(): Promise<void> {
    for (const engine of this.#open.values()) await (await engine).close();
    this.#open.clear();
  }
}

/** What a command printed with `--json`: an object a line. */
export const jsonLines = (out: string): Record<string, unknown>[] =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
