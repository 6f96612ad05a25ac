import { open, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StudioError } from '../../models/errors';
import { appendWhole } from './append-whole';
import { cannotOpen, cannotWrite } from './faults';
import { pathOf, type Streams, write } from './streams';

/** A record of a file as it was found: its text without the line's end, and where it begins and ends, in bytes. */
export type FoundRecord = { text: string; line: number; start: number; end: number };

/** What becomes of a file that is there already. */
export type OpenMode = 'new' | 'overwrite' | 'resume';

/** A file of records, a line each, appended as they come: after a kill at any moment its lines are whole. */
export class LinesFile {
  private constructor(
    private readonly io: Pick<Streams, 'stdout'>,
    readonly name: string,
    private readonly handle: FileHandle | undefined,
  ) {}

  /**
   * Opens it before the work begins; `-` is standard output. `resume` keeps what is there, and goes on behind it.
   * @throws option-invalid where it cannot be written, or is there already and is not to be (`new`)
   */
  static async open(
    io: Pick<Streams, 'cwd' | 'stdout'>,
    name: string,
    mode: OpenMode = 'overwrite',
  ): Promise<LinesFile> {
    if (name === '-') return new LinesFile(io, name, undefined);
    try {
      return new LinesFile(io, name, await open(pathOf(io, name), { new: 'wx', overwrite: 'w', resume: 'a+' }[mode]));
    } catch (error) {
      const found = mode === 'new' ? await stat(pathOf(io, name)).catch(() => undefined) : undefined;
      if (found?.isFile()) throw isThere(name);
      // A device or a pipe is always there.
      if (found && !found.isDirectory()) return LinesFile.open(io, name);
      if (found) throw cannotOpen(name, dirname(name), Object.assign(new Error(), { code: 'EISDIR' }));
      throw cannotOpen(name, dirname(name), error);
    }
  }

  /**
   * The records that are there, in their order; a last one that was cut by a kill is left out.
   * @param quoted line ends between quotation marks part no records (CSV)
   */
  async *records({ quoted = false } = {}): AsyncGenerator<FoundRecord> {
    const stats = await this.handle?.stat();
    if (!this.handle || !stats?.isFile() || !stats.size) return;
    const part = Buffer.alloc(1 << 20);
    let rest = Buffer.alloc(0);
    // Where the record in `rest` begins: its line, its byte; and the lines that end inside it so far.
    let [line, start, ended, inside] = [1, 0, 0, false];
    for (let at = 0; ;) {
      const { bytesRead } = await this.handle.read(part, 0, part.length, at);
      if (!bytesRead) return;
      at += bytesRead;
      const bytes = Buffer.concat([rest, part.subarray(0, bytesRead)]);
      let begin = 0;
      for (let i = rest.length; i < bytes.length; i++) {
        if (quoted && bytes[i] === 0x22) inside = !inside;
        if (bytes[i] !== 0x0a) continue;
        ended++;
        if (inside) continue;
        const end = start + i + 1 - begin;
        yield { text: bytes.toString('utf8', begin, i).replace(/\r$/, ''), line, start, end };
        [line, start, begin, ended] = [line + ended, end, i + 1, 0];
      }
      rest = Buffer.from(bytes.subarray(begin));
    }
  }

  /** Cuts off what lies behind this many bytes. @throws storage-full, file-unreadable */
  async keep(bytes: number): Promise<void> {
    if (this.handle && (await this.handle.stat()).isFile()) await this.#writing((handle) => handle.truncate(bytes));
  }

  /** Appends a value as JSON. @throws storage-full, file-unreadable: then the lines before are whole */
  append(record: unknown): Promise<void> {
    return this.appendText(`${JSON.stringify(record)}\n`);
  }

  /** Appends a record, or several at once, with their line ends. @throws as append */
  async appendText(text: string): Promise<void> {
    if (!this.handle) return write(this.io, text);
    await this.#writing((handle) => appendWhole(handle.fd, Buffer.from(text)));
  }

  async close(): Promise<void> {
    await this.#writing((handle) => handle.close());
  }

  async #writing(work: (handle: FileHandle) => Promise<void>): Promise<void> {
    try {
      if (this.handle) await work(this.handle);
    } catch (error) {
      throw cannotWrite(this.name, error);
    }
  }
}

/** What is told where a file is there already, and nothing says what becomes of it. */
export const isThere = (name: string): StudioError =>
  new StudioError(
    'option-invalid',
    `${name} is there already. Give --resume to go on with it, --overwrite to write it anew, or name another file.`,
  );
