import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { amount } from '../../../models/units';
import { writeSafetensors } from '../../../models/files/safetensors';
import { smallRealFamily } from '../../families/test-families';
import { TestHub } from '../../hub/test-hub';
import { inProcess, program, root } from '../test-cli';

const folder = mkdtempSync(join(tmpdir(), 'studio-models-'));
const at = (name: string) => join(folder, name);
const installed = at('families');
let hub: TestHub;
let files: Record<string, Uint8Array>;

const environment = (extra: Record<string, string> = {}) => ({
  ...process.env,
  STUDIO_DEVICE: 'cpu',
  STUDIO_INSTALLED_DIR: installed,
  HF_ENDPOINT: hub.endpoint,
  HF_TOKEN: '',
  STUDIO_HUB_RETRY_MS: '5',
  ...extra,
});
/** The command line in this process, without a terminal. */
const studio = (...args: string[]) => inProcess(args, { env: environment() });
const bytesOf = (all: Record<string, Uint8Array>) => Object.values(all).reduce((sum, { length }) => sum + length, 0);
const json = (out: string) => JSON.parse(out) as Record<string, never>;

beforeAll(async () => {
  hub = await TestHub.start();
  files = await smallRealFamily('small');
  for (const [path, bytes] of Object.entries(files))
    hub.put('studio-tests/small', path, bytes, { small: path.endsWith('.json') });
  await sharp({ create: { width: 64, height: 48, channels: 3, background: '#4c8b3b' } })
    .png()
    .toFile(at('green.png'));
});
afterAll(async () => {
  await hub.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('models on the command line', () => {
  it('lists what is here and what can be had, for people and for programs', async () => {
    const { status, out } = await studio('models', 'list');
    expect(status).toBe(0);
    for (const part of [
      'pocket',
      'embedded',
      'clip-vit-b32',
      'clipcap-coco',
      'Needs clip-vit-b32',
      'decap',
      'Not on the hub',
      'From files',
      hub.endpoint,
    ])
      expect(out).toContain(part);
    expect(json((await studio('models', 'list', '--json')).out)).toMatchObject({
      families: [{ name: 'pocket', embedded: true, decoders: expect.arrayContaining(['clipcap']) as unknown }],
      hub: { hasToken: false },
      disk: { folder: installed },
    });
  });

  it('shows licence and size, and downloads nothing without a yes', async () => {
    const { status, err } = await studio('models', 'pull', 'studio-tests/small');
    expect(status).toBe(2);
    expect(err).toMatch(/licence {2}Own terms/);
    expect(err).toContain(`joint.safetensors, ${amount(files['joint.safetensors']!.length)}, SHA-256`);
    expect(err).toMatch(/\d+ MB to download; up to \d+ MB of disk/);
    expect(err).toMatch(/say --yes to agree/);
    expect(hub.downloads.every(({ url }) => url.endsWith('manifest.json'))).toBe(true);
  });

  it(
    'Ctrl-C keeps what arrived; the same command goes on; the family captions; it is checked and removed',
    { timeout: 240_000 },
    async () => {
      hub.bytesPerSecond = 20e6;
      const child = spawn(process.execPath, [program, 'models', 'pull', 'studio-tests/small', '--yes'], {
        cwd: root,
        env: environment(),
      });
      let err = '';
      child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
      const ended = new Promise((resolve) => child.once('close', resolve));
      const part = join(installed, '.staging/small/download/joint.safetensors.part');
      await expect
        .poll(() => (existsSync(part) ? readFileSync(part).length : 0), { timeout: 120_000, interval: 20 })
        .toBeGreaterThan(1e6);
      child.kill('SIGINT');
      expect(await ended).toBe(130);
      expect(err).toMatch(/What arrived is kept/);
      expect(readdirSync(installed).filter((name) => !name.startsWith('.'))).toEqual([]);
      expect((await studio('models', 'list')).out).toMatch(
        new RegExp(
          `small +[\\d.]+ MB +of ${amount(bytesOf(files))} pulled; \`models pull studio-tests/small\` goes on`,
        ),
      );

      hub.bytesPerSecond = undefined;
      hub.seen.length = 0;
      const again = await studio('models', 'pull', 'studio-tests/small', '--yes', '--json');
      expect(again).toMatchObject({ status: 0 });
      expect(json(again.out)).toMatchObject({ family: 'small' });
      expect(hub.downloads.some(({ headers }) => /^bytes=\d{7,}-$/.test(headers.range ?? ''))).toBe(true);

      const said = await studio('caption', at('green.png'), '--family', 'small', '--decoder', 'clipcap', '--json');
      expect(said.status).toBe(0);
      expect(json(said.out)).toMatchObject({
        family: 'small',
        captions: [{ decoder: 'clipcap', caption: expect.stringMatching(/\w/) as string }],
      });
      expect(json((await studio('embed', at('green.png'), '--family', 'small')).out)).toMatchObject({ dim: 256 });

      expect(json((await studio('models', 'verify', 'small', '--json')).out)).toMatchObject({
        name: 'small',
        ok: true,
      });
      const file = join(installed, 'small/clipcap.safetensors');
      const bytes = readFileSync(file);
      bytes[1000]! ^= 1;
      writeFileSync(file, bytes);
      const verified = await studio('models', 'verify', 'small');
      expect(verified.status).toBe(1);
      expect(verified.out).toMatch(
        /1 of 5 files .*\n {2}clipcap\.safetensors has SHA-256 .* damaged\n {2}models remove small, then pull/,
      );

      expect((await studio('models', 'pull', 'studio-tests/small', '--yes')).err).toMatch(
        /There is a family small already/,
      );
      expect((await studio('models', 'remove', 'small')).err).toMatch(/say --yes/);
      expect((await studio('models', 'remove', 'small', '--yes')).out).toContain(
        `small is removed; ${amount(bytesOf(files))} became free`,
      );
      expect((await studio('caption', at('green.png'), '--family', 'small')).err).toMatch(
        /no family "small".*Installed are pocket.*models list/s,
      );
    },
  );

  it('imports a family of files, and names what is wrong with a checkpoint', { timeout: 180_000 }, async () => {
    for (const [path, bytes] of Object.entries(files)) writeFileSync(at(path), bytes);
    const all = Object.keys(files).map(at);
    expect(
      (
        await studio(
          'models',
          'import',
          'family',
          ...all.filter((path) => !path.endsWith('lm.safetensors')),
          '--name',
          'mine',
        )
      ).err,
    ).toMatch(/lm\.safetensors is named by manifest\.json and not among the files/);
    const made = await studio('models', 'import', 'family', ...all, '--name', 'mine', '--json');
    expect(json(made.out)).toMatchObject({ family: 'mine' });
    expect((await studio('models', 'verify', 'mine')).out).toMatch(/mine: all 5 files are whole/);

    writeFileSync(
      at('coco_weights.safetensors'),
      writeSafetensors({ 'gpt.transformer.wte.weight': { dims: [10, 4], values: new Float32Array(40) } }),
    );
    const wrong = await studio(
      'models',
      'import',
      'clip-vit-b32',
      at('coco_weights.safetensors'),
      at('tokenizer.json'),
      '--name',
      'wrong',
    );
    expect(wrong.status).toBe(1);
    expect(wrong.err).toMatch(/CLIP ViT-B\/32/);
    expect(wrong.err).not.toMatch(/\n\s+at /);
    expect(existsSync(join(installed, 'mine'))).toBe(true);
    for (const left of ['wrong', '.staging/wrong']) expect(existsSync(join(installed, left))).toBe(false);
    expect(
      (
        await studio(
          'models',
          'import',
          'clipcap-mlp',
          at('coco_weights.safetensors'),
          at('tokenizer.json'),
          '--name',
          'wrong',
        )
      ).err,
    ).toMatch(/clip-vit-b32/);
    await studio('models', 'remove', 'mine', '--yes');
  });

  it.each([
    [['models', 'pul', 'x'], /Did you mean "models pull"/],
    [['models', 'pull', 'clipcap-coc'], /Did you mean "clipcap-coco"/],
    [['models', 'pull', 'decap-coco'], /not on the hub.*models import decap/s],
    [['models', 'import', 'clipcop', 'x.pt'], /There is no kind "clipcop".*clipcap-mlp/],
    [['models', 'import', 'family', 'nope.json'], /no file .*nope\.json/],
    [['models', 'remove', 'pocket', '--yes'], /ships with the studio/],
    [['models', 'remove', 'nosuch', '--yes'], /no family "nosuch"/],
  ] as [string[], RegExp][])('refuses %j in words', async (args, message) => {
    const { status, err } = await studio(...args);
    expect(status).toBeGreaterThan(0);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n\s+at /);
  });

  it('explains each command', async () => {
    for (const [name, part] of [
      ['pull', 'HF_ENDPOINT'],
      ['import', 'clipcap-mlp'],
    ])
      expect((await studio('models', name!, '--help')).out).toContain(part);
    expect((await studio('models', '--help')).out).toMatch(/list.*pull.*import.*verify.*remove/s);
  });
});
