import { StudioError } from '../../../models/errors';
import type { RgbImage } from '../../../models/spaces/image';
import type { Manifest } from '../../../models/manifest';
import type { EngineHost, EngineOptions } from '../../engine/host';
import { decodeImage } from '../../media/decode-image';
import { openMatrix, type OpenMatrix } from '../../vectors/open-matrix';
import { VectorIndex } from '../../vectors/vector-index';
import { readFamily } from '../../weights/read-family';
import type { Io } from '../io';
import { readPhoto } from '../photo';

/** A picture as an agent names it. */
export type Picture = { path?: string | undefined; base64?: string | undefined };

/** What the tools share from call to call: the engine and the vectors that were searched last, opened when needed. */
export class Workshop {
  #engine: Promise<EngineHost> | undefined;
  #searched: { file: string; open: OpenMatrix; index: VectorIndex } | undefined;
  /** Searches go one after the other: they share the vectors that are open. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    readonly io: Io,
    private readonly settings: EngineOptions,
    private readonly family: string,
  ) {}

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
    return (await decodeImage(Buffer.from(base64!.replace(/^data:[^,]*,/i, ''), 'base64'))).image;
  }

  /** Does something with the vectors of a file, which stay open until another file is searched. */
  searching<T>(file: string, work: (open: OpenMatrix, index: VectorIndex) => Promise<T>): Promise<T> {
    const turn = this.#turn.then(async () => {
      if (this.#searched?.file !== file) {
        await this.#closeVectors();
        const open = await openMatrix(this.io, file);
        const index = await VectorIndex.open(open).catch((error: unknown) => {
          open.close();
          throw error;
        });
        this.#searched = { file, open, index };
      }
      return work(this.#searched.open, this.#searched.index);
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #closeVectors(): Promise<void> {
    const searched = this.#searched;
    this.#searched = undefined;
    searched?.open.close();
    await searched?.index.close();
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#closeVectors();
    await (await this.#engine?.catch(() => undefined))?.close();
  }
}
