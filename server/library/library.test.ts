import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { userFolder } from './user-folder';

const root = fileURLToPath(new URL('../..', import.meta.url));
const project = mkdtempSync(join(tmpdir(), 'studio-library-'));
const installed = join(project, 'node_modules/caption-studio');
// A person's own: nothing of the checkout, nothing of this machine's studio.
const home = join(project, 'home');
const env = { PATH: process.env.PATH, HOME: home, XDG_DATA_HOME: join(home, 'data'), STUDIO_DEVICE: 'cpu' };
const runs = promisify(execFile);
const node = (...args: string[]) => runs(process.execPath, args, { cwd: project, env: env as never });
/** The lines of the README, as they stand. */
const [, lines = ''] = /## As a library[\s\S]*?```js\n([\s\S]*?)```/.exec(
  readFileSync(join(root, 'README.md'), 'utf8'),
)!;

type Package = { dependencies: Record<string, string>; files: string[]; bin: Record<string, string> };
let manifest: Package;

// As npm installs it: the package in an empty project, with no more beside it than it asks for.
beforeAll(async () => {
  mkdirSync(join(project, 'node_modules'));
  await runs(process.execPath, [join(root, 'server/setup/library.mjs'), installed], { cwd: root });
  manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Package;
  const asked = ['onnxruntime-common', '@img', '@libsql', ...Object.keys(manifest.dependencies), '@types/node'];
  for (const name of new Set(asked.map((one) => (one.startsWith('@types') ? one : one.split('/')[0]!)))) {
    mkdirSync(join(project, 'node_modules', name, '..'), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
  }
  await sharp({ create: { width: 320, height: 240, channels: 3, background: '#4c8b3b' } })
    .jpeg()
    .toFile(join(project, 'photo.jpg'));
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

describe('the package', () => {
  it('asks for nothing of the page', () => {
    expect(Object.keys(manifest.dependencies)).not.toContain('next');
    expect(Object.keys(manifest.dependencies)).toContain('onnxruntime-node');
    for (const version of Object.values(manifest.dependencies)) expect(version).toMatch(/^\d/);
  });

  it('runs the lines of the README as they stand', async () => {
    writeFileSync(join(project, 'example.mjs'), lines);
    const { stdout } = await node('example.mjs');
    expect(stdout.trim().split('\n').sort()).toEqual([
      expect.stringMatching(/^a \w+ .* \d\.\d+$/),
      expect.stringMatching(/^b \w+ .* \d\.\d+$/),
    ]);
  });

  it('has types for them, as Node finds modules, those of what it names included', async () => {
    writeFileSync(join(project, 'example.mts'), lines);
    const wrong = lines.replace(/^const lanes = .*$/m, (line) => line.replace("'clipcap'", '7'));
    // A decoder is no number: without types that would pass, and the mark would be the error.
    writeFileSync(join(project, 'wrong.mts'), wrong.replace('for await', '// @ts-expect-error\nfor await'));
    const flags = ['--strict', '--target', 'es2022', '--module', 'nodenext', '--skipLibCheck', 'false'];
    const files = ['--types', 'node', 'example.mts', 'wrong.mts'];
    await node(join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', ...flags, ...files);
  });

  it('brings the command line, which keeps what it keeps in the person’s own folder', async () => {
    const program = join(installed, manifest.bin['caption-studio']!);
    const help = await node(program, 'caption', '--help');
    expect(help.stdout).toContain('caption-studio caption PHOTO');
    expect(help.stdout).not.toContain('npm run');
    const said = await node(program, 'caption', 'photo.jpg', '--decoder', 'clipcap,coca');
    expect(said.stdout).toMatch(/clipcap +\w+ \w+/);
    await node(program, 'caption', 'photo.jpg', '--decoder', 'clipcap', '--out', 'all.jsonl');
    expect(JSON.parse(readFileSync(join(project, 'all.jsonl'), 'utf8'))).toHaveProperty('captions');
    const { stdout } = await node(program, 'history', 'list');
    expect(stdout).toContain('Nothing is kept yet');
    expect(readFileSync(join(home, 'data/caption-studio/studio.db')).byteLength).toBeGreaterThan(0);
  });
});

describe('the folder of a person', () => {
  it.each([
    ['linux', {}, '/home/ada/.local/share/caption-studio/families'],
    ['linux', { XDG_DATA_HOME: '/data' }, '/data/caption-studio/families'],
    ['darwin', {}, '/home/ada/Library/Application Support/caption-studio/families'],
    ['win32', { LOCALAPPDATA: '/local' }, '/local/caption-studio/families'],
    ['linux', { STUDIO_INSTALLED_DIR: '/mine' }, '/mine'],
  ] as const)('on %s with %j', (platform, given, folder) => {
    expect(userFolder(given, 'families', platform, '/home/ada')).toBe(folder);
  });
});
