import { link, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NodeRuntime } from '../../models/runtime/node';
import type { Precision, Runtime } from '../../models/runtime/types';
import { inEnglish } from '../../models/said';
import { Family } from '../../models/weights/family';
import { parseManifest } from '../../models/manifest';
import { readSafetensors, writeSafetensors } from '../../models/files/safetensors';
import { selfCheckSchema } from '../../models/weights/self-check';
import { wrongDevice } from '../../models/weights/test-wrong-device';
import { folderSource } from './folder-families';
import { smallPublishedFamily } from '../families/small-published';
import { writeAnswers } from './write-answers';

let folder: string;
let runtime: NodeRuntime;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'studio-answers-'));
  runtime = new NodeRuntime({ device: { name: 'cpu' } });
});
afterEach(async () => {
  await runtime.close();
  await rm(folder, { recursive: true, force: true });
});

async function put(files: Record<string, Uint8Array>, name = 'family'): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  for (const [file, bytes] of Object.entries(files)) await writeFile(join(path, file), bytes);
  return path;
}
const open = (path: string, precision: Precision, on: Runtime = runtime) =>
  Family.open({ files: folderSource(path, 'small'), runtime: on, precision });
const answers = async (path: string) =>
  selfCheckSchema.parse(JSON.parse(await readFile(join(path, 'self-check.json'), 'utf8')));

/** Another file in the place of one, as its manifest says too. */
async function replace(path: string, file: string, bytes: Uint8Array): Promise<void> {
  await rm(join(path, file));
  await writeFile(join(path, file), bytes);
  const manifest = JSON.parse(await readFile(join(path, 'manifest.json'), 'utf8')) as {
    files: Record<string, { path: string }>;
  };
  for (const [key, entry] of Object.entries(manifest.files))
    if (entry.path === file)
      manifest.files[key] = {
        ...entry,
        bytes: bytes.byteLength,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      } as never;
  await rm(join(path, 'manifest.json'));
  await writeFile(join(path, 'manifest.json'), JSON.stringify(manifest));
}

/** The tensors of a file with every value changed. */
function changed(file: Uint8Array, change: (value: number) => number): Uint8Array {
  const tensors = readSafetensors(file, 'a file');
  return writeSafetensors(
    Object.fromEntries(
      tensors
        .names()
        .map((name) => [name, { dims: tensors.get(name).dims, values: tensors.get(name).values.map(change) }]),
    ),
  );
}

describe('the golden answers of an imported family', () => {
  it.each([
    ['usual weights', {}],
    ['weights with outliers', { outliers: 'text' }],
  ] as const)('let every graph pass at every precision: %s', async (_, options) => {
    const path = await put(smallPublishedFamily('small', options));
    const told: string[] = [];
    const added = await writeAnswers(path, {
      onProgress: (what, done, total) => told.push(`${inEnglish(what)} ${done}/${total}`),
    });
    expect(added).toEqual(
      expect.arrayContaining([
        'image-tower',
        'text-tower',
        'lm',
        'lm@q8',
        'clipcap.mapper',
        'clipcap.lm@q8',
        'decap.lm',
      ]),
    );
    expect(told[0]).toBe(`trying image-tower 0/${added.length}`);
    expect(told.at(-1)).toBe(`trying the graphs ${added.length}/${added.length}`);
    const manifest = parseManifest(await readFile(join(path, 'manifest.json')), 'small');
    expect(manifest.files.selfCheck).toMatchObject({
      path: 'self-check.json',
      sha256: createHash('sha256')
        .update(await readFile(join(path, 'self-check.json')))
        .digest('hex'),
    });
    for (const precision of ['fp32', 'fp16', 'q8'] as const) {
      const family = await open(path, precision);
      for (const graph of family.graphNames) await family.session(graph);
      await family.close();
    }
    expect(runtime.liveTensors()).toBe(0);
    // Nothing is left to do, and the folder holds no half-written file.
    expect(await writeAnswers(path)).toEqual([]);
    expect((await readdir(path)).filter((file) => file.endsWith('.new'))).toEqual([]);
  });

  it.each<[Precision, string, string, number]>([
    ['fp32', 'image-tower', 'embedding', 1.02],
    ['fp32', 'clipcap.lm', 'top_log_probs', 0.98],
    ['q8', 'capdec.lm', 'top_log_probs', 1.2],
    ['q8', 'decap.mapper', 'prefix', NaN],
  ])('refuse a device that at %s gets the %s wrong', async (precision, graph, output, factor) => {
    const path = await put(smallPublishedFamily('small'));
    await writeAnswers(path);
    const family = await open(path, precision, wrongDevice(runtime, graph, output, factor));
    await expect(family.session(graph)).rejects.toMatchObject({
      code: 'device-wrong',
      message: expect.stringContaining(`computes ${graph} wrongly at ${precision}`) as string,
    });
  });

  it('come over from the base where a graph is the same, and the file of the base stays as it is', async () => {
    const base = await put(smallPublishedFamily('small'), 'base');
    await writeAnswers(base);
    const before = await readFile(join(base, 'self-check.json'), 'utf8');
    const grown = join(folder, 'grown');
    await mkdir(grown);
    for (const file of await readdir(base)) await link(join(base, file), join(grown, file));
    const manifest = JSON.parse(await readFile(join(base, 'manifest.json'), 'utf8')) as {
      files: Record<string, unknown>;
    };
    delete manifest.files.selfCheck;
    await rm(join(grown, 'manifest.json'));
    await writeFile(join(grown, 'manifest.json'), JSON.stringify(manifest));
    await replace(
      grown,
      'clipcap-mapper.safetensors',
      changed(await readFile(join(base, 'clipcap-mapper.safetensors')), (value) => 2 * value),
    );
    expect(await writeAnswers(grown, { base })).toEqual(['clipcap.mapper', 'clipcap.mapper@q8']);
    const [old, fresh] = [await answers(base), await answers(grown)];
    expect(Object.keys(fresh).sort()).toEqual(Object.keys(old).sort());
    expect(fresh['clipcap.mapper']).not.toEqual(old['clipcap.mapper']);
    expect(fresh['capdec.mapper']).toEqual(old['capdec.mapper']);
    expect(await readFile(join(base, 'self-check.json'), 'utf8')).toBe(before);
    const family = await open(grown, 'fp32');
    for (const graph of family.graphNames) await family.session(graph);
  });

  it('are not written for weights that compute no numbers: the import says which graph is broken', async () => {
    const path = await put(smallPublishedFamily('small'));
    await replace(
      path,
      'capdec-mapper.safetensors',
      changed(await readFile(join(path, 'capdec-mapper.safetensors')), () => NaN),
    );
    await expect(writeAnswers(path)).rejects.toMatchObject({
      code: 'weights-invalid',
      message: expect.stringMatching(
        /graph capdec\.mapper of small computes no finite numbers.*Fetch the checkpoint again/,
      ) as string,
    });
    expect(await readdir(path)).not.toContain('self-check.json');
  });

  it('that came along and cannot be read are refused in words', async () => {
    const path = await put({
      ...smallPublishedFamily('small'),
      'self-check.json': new TextEncoder().encode('{"lm": [1]}'),
    });
    const manifest = JSON.parse(await readFile(join(path, 'manifest.json'), 'utf8')) as {
      files: Record<string, unknown>;
    };
    manifest.files.selfCheck = { path: 'self-check.json', bytes: 11, sha256: '0'.repeat(64) };
    await writeFile(join(path, 'manifest.json'), JSON.stringify(manifest));
    await expect(writeAnswers(path)).rejects.toMatchObject({
      code: 'weights-invalid',
      message: expect.stringContaining('The self-check of small is not what was expected') as string,
    });
  });

  it('can be cancelled', async () => {
    const path = await put(smallPublishedFamily('small'));
    const cancel = new AbortController();
    const work = writeAnswers(path, { signal: cancel.signal, onProgress: () => cancel.abort() });
    await expect(work).rejects.toMatchObject({ code: 'cancelled' });
    expect(await readdir(path)).not.toContain('self-check.json');
  });
});
