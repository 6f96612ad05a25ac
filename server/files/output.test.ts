import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testIo } from '../cli/test-cli';
import { DocumentFile } from './document';
import { LinesFile } from './lines';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'studio-output-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
const io = () => testIo({ cwd: folder });
const onLinux = it.skipIf(process.platform !== 'linux');

describe.each([
  ['a document', (name: string) => DocumentFile.open(io(), name)],
  ['a file of lines', (name: string) => LinesFile.open(io(), name)],
] as const)('%s', (_, open) => {
  it('says before the work that it cannot be written there, and why', async () => {
    mkdirSync(at('taken.json'));
    writeFileSync(at('file'), '');
    for (const [name, message] of [
      ['nowhere/out.json', /nowhere\/out\.json cannot be written: there is no folder nowhere/],
      ['taken.json', /it is a folder/],
      ['file/out.json', /a part of its path is a file/],
      [`${'x'.repeat(300)}/out.json`, /its name is too long/],
    ] as const)
      await expect(open(name)).rejects.toMatchObject({
        code: 'option-invalid',
        message: expect.stringMatching(message) as string,
      });
    expect(readdirSync(folder).sort()).toEqual(['file', 'taken.json']);
  });

  onLinux('says so of a folder that cannot be written', async () => {
    await expect(open('/proc/out.json')).rejects.toMatchObject({ code: 'option-invalid' });
    await expect(open('/sys/kernel/out.json')).rejects.toMatchObject({
      message: expect.stringMatching(/cannot be written: (you have no right to|its disk is read-only)/) as string,
    });
  });
});

describe('a document', () => {
  it('is the old one until the new one is whole, and leaves nothing beside', async () => {
    writeFileSync(at('out.json'), 'old');
    const file = await DocumentFile.open(io(), 'out.json');
    await file.replace(
      (async function* () {
        yield 'ne';
        await Promise.resolve();
        expect(readFileSync(at('out.json'), 'utf8')).toBe('old');
        yield 'w';
      })(),
    );
    expect(readFileSync(at('out.json'), 'utf8')).toBe('new');
    await file.replace(['newer']);
    expect(readFileSync(at('out.json'), 'utf8')).toBe('newer');
    await file.close();
    expect(readdirSync(folder)).toEqual(['out.json']);
  });

  it('stays the old one where what was to be written fails, and goes through links', async () => {
    writeFileSync(at('real.json'), 'old');
    symlinkSync('real.json', at('link.json'));
    symlinkSync('later.json', at('dangling.json'));
    const file = await DocumentFile.open(io(), 'link.json');
    const failing = async function* () {
      yield 'half';
      await Promise.resolve();
      throw new Error('no more');
    };
    await expect(file.replace(failing())).rejects.toThrow('no more');
    expect(readFileSync(at('real.json'), 'utf8')).toBe('old');
    await file.replace(['new']);
    expect(readFileSync(at('real.json'), 'utf8')).toBe('new');
    await (await DocumentFile.open(io(), 'dangling.json')).replace(['there']);
    expect(readFileSync(at('later.json'), 'utf8')).toBe('there');
    expect(readdirSync(folder).sort()).toEqual(['dangling.json', 'later.json', 'link.json', 'real.json']);
  });

  onLinux('tells a full disk in words, and leaves nothing', async () => {
    const file = await DocumentFile.open(io(), '/dev/full');
    await expect(file.replace(['words'])).rejects.toMatchObject({
      code: 'storage-full',
      message: '/dev/full cannot be written: the disk is full; make room and run it again.',
    });
    await file.close();
    expect(existsSync('/dev/full')).toBe(true);
  });
});

describe('a file of lines', () => {
  it('has each record as soon as it is appended', async () => {
    const file = await LinesFile.open(io(), 'out.jsonl');
    expect(readFileSync(at('out.jsonl'), 'utf8')).toBe('');
    await file.append({ n: 1 });
    await file.append({ n: 2 });
    expect(readFileSync(at('out.jsonl'), 'utf8')).toBe('{"n":1}\n{"n":2}\n');
    await file.close();
  });

  onLinux('tells a full disk in words', async () => {
    const file = await LinesFile.open(io(), '/dev/full');
    await expect(file.append({})).rejects.toMatchObject({ code: 'storage-full' });
    await file.close();
  });

  // A limit of the process on the size of files takes a part of a write, as a disk does that becomes full.
  onLinux('keeps whole lines alone where the file may not grow', () => {
    const script = `
      import { LinesFile } from ${JSON.stringify(fileURLToPath(new URL('./lines.ts', import.meta.url)))};
      process.on('SIGXFSZ', () => undefined);
      const file = await LinesFile.open({ cwd: ${JSON.stringify(folder)}, stdout: process.stdout }, 'out.jsonl');
      let n = 0;
      try { for (;; n++) await file.append({ n, filling: 'x'.repeat(700) }); }
      catch ({ code, message }) { console.log(JSON.stringify({ n, code, message })); }`;
    writeFileSync(at('fill.ts'), script);
    const esbuild = fileURLToPath(new URL('../../node_modules/esbuild/bin/esbuild', import.meta.url));
    const built = spawnSync(
      esbuild,
      [at('fill.ts'), '--bundle', '--platform=node', '--format=esm', `--outfile=${at('fill.mjs')}`],
      { encoding: 'utf8' },
    );
    expect(built.status, built.stderr).toBe(0);
    // In blocks of 1024 bytes: 8 KiB.
    const ran = spawnSync('bash', ['-c', `ulimit -f 8 && exec "${process.execPath}" "${at('fill.mjs')}"`], {
      encoding: 'utf8',
    });
    const said = JSON.parse(ran.stdout) as { n: number; code: string; message: string };
    expect(said).toMatchObject({
      code: 'storage-full',
      message: expect.stringMatching(/grow over the size/) as string,
    });
    const lines = readFileSync(at('out.jsonl'), 'utf8');
    expect(lines.endsWith('}\n')).toBe(true);
    expect(
      lines
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { n: number }).n),
    ).toEqual(Array.from({ length: said.n }, (_, i) => i));
  });
});
