import { access, constants, readFile, stat } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path';
import { StudioError } from '../../../models/errors';
import { why } from '../../errors/why';
import { cannotOpen } from '../../files/faults';
import { writeWhole } from '../../files/write-whole';
import { lostStamp, oneLine } from '../sources/pictures';
import type { Source } from '../sources/types';
import { bestOf } from './record';
import type { OpenSink, SidecarWishes } from './types';

/**
 * Captions as text files beside the photos, `photo.txt` beside `photo.jpg`: of several lanes the best by cosine. Each
 * is written whole or not at all; a photo without a caption gets none. What is there already is kept (`skip`: those
 * photos are done), replaced, or gets the caption as a line more, unless it has that line.
 * @throws option-invalid for photos that are no file of their own (archives, addresses, tables), for two photos whose
 * text would be the same file, and where a folder cannot be written
 */
export async function openSidecar({ sources, mode, prefix = '', suffix = '' }: SidecarWishes): Promise<OpenSink> {
  const texts = textsOf(sources);
  const folders = new Map([...texts.values()].map(({ file, path }) => [dirname(file), dirname(path)]));
  for (const [folder, shown] of folders)
    await access(folder, constants.W_OK).catch((cause: unknown) => {
      throw cannotOpen(join(shown, '*.txt'), shown, cause);
    });
  const done = new Set<string>();
  if (mode === 'skip') for (const [key, { file }] of texts) if ((await sizeOf(file)) > 0) done.add(key);
  return {
    done,
    tell: done.size ? [`${done.size} of ${sources.length} photos have a text beside them, which is kept.`] : [],
    async write({ key, rows }) {
      const caption = bestOf(rows)?.caption;
      const text = texts.get(key);
      if (caption === undefined || !text) return;
      const line = `${prefix}${caption}${suffix}`;
      if (mode === 'skip' && (await sizeOf(text.file)) > 0) return;
      const before = mode === 'append' ? await textIn(text) : '';
      if (before.split(/\r?\n/).includes(line)) return;
      await writeWhole(text.file, `${before}${before && !before.endsWith('\n') ? '\n' : ''}${line}\n`, text.path);
    },
    finish: () => Promise.resolve(),
    abandon: () => Promise.resolve(),
  };
}

type Text = { file: string; path: string };

/** Where the text of each photo lies. */
function textsOf(sources: readonly Source[]): Map<string, Text> {
  const texts = new Map<string, Text>();
  const owners = new Map<string, string>();
  for (const { key, path, file, stamp } of sources) {
    // What a list names and is not there gets no caption.
    if (stamp === lostStamp) continue;
    if (file === undefined)
      throw new StudioError(
        'option-invalid',
        `No text can lie beside ${oneLine(path)}: it is no file of its own. Write the captions to a file by --out, or unpack the photos first.`,
      );
    const text = beside(file);
    const other = text === file ? key : owners.get(text);
    if (other !== undefined)
      throw new StudioError(
        'option-invalid',
        other === key
          ? `The text beside ${oneLine(path)} would be written over it. Name photos alone.`
          : `${oneLine(other)} and ${oneLine(key)} would have the same text beside them (${oneLine(beside(path))}). Write the captions to a file by --out.`,
      );
    owners.set(text, key);
    texts.set(key, { file: text, path: beside(path) });
  }
  return texts;
}

const beside = (path: string) => {
  const { dir, name } = parse(path);
  return join(dir, `${name}.txt`);
};
const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

async function textIn({ file, path }: Text): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new StudioError('file-unreadable', `${path} cannot be read: ${why(cause)}.`, { cause });
  }
}
