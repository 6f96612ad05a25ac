import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const address = pathToFileURL(join(root, 'server/setup/with-starter.mjs')).href;
const folder = mkdtempSync(join(tmpdir(), 'with-starter-'));
const pids: number[] = [];
let top: ChildProcess | undefined;

afterEach(() => {
  for (const pid of [...pids.splice(0), top?.pid]) {
    try {
      if (pid) process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended, as it should.
    }
  }
});

const alive = (pid: number) => {
  try {
    process.kill(pid, 0);
    // One that nobody waits for any more is a zombie: ended.
    return process.platform !== 'linux' || !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};
const write = (name: string, text: string) => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

/** What npm does: itself, a shell, a script of ours, and a server below that. */
async function chain(): Promise<{ npm: number; shell: number; script: number; server: number }> {
  const server = write('server.mjs', `console.log('server', process.pid); setInterval(() => {}, 1000);`);
  const script = write(
    'script.mjs',
    `import { spawn } from 'node:child_process';
     import { byNpm, endWithStarter, withStarter } from '${address}';
     if (byNpm()) endWithStarter();
     console.log('script', process.pid); console.log('shell', process.ppid);
     spawn(process.execPath, [...withStarter, ${JSON.stringify(server)}], { stdio: 'inherit' });`,
  );
  const npm = write(
    'npm.mjs',
    `import { spawn } from 'node:child_process';
     process.title = 'npm start';
     spawn('sh', ['-c', ${JSON.stringify(`"${process.execPath}" "${script}"; true`)}], { stdio: 'inherit' });`,
  );
  top = spawn(process.execPath, [npm], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, npm_package_json: join(root, 'package.json') },
  });
  let text = '';
  top.stdout!.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await vi.waitFor(() => expect(text).toMatch(/server \d+/), { timeout: 30_000 });
  const pid = (name: string) => Number(new RegExp(`${name} (\\d+)`).exec(text)![1]);
  const found = { npm: top.pid!, shell: pid('shell'), script: pid('script'), server: pid('server') };
  pids.push(...Object.values(found));
  return found;
}
const allEnded = (...those: number[]) =>
  vi.waitFor(() => expect(those.filter(alive)).toEqual([]), { timeout: 30_000, interval: 100 });

describe.skipIf(process.platform === 'win32')('nothing outlives what started it', () => {
  it.each(['npm', 'shell', 'script'] as const)('when %s is killed without a word', async (which) => {
    const { npm, shell, script, server } = await chain();
    expect([npm, shell, script, server].filter(alive)).toHaveLength(4);
    process.kill({ npm, shell, script }[which], 'SIGKILL');
    await allEnded(shell, script, server);
  });

  it('when npm alone is told to end, and passes that on to its shell alone', async () => {
    const { npm, shell, script, server } = await chain();
    process.kill(shell, 'SIGTERM');
    process.kill(npm, 'SIGTERM');
    await allEnded(npm, shell, script, server);
  });

  it('and what nobody above is missing goes on', async () => {
    const { script, server } = await chain();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect([script, server].every(alive)).toBe(true);
    rmSync(folder, { recursive: true, force: true });
  });
});
