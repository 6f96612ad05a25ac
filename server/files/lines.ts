import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Streams, pathOf, say } from './streams';
import { appendWhole } from './append-whole';
import { cannotOpen, cannotWrite } from './faults';

/** A file of records, a line of JSON each, appended as they come: after a kill at any moment its lines are whole. */
export class LinesFile {
  private constructor(
    private readonly io: Pick<Streams, 'stdout'>,
    private readonly name: string,
    private readonly handle: FileHandle | undefined,
  ) {}

  /** Opens it, empty, before the work begins; `-` is standard output. @throws option-invalid */
  static async open(io: Pick<Streams, 'cwd' | 'stdout'>, name: string): Promise<LinesFile> {
    if (name === '-') return new LinesFile(io, name, undefined);
    try {
      return new LinesFile(io, name, await open(pathOf(io, name), 'w'));
    } catch (error) {
      throw cannotOpen(name, dirname(name), error);
    }
  }

  /** @throws storage-full, file-unreadable: then the lines before are whole */
  async append(record: unknown): Promise<void> {
    const line = JSON.stringify(record);
    if (!this.handle) return say(this.io, line);
    try {
      await appendWhole(this.handle.fd, Buffer.from(`${line}\n`));
    } catch (error) {
      throw cannotWrite(this.name, error);
    }
  }

  async close(): Promise<void> {
    try {
      await this.handle?.close();
    } catch (error) {
      throw cannotWrite(this.name, error);
    }
  }
}
