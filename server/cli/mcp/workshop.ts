import { StudioError } from '../../../models/errors';
import type { RgbImage } from '../../../models/spaces/image';
import type { Manifest } from '../../../models/manifest';
import type { EngineHost, EngineOptions } from '../../engine/host';
import { decodeImage } from '../../media/decode-image';
import { fromBase64 } from '../../media/from-base64';
import { LastSearched } from '../../vectors/last-searched';
import { readFamily } from '../../weights/read-family';
import type { Io } from '../io';
import { readPhoto } from '../photo';

/** A picture as an agent names it. */
export type Picture = { path?: string | undefined; base64?: string | undefined };

/** What the tools share from call to call: the engine and the vectors that were searched last, opened when needed. */
export class Workshop {
  #engine: Promise<EngineHost> | undefined;
  readonly vectors: LastSearched;

  constructor(
    readonly io: Io,
    private readonly settings: EngineOptions,
    private readonly family: string,
  ) {
    this.vectors = new LastSearched(io);
  }

  /** The family that a call names, or the one that the command was started with. */
  familyOf = (named: string | undefined): string => named ?? this.family;

  manifest = async (family: string): Promise<Manifest> => (await readFamily(family, this.settings)).manifest;

  engine(): Promise<EngineHost> {
    if (!this.#engine) {
      const opened = this.io.openEngine(this.settings);
      opened.catch(() => (this.#engine = undefined));
      this.#engine = opened;
    }
    return this.#engine;
  }

  /** @throws option-invalid, file-unreadable, image-unreadable */
  async picture({ path, base64 }: Picture): Promise<RgbImage> {
    if ((path === undefined) === (base64 === undefined))
      throw new StudioError('option-invalid', 'Expected one picture: either path or base64.');
    if (path !== undefined) {
      // Standard input is the protocol's.
      if (path === '-') throw new StudioError('option-invalid', 'A picture cannot come by standard input here.');
      return readPhoto(this.io, path);
    }
    return (await decodeImage(fromBase64(base64!))).image;
  }

  async close(): Promise<void> {
    await this.vectors.close();
    await (await this.#engine?.catch(() => undefined))?.close();
  }
}
