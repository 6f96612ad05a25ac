import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { StudioError, throwIfAborted } from '../../models/errors';
import { fileAddress, repositoryPage } from './address';
import { normalEtag, type RemoteFile } from './describe';
import { type HubSettings, type OnWait, Passing, refuse, request, withRetries } from './request';
import { connectionFailure, waitReasons } from './wait-reasons';

export type DownloadEvents = {
  signal?: AbortSignal;
  /** Bytes of the file that are on the disk; those of an earlier attempt count. */
  onBytes?: (received: number) => void;
  onWait?: OnWait;
  /** The whole file is here, and is read once more to check its hash. */
  onCheck?: () => void;
};

/** What is remembered beside a file that is not whole yet, so that another process can go on. */
type Note = {
  commit: string;
  bytes: number;
  hash?: string;
  /** ETag of the server that sent the bytes. */ etag?: string;
};

/**
 * Downloads a file to `target`, going on where an earlier attempt (of this process or another) stopped, and checks size
 * and hash. Until
 * it is whole and right it is called `target.part`. @returns its SHA-256 @throws hub-missing, hub-refused,
 * hub-unreachable,
 * weights-corrupt, storage-full, cancelled
 */
export async function download(
  file: RemoteFile,
  target: string,
  settings: HubSettings,
  events: DownloadEvents = {},
): Promise<string> {
  const part = `${target}.part`;
  const note = `${target}.note`;
  const whole = await stat(target).catch(() => undefined);
  if (whole?.size === file.bytes) {
    events.onBytes?.(whole.size);
    events.onCheck?.();
    const found = await hashes(target, file.bytes, events.signal);
    if (isRight(file, found)) return found.sha256;
    await rm(target);
  }
  await forgetOther(file, part, note);
  const handle = await open(part, 'a+');
  try {
    await withRetries(
      settings,
      ({ progressed }) => fetchRest(file, handle, note, settings, events, progressed),
      events,
    );
    await handle.sync();
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOSPC' ? diskFull(file, error) : error;
  } finally {
    await handle.close();
  }
  events.onCheck?.();
  const found = await hashes(part, file.bytes, events.signal);
  if (!isRight(file, found)) {
    await Promise.all([rm(part, { force: true }), rm(note, { force: true })]);
    throw new StudioError(
      'weights-corrupt',
      `${file.path} of ${file.repo} arrived with the wrong content: its SHA-256 is ${found.sha256.slice(0, 12)}…${file.sha256 ? `, the hub names ${file.sha256.slice(0, 12)}…` : ''}. ` +
        `The damaged copy was deleted; pull again. If it happens again, the mirror (HF_ENDPOINT) or something on the way is at fault.`,
      {
        details: { file: file.path, actual: found.sha256, expected: file.sha256 ?? file.gitHash },
      },
    );
  }
  await rename(part, target);
  await rm(note, { force: true });
  return found.sha256;
}

/** Bytes of an unfinished download that count for `file`. */
export async function bytesHere(
  file: Pick<RemoteFile, 'bytes' | 'sha256' | 'gitHash' | 'commit'>,
  target: string,
): Promise<number> {
  const whole = await stat(target).catch(() => undefined);
  if (whole?.size === file.bytes) return whole.size;
  const part = await stat(`${target}.part`).catch(() => undefined);
  return part && (await sameFile(file, `${target}.note`)) ? Math.min(part.size, file.bytes) : 0;
}

async function sameFile(
  file: Pick<RemoteFile, 'bytes' | 'sha256' | 'gitHash' | 'commit'>,
  note: string,
): Promise<boolean> {
  const before = await readNote(note);
  const hash = file.sha256 ?? file.gitHash;
  return (
    before !== undefined && before.bytes === file.bytes && (hash ? before.hash === hash : before.commit === file.commit)
  );
}

/** Throws away the beginning of another version. */
async function forgetOther(file: RemoteFile, part: string, note: string): Promise<void> {
  if (await sameFile(file, note)) return;
  await rm(part, { force: true });
  await writeNote(note, noteOf(file));
}

const noteOf = ({ commit, bytes, sha256, gitHash }: RemoteFile): Note => ({
  commit,
  bytes,
  ...((sha256 ?? gitHash) ? { hash: sha256 ?? gitHash } : {}),
});
const writeNote = (path: string, note: Note) => writeFile(path, JSON.stringify(note));
const readNote = (path: string): Promise<Note | undefined> =>
  readFile(path, 'utf8')
    .then(
      (text) => JSON.parse(text) as Note,
      () => undefined,
    )
    .catch(() => undefined);

/** Asks for the bytes that are missing and appends them. @throws Passing when the connection breaks */
async function fetchRest(
  file: RemoteFile,
  handle: FileHandle,
  note: string,
  settings: HubSettings,
  events: DownloadEvents,
  progressed: () => void,
): Promise<void> {
  let at = (await handle.stat()).size;
  if (at > file.bytes) await handle.truncate((at = 0));
  events.onBytes?.(at);
  if (at === file.bytes) return;
  const known = await readNote(note);
  // The hub redirects to a server of its own choice each time; If-Range asks that one for the rest of the very same
  // content.
  const headers = at ? { range: `bytes=${at}-`, ...(known?.etag ? { 'if-range': known.etag } : {}) } : undefined;
  const stop = new AbortController();
  const signal = events.signal ? AbortSignal.any([events.signal, stop.signal]) : stop.signal;
  const address = fileAddress(settings.endpoint, { ...file, revision: file.commit });
  const { response, address: from } = await request(
    address,
    { method: 'GET', headers, signal, follow: 'all' },
    settings,
  );
  if (response.status === 416) {
    await handle.truncate(0);
    throw new Passing({ sentence: waitReasons.restRefused });
  }
  if (response.status !== 200 && response.status !== 206) {
    await response.body?.cancel();
    refuse(response, {
      ...file,
      page: repositoryPage(settings.endpoint, file.repo),
      hasToken: Boolean(settings.token),
    });
  }
  if (response.status === 206 && !fits(response.headers.get('content-range'), at, file.bytes)) {
    await response.body?.cancel();
    await handle.truncate(0);
    throw new Passing({ sentence: waitReasons.otherPart });
  }
  // All of it: the server knows no ranges, or its copy is another one than before.
  if (response.status === 200 && at > 0) await handle.truncate((at = 0));
  const etag = response.headers.get('etag');
  // Only a strong ETag may ask for a rest.
  if (etag && !etag.startsWith('W/')) await writeNote(note, { ...noteOf(file), etag });
  await append(response, handle, at, file, { host: from.host, stop, settings, events, progressed });
}

async function append(
  response: Response,
  handle: FileHandle,
  from: number,
  file: RemoteFile,
  {
    host,
    stop,
    settings,
    events,
    progressed,
  }: { host: string; stop: AbortController; settings: HubSettings; events: DownloadEvents; progressed: () => void },
): Promise<void> {
  let at = from;
  let stalled = false;
  const watch = () =>
    setTimeout(() => {
      stalled = true;
      stop.abort();
    }, settings.stallMs);
  let timer = watch();
  try {
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      clearTimeout(timer);
      if (at + chunk.byteLength > file.bytes)
        throw new StudioError(
          'weights-corrupt',
          `${file.path} of ${file.repo} is longer than the ${file.bytes} bytes that the hub names. Pull again; if it happens again, the mirror (HF_ENDPOINT) is at fault.`,
        );
      await handle.appendFile(chunk);
      at += chunk.byteLength;
      progressed();
      events.onBytes?.(at);
      throwIfAborted(events.signal);
      timer = watch();
    }
  } catch (error) {
    throwIfAborted(events.signal);
    if (error instanceof StudioError || (error as NodeJS.ErrnoException).code === 'ENOSPC') throw error;
    throw new Passing(
      stalled
        ? { sentence: waitReasons.stalled, values: { host, seconds: Math.round(settings.stallMs / 1000) } }
        : connectionFailure(host, error),
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
  if (at < file.bytes)
    throw new Passing({ sentence: waitReasons.ended, values: { host, received: at, bytes: file.bytes } });
}

/** Whether a Content-Range is the rest from `at` on of a file of that length. */
function fits(range: string | null, at: number, bytes: number): boolean {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(range ?? '');
  return match !== null && Number(match[1]) === at && (match[3] === '*' || Number(match[3]) === bytes);
}

type Hashes = { sha256: string; gitHash: string; bytes: number };
async function hashes(path: string, bytes: number, signal?: AbortSignal): Promise<Hashes> {
  const [sha256, git] = [createHash('sha256'), createHash('sha1').update(`blob ${bytes}\0`)];
  let seen = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    throwIfAborted(signal);
    sha256.update(chunk);
    // Only small files are known by their git hash alone.
    if (bytes < 50e6) git.update(chunk);
    seen += chunk.byteLength;
  }
  return { sha256: sha256.digest('hex'), gitHash: git.digest('hex'), bytes: seen };
}
const isRight = (file: RemoteFile, found: Hashes): boolean =>
  found.bytes === file.bytes &&
  (file.sha256 === undefined || file.sha256 === normalEtag(found.sha256)) &&
  (file.gitHash === undefined || file.bytes >= 50e6 || file.gitHash === found.gitHash);

function diskFull({ path }: RemoteFile, cause: unknown): StudioError {
  return new StudioError(
    'storage-full',
    `The disk became full while ${path} was downloaded. What arrived is kept: make room and pull again, and it goes on from there.`,
    { cause },
  );
}
