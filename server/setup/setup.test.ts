import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { KNOWN_RESERVED_PORTS } from 'next/dist/lib/helpers/get-reserved-port';
import { describe, expect, it } from 'vitest';
import { findChromium, findHeadlessShell, findSoftwareVulkan, findWholeChromium } from './chromium.mjs';
import { blockedPorts, nextPort, readPort } from './port.mjs';
import { checkDisk, checkNode } from './prepare.mjs';
import { isDiskFull } from './report.mjs';

/** `npm start` as a process of its own, for the cases in which it ends before it sets anything up. */
function start(env: Record<string, string>): Promise<{ code: number | null; output: string; seconds: number }> {
  const began = performance.now();
  const child = spawn(process.execPath, [fileURLToPath(new URL('./start.mjs', import.meta.url))], {
    env: { ...process.env, ...env },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) =>
    child.once('close', (code) => resolve({ code, output, seconds: (performance.now() - began) / 1000 })),
  );
}

describe('what a person is told before anything is set up', () => {
  it('an old Node', () => {
    for (const version of ['18.20.4', '20.18.1', '8.0.0'])
      expect(() => checkNode(version)).toThrow(new RegExp(`Node ${version} is too old.*20.19 or newer.*nodejs.org`));
    for (const version of ['20.19.0', '20.20.2', '22.0.0', '24.1.0']) expect(() => checkNode(version)).not.toThrow();
  });

  it('a full disk', () => {
    expect(() => checkDisk(2.5, 'installing the dependencies', 1e9)).toThrow(
      /too full: installing the dependencies needs about 2.5 GB.*0.9 GB are free/,
    );
    expect(() => checkDisk(2.5, 'installing the dependencies', 3e9)).not.toThrow();
    expect(isDiskFull(Object.assign(new Error('write'), { code: 'ENOSPC' }))).toBe(true);
    expect(isDiskFull(new Error('npm error nospc ENOSPC: no space left on device, write'))).toBe(true);
    expect(isDiskFull(new Error('EACCES'))).toBe(false);
  });

  it('a missing browser', () => {
    const exists = (path: string) => path === '/usr/bin/google-chrome' || path === '/opt/chrome';
    expect(findChromium({}, exists)).toBe('/usr/bin/google-chrome');
    expect(findChromium({ CHROMIUM_PATH: '/opt/chrome' }, exists)).toBe('/opt/chrome');
    expect(findChromium({ CHROMIUM_PATH: '/nosuch' }, exists)).toBeUndefined();
    const mine = (path: string) => path === '/home/me/bin/chromium';
    expect(findChromium({ PATH: '/bin:/home/me/bin' }, mine)).toBe('/home/me/bin/chromium');
    expect(findChromium({ PATH: '/bin' }, mine)).toBeUndefined();
    // A headless shell is preferred by the tests, not by what measures.
    const both = (path: string) => path === '/home/me/bin/chromium-headless-shell' || path === '/usr/bin/chromium';
    const env = { PATH: '/home/me/bin' };
    expect(findChromium(env, both)).toBe('/home/me/bin/chromium-headless-shell');
    expect(findHeadlessShell(env, both)).toBe('/home/me/bin/chromium-headless-shell');
    expect(findHeadlessShell(env, exists)).toBeUndefined();
    expect(findChromium({ ...env, CHROMIUM_PATH: '/usr/bin/chromium' }, both)).toBe('/usr/bin/chromium');
    expect(findWholeChromium(env, both)).toBe('/usr/bin/chromium');
    expect(findWholeChromium(env, mine)).toBe('/home/me/bin/chromium');
    // Beside it lies the software Vulkan that the server's WebGPU is tested with.
    const beside = (path: string) => path === '/opt/chrome/vk_swiftshader_icd.json';
    expect(findSoftwareVulkan('/opt/chrome/chrome', beside)).toBe('/opt/chrome/vk_swiftshader_icd.json');
  });

  it('a port that is taken, with one that may be free', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const { code, output, seconds } = await start({ PORT: String(port) });
    other.close();
    expect(output).toContain(`Port ${port} is taken`);
    expect(output).toContain(`PORT=${port + 1} npm start`);
    expect(code).toBe(1);
    expect(seconds).toBeLessThan(5);
  });

  it('a port that browsers refuse to open, before anything is set up', async () => {
    const { code, output, seconds } = await start({ PORT: '4045' });
    expect(output).toMatch(/PORT=4045 is reserved.*browsers refuse.*PORT=4046 npm start/s);
    expect(output).not.toContain('Set up');
    expect(code).toBe(1);
    expect(seconds).toBeLessThan(5);
    // Those that Node's own fetch refuses, as browsers do, and all that Next does not serve on.
    for (const port of blockedPorts)
      await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ cause: { message: 'bad port' } });
    for (const port of Object.keys(KNOWN_RESERVED_PORTS)) expect(() => readPort(port), port).toThrow(/reserved/);
    expect([nextPort(6664), nextPort(65535), nextPort(3000)]).toEqual([6670, 3000, 3001]);
  });

  it('a PORT or a HOST that is none', async () => {
    for (const port of ['0', '65536', '-1', '3e3', '0x10', '3000x', '1.5'])
      expect(() => readPort(port), port).toThrow(/is not a port/);
    expect([readPort(undefined), readPort(''), readPort('3001')]).toEqual([3000, 3000, 3001]);
    expect(await start({ PORT: 'http' })).toMatchObject({
      code: 1,
      output: expect.stringMatching(/PORT=http is not a port.*PORT=3001/s),
    });
    expect(await start({ PORT: '3999', HOST: '192.0.2.1' })).toMatchObject({
      code: 1,
      output: expect.stringMatching(/Cannot listen on 192.0.2.1:3999.*127.0.0.1/s),
    });
  });
});
