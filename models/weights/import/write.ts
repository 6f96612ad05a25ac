import { StudioError, throwIfAborted } from '../../errors';
import type { ManifestFile } from '../../manifest';
import type { FamilyWriter, ImportSink, OutTensor } from './types';

/** Bytes that go out at once. */
const piece = 8 * 1024 * 1024;

/** Writes a family's files one tensor at a time, so that memory holds one tensor and not one checkpoint. */
export class SinkWriter implements FamilyWriter {
  readonly files: Record<string, ManifestFile> = {};
  #done = 0;

  constructor(
    private readonly sink: ImportSink,
    private readonly progress: (bytes: number) => void,
    private readonly signal?: AbortSignal,
  ) {}

  async bytes(key: string, path: string, content: Uint8Array): Promise<void> {
    await this.#write(key, path, [() => content]);
  }

  /** A safetensors file, tensors aligned to 8 bytes. */
  async tensors(key: string, path: string, tensors: readonly OutTensor[]): Promise<void> {
    const header: Record<string, unknown> = {};
    let offset = 0;
    for (const { name, type, dims, byteLength } of tensors) {
      if (Object.hasOwn(header, name)) throw new StudioError('internal', `Tensor ${name} would be written twice.`);
      header[name] = { dtype: type, shape: dims, data_offsets: [offset, offset + byteLength] };
      offset += byteLength;
    }
    const json = new TextEncoder().encode(JSON.stringify(header));
    const padded = Math.ceil(json.length / 8) * 8;
    const head = new Uint8Array(8 + padded).fill(0x20);
    new DataView(head.buffer).setBigUint64(0, BigInt(padded), true);
    head.set(json, 8);
    await this.#write(key, path, [
      () => head,
      ...tensors.map((tensor) => () => {
        const bytes = tensor.bytes();
        if (bytes.byteLength !== tensor.byteLength)
          throw new StudioError(
            'internal',
            `Tensor ${tensor.name} has ${bytes.byteLength} bytes; ${tensor.byteLength} were announced.`,
          );
        return bytes;
      }),
    ]);
  }

  async #write(key: string, path: string, parts: readonly (() => Uint8Array)[]): Promise<void> {
    const file = await this.sink.create(path);
    for (const part of parts) {
      const bytes = part();
      for (let at = 0; at < bytes.byteLength; at += piece) {
        throwIfAborted(this.signal);
        const chunk = bytes.subarray(at, at + piece);
        await file.write(chunk);
        this.#done += chunk.byteLength;
        this.progress(this.#done);
      }
    }
    this.files[key] = { path, ...(await file.close()) };
  }
}
