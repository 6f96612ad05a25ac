import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, link, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { StudioError, throwIfAborted } from '../../models/errors';
import { verifyHash } from '../../models/weights/verify';
import { importSteps } from '../../models/weights/import/steps';
import { parseManifest } from '../../models/manifest';
import { readSmall } from '../hub/read-small';
import type { HubSettings, OnWait } from '../hub/request';
import type { Importer, Source } from './import-job';
import type { ImportKindCard } from './types';

/**
 * A family in the studio's own format: what `models/training` writes, and what lies in the folder of installed
 * families.
 */
export const ownFormat: ImportKindCard = {
  id: 'family',
  title: "A family in the studio's own format",
  goodAt: 'Families that you trained or built yourself, from another machine or from a repository of the hub.',
  adds: 'space',
  files: [
    { title: 'manifest.json', required: true },
    { title: 'every file that it names', required: true },
  ],
  shapes: ['what its manifest says'],
  options: [],
  licence: 'its manifest says',
  source: "the studio's own",
};

export const isRepository = (name: string): boolean => /^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(name);

/** The name that a family of a repository gets unless another is asked for. */
export function nameOfRepository(repository: string): string {
  const name = repository
    .split('/')
    .at(-1)!
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-');
  return /^[a-z0-9]/.test(name) ? name.slice(0, 64) : `family${name}`.slice(0, 64);
}

/**
 * What a repository of the hub holds, by the manifest in it. @throws hub-missing (no manifest.json), weights-invalid,
 * hub-…
 */
export async function repositorySource(
  repository: string,
  hub: HubSettings,
  options: { signal?: AbortSignal; onWait?: OnWait },
): Promise<Source> {
  const { bytes } = await readSmall({ repo: repository, path: 'manifest.json' }, 4e6, hub, options);
  const manifest = parseManifest(bytes, repository);
  const paths = ['manifest.json', ...Object.values(manifest.files).map(({ path }) => path)];
  return {
    name: repository,
    title: `${manifest.family}, a family of ${repository}`,
    kind: ownFormat.id,
    adds: 'space',
    goodAt: ownFormat.goodAt,
    licence: manifest.licence,
    files: [...new Set(paths)].map((path) => ({ repository, path })),
  };
}

/**
 * Takes a family over as it is, under a new name: every file is checked against its manifest. @throws weights-missing,
 * weights-corrupt, weights-invalid
 */
export const adoptFamily: Importer = async ({ files, name, out }, { onProgress, signal }) => {
  const given = new Map(files.map((path) => [basename(path), path]));
  const at = given.get('manifest.json');
  if (!at)
    throw new StudioError(
      'option-invalid',
      'The manifest.json of the family is not among the files. Name it beside all the files that it names.',
    );
  const bytes = await readFile(at);
  const manifest = parseManifest(bytes, name);
  const entries = [...new Map(Object.values(manifest.files).map((entry) => [entry.path, entry])).values()];
  const missing = entries.filter(({ path }) => !given.has(path));
  if (missing.length)
    throw new StudioError(
      'weights-missing',
      `${missing.map(({ path }) => path).join(', ')} ${missing.length > 1 ? 'are' : 'is'} named by manifest.json and not among the files. Name ${missing.length > 1 ? 'them' : 'it'} too.`,
    );
  const total = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  await mkdir(out, { recursive: true });
  let done = 0;
  for (const entry of entries) {
    const from = given.get(entry.path)!;
    const hash = createHash('sha256');
    let read = 0;
    for await (const chunk of createReadStream(from, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
      throwIfAborted(signal);
      hash.update(chunk);
      onProgress({ sentence: importSteps.reading }, done + (read += chunk.byteLength), total);
    }
    verifyHash(read, hash.digest('hex'), entry, name);
    await take(from, join(out, entry.path));
    done += entry.bytes;
  }
  await writeFile(
    join(out, 'manifest.json'),
    manifest.family === name
      ? bytes
      : `${JSON.stringify({ ...(JSON.parse(bytes.toString()) as object), family: name }, null, 2)}\n`,
  );
};

/** Files of the staging folder are linked, so that nothing is copied; a user's own are copied: theirs may change. */
async function take(from: string, to: string): Promise<void> {
  if (from.includes(`${join('.staging', '')}`)) return link(from, to).catch(() => copyFile(from, to));
  await copyFile(from, to);
}
