// For tests: a family of two small files, and an importer that makes one of any files.
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { throwIfAborted } from '../../models/errors';
import type { Importer } from './import-job';

/** Writes `files` and a manifest that names them. */
export async function writeTestFamily(
  folder: string,
  family: string,
  files: Record<string, Uint8Array>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const entries: Record<string, unknown> = {};
  for (const [path, bytes] of Object.entries(files)) {
    await writeFile(join(folder, path), bytes);
    entries[path.replace(/\W/g, '_')] = {
      path,
      bytes: bytes.byteLength,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    };
  }
  const manifest = {
    family,
    version: '1',
    space: {
      name: family,
      dim: 8,
      image: { size: 224, fit: 'squash', filter: 'bicubic', scale: 'x/127.5-1' },
      text: { context: 64, bos: 1, eos: 2 },
    },
    languageModel: { layers: 1, heads: 1, width: 8, vocabulary: 10, positions: 64, bos: 1, eos: 2 },
    files: entries,
    decoders: {},
    licence: 'none: random numbers',
    trainedOn: 'nothing',
  };
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
}

/** Copies the files into a family, in steps that can be cancelled. `gate`: what it waits for in the middle. */
export const copyingImporter =
  (gate?: () => Promise<void>): Importer =>
  async ({ files, name, out }, { onProgress, signal }) => {
    const contents: Record<string, Uint8Array> = {};
    for (const [i, path] of files.entries()) {
      onProgress({ sentence: 'reading' }, i, files.length);
      contents[basename(path)] = new Uint8Array(await readFile(path));
    }
    await writeTestFamily(out, name, contents);
    await gate?.();
    throwIfAborted(signal);
    onProgress({ sentence: 'reading' }, files.length, files.length);
  };

/**
 * The embedded family with ClipCap alone, under another name: real weights, and half the bytes. The files by their
 * paths.
 */
export async function smallRealFamily(name: string): Promise<Record<string, Uint8Array>> {
  const folder = join(process.cwd(), 'models/pocket');
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as {
    files: Record<string, { path: string }>;
    graphs: Record<string, { files: string[] }>;
    decoders: Record<string, unknown>;
  };
  const keys = ['lm', 'joint', 'clipcap', 'tokenizer', 'selfCheck'];
  const files = Object.fromEntries(Object.entries(manifest.files).filter(([key]) => keys.includes(key)));
  const graphs = Object.fromEntries(
    Object.entries(manifest.graphs).filter(([, graph]) => graph.files.every((key) => Object.hasOwn(files, key))),
  );
  const small = { ...manifest, family: name, files, graphs, decoders: { clipcap: manifest.decoders.clipcap } };
  const out: Record<string, Uint8Array> = { 'manifest.json': new TextEncoder().encode(JSON.stringify(small)) };
  for (const { path } of Object.values(files)) out[path] = new Uint8Array(await readFile(join(folder, path)));
  return out;
}
