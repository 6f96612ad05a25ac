import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { StudioError } from '../../models/errors';
import { parseManifest } from '../../models/manifest';
import { familyDirs, type FamilyDirs, familyFolders } from './folders';

type Found = { path: string; bytes: number };
const compressed = new Map<string, Promise<Buffer>>();

/**
 * The answer to a request for a weight file: immutable, since its name is its hash; `Range: bytes=N-` sends the rest.
 * With `?gzip` the
 * body is a gzip stream, which is a ninth for text (weights gain nothing by it); Next drops a content-encoding of our
 * own.
 * @throws not-found
 */
export async function weightFile(hash: string, request: Request, dirs: FamilyDirs = familyDirs()): Promise<Response> {
  const file = await find(hash, dirs);
  if (!file)
    throw new StudioError(
      'not-found',
      `There is no weight file with the SHA-256 ${hash.slice(0, 12)}…; the family may have a new version: reload the page.`,
    );
  const common = {
    'content-type': 'application/octet-stream',
    'cache-control': 'public, max-age=31536000, immutable',
    etag: `"${hash}"`,
    'accept-ranges': 'bytes',
  };
  const start = rangeStart(request.headers.get('range'), file.bytes);
  if (start === undefined)
    return new Response(null, { status: 416, headers: { ...common, 'content-range': `bytes */${file.bytes}` } });
  if (new URL(request.url).searchParams.has('gzip'))
    return new Response(new Uint8Array(await gzipped(file.path, hash)), {
      headers: { ...common, 'content-type': 'application/gzip' },
    });
  const body = await fileStream(file.path, start);
  const length = { 'content-length': String(file.bytes - start) };
  if (!start) return new Response(body, { headers: { ...common, ...length } });
  return new Response(body, {
    status: 206,
    headers: { ...common, ...length, 'content-range': `bytes ${start}-${file.bytes - 1}/${file.bytes}` },
  });
}

/** The manifest of a family, byte for byte (its hash names the version). @throws not-found */
export async function familyManifest(name: string, dirs: FamilyDirs = familyDirs()): Promise<Response> {
  const known = await familyFolders(dirs);
  const found = known.find((family) => family.name === name);
  if (!found)
    throw new StudioError(
      'not-found',
      `There is no family "${name}". Known are ${known.map((family) => family.name).join(', ') || 'none'}.`,
    );
  return new Response(new Uint8Array(found.manifest), {
    headers: { 'content-type': 'application/json', 'cache-control': 'no-cache' },
  });
}

/** A file from a byte on. (`Readable.toWeb` ends the process when a visitor leaves in the middle.) */
async function fileStream(path: string, start: number): Promise<ReadableStream<Uint8Array>> {
  const file = await open(path);
  let at = start;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { bytesRead, buffer } = await file.read(new Uint8Array(256 * 1024), 0, 256 * 1024, at);
      if (!bytesRead) {
        await file.close();
        return controller.close();
      }
      at += bytesRead;
      controller.enqueue(buffer.subarray(0, bytesRead));
    },
    cancel: () => file.close(),
  });
}

/**
 * First byte that is wanted: 0 without a range, undefined when the range cannot be met. Only `bytes=N-` is understood;
 * others get all.
 */
function rangeStart(range: string | null, bytes: number): number | undefined {
  const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
  return start < bytes ? start : undefined;
}

async function find(hash: string, dirs: FamilyDirs): Promise<Found | undefined> {
  for (const { name, folder, manifest, embedded } of await familyFolders(dirs)) {
    const entry = filesOf(manifest, name).find(({ sha256 }) => sha256 === hash);
    if (!entry) continue;
    const path = join(folder, entry.path);
    const size = await stat(path).then(
      (info) => info.size,
      () => undefined,
    );
    if (size === undefined)
      throw new StudioError(
        'not-found',
        `The file ${name}/${entry.path} is missing on the studio's machine. ${embedded ? `Restore it there: git checkout -- models/${name}` : `Remove the family ${name} there and install it again`}.`,
      );
    return { path, bytes: size };
  }
  return undefined;
}

/** A family that is broken hides no other. */
function filesOf(manifest: Buffer, name: string) {
  try {
    return Object.values(parseManifest(manifest, name).files);
  } catch {
    return [];
  }
}

function gzipped(path: string, hash: string): Promise<Buffer> {
  let made = compressed.get(hash);
  if (!made) {
    made = readFile(path).then(promisify(gzip));
    compressed.set(hash, made);
    made.catch(() => compressed.delete(hash));
  }
  return made;
}
