import { posix } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import type { Source } from '../sources/types';
import { bestOf, recordOf } from './record';
import type { Answered } from './types';

/** What ends a .tar. */
export const tarEnd = new Uint8Array(1024);

/**
 * The files of one photo in a webdataset, of those that have a caption: the picture with the ending that its bytes
 * tell, all that was said of it as json, the best caption as txt. Their name is the photo's without its ending, without
 * the dots that part a name from its endings there, and numbered where it is taken.
 * @returns bytes of a .tar without its end
 */
export async function sampleOf(photo: Answered, source: Source | undefined, taken: Set<string>): Promise<Uint8Array> {
  const caption = bestOf(photo.rows)?.caption;
  if (caption === undefined) return new Uint8Array();
  const name = nameFor(photo.key, taken);
  const archive = pack();
  const whole = buffer(archive);
  // Times would make every run another file.
  const add = (ending: string, content: Uint8Array | string) =>
    archive.entry({ name: `${name}.${ending}`, mtime: new Date(0) }, Buffer.from(content));
  // It was read before; where it is gone meanwhile, what was said of it is kept.
  const picture = await source?.read().catch(() => undefined);
  if (picture) add(endingOf(picture), picture);
  const { image: key, ...said } = recordOf(photo);
  add('json', `${JSON.stringify({ key, ...said, familyHash: photo.familyHash })}\n`);
  add('txt', caption);
  archive.finalize();
  return (await whole).subarray(0, -tarEnd.length);
}

function nameFor(key: string, taken: Set<string>): string {
  const path = posix.normalize(key.replaceAll('\\', '/')).replace(/^(\.{0,2}\/)+/, '');
  const stem = posix
    .basename(path)
    .replace(/(?<=.)\.[a-z]\w{1,4}$/i, '')
    .replaceAll('.', '_');
  const plain = posix.join(posix.dirname(path), stem);
  let name = plain;
  for (let n = 2; taken.has(name); n++) name = `${plain}-${n}`;
  taken.add(name);
  return name;
}

const heads: [string, number, string][] = [
  ['\x89PNG', 0, 'png'],
  ['GIF8', 0, 'gif'],
  ['WEBP', 8, 'webp'],
  ['ftypavi', 4, 'avif'],
  ['II*\0', 0, 'tiff'],
  ['MM\0*', 0, 'tiff'],
];
const endingOf = (bytes: Uint8Array): string => {
  const head = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  return heads.find(([text, at]) => head.startsWith(text, at))?.[2] ?? 'jpg';
};
