import type { ErrorBody } from '@/kept/answers';
import { StudioError } from '@/models/errors';
import { errorOf, type StudioClient, unreachable } from '../client/client';
import { msg } from '../languages/msg';

/** A photo as it is sent: what it is called, and its file. */
type Named = { key: string; file: File };

/** Requests at once; each brings so many photos, or so many bytes of them. */
const atOnce = 3;
const most = { photos: 24, bytes: 6e6 };
/** How often a request is sent again that the studio had no room for just then, or that it did not answer. */
const tries = 8;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What photos are called: by their path where a folder was given, else by name; a name that is taken gets a number. */
export function keysOf(files: readonly (File & { fullPath?: string })[]): Named[] {
  const taken = new Set<string>();
  return files.map((file) => {
    const path = (file.fullPath ?? (file.webkitRelativePath || file.name)).replace(/^\/+/, '').slice(-1000);
    let key = path;
    for (let n = 2; taken.has(key); n++) key = path.replace(/(?=(\.[^./]*)?$)/, ` (${n})`);
    taken.add(key);
    return { key, file };
  });
}

/** What several photos are called together: the folder that all lie in, or nothing. */
export function folderOf(photos: readonly Named[]): string {
  const tops = new Set(photos.map(({ key }) => (key.includes('/') ? key.split('/')[0]! : '')));
  return tops.size === 1 ? [...tops][0]! : '';
}

/**
 * Sends photos that become a collection, a few at a time: a file is read when its turn comes. Those that are too large
 * are named and not sent. @returns the id of the upload
 * @throws Error in words; cancelled: what was sent by then is taken back
 */
export async function sendPhotos(
  client: StudioClient,
  files: readonly File[],
  how: { title: string; limitBytes: number; signal: AbortSignal; onProgress: (sent: number) => void },
): Promise<string> {
  const photos = keysOf(files).map((photo, position) => ({ ...photo, position }));
  const { id } = await client.collection.send.mutate({ title: how.title, total: photos.length });
  try {
    const parts = partsOf(photos, how.limitBytes);
    let sent = 0;
    const work = async () => {
      for (let part = parts.shift(); part; part = parts.shift()) {
        await sendPart(id, part, how);
        how.onProgress((sent += part.length));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return id;
  } catch (error) {
    if (how.signal.aborted) await client.collection.unsend.mutate({ id }).catch(() => undefined);
    throw error;
  }
}

type Placed = Named & { position: number };

function partsOf(photos: readonly Placed[], limitBytes: number): Placed[][] {
  const parts: Placed[][] = [];
  let bytes = Infinity;
  for (const photo of photos) {
    const size = photo.file.size > limitBytes ? 0 : photo.file.size;
    if (bytes + size > most.bytes || parts.at(-1)!.length >= most.photos) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)!.push(photo);
    bytes += size;
  }
  return parts;
}

async function sendPart(
  id: string,
  part: readonly Placed[],
  { signal, limitBytes }: { signal: AbortSignal; limitBytes: number },
): Promise<void> {
  const form = new FormData();
  const list = part.map(({ position, key, file }) => ({
    position,
    key,
    ...(file.size > limitBytes ? { tooLarge: true } : {}),
  }));
  form.append('list', JSON.stringify(list));
  for (const { position, file } of part) if (file.size <= limitBytes) form.append(String(position), file, 'photo');
  for (let n = 1; ; n++) {
    if (signal.aborted) throw new StudioError('cancelled', msg('Cancelled.'));
    const answer = await fetch(`/api/collections/sent/${id}`, { method: 'POST', body: form, signal }).catch(
      () => undefined,
    );
    if (answer?.ok) return;
    if (signal.aborted) continue;
    const body = (await answer?.json().catch(() => undefined)) as ErrorBody | undefined;
    const busy = answer === undefined || body?.error.code === 'busy';
    if (!busy || n === tries) throw answer ? errorOf(body, answer.status) : new Error(unreachable);
    await pause(1000 * Number(answer?.headers.get('retry-after') ?? Math.min(n, 4)));
  }
}
