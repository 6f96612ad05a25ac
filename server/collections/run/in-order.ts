import { readPhotos, type PhotoRow, type ShardFiles } from './shard-files';
import type { NamedShard } from './types';

/** Takes the photos of a run one by one, in the order of its inputs. `index`: which of them. */
export type Give = (index: number, photo: PhotoRow) => Promise<void>;

/**
 * Hands photos on in the order of the run, whoever works its shards, and each once: those of the shard whose turn it is
 * as they come, those of the others when they are whole.
 */
export class InOrder {
  #shard = 0;
  #given = 0;

  constructor(
    private readonly shards: readonly NamedShard[],
    private readonly files: ShardFiles,
    private readonly give: Give,
  ) {}

  /** Photos of a shard, from its `first` on. Those whose turn it is not are left for later. */
  async take(position: number, first: number, photos: Iterable<PhotoRow> | AsyncIterable<PhotoRow>): Promise<void> {
    if (position !== this.#shard || first > this.#given) return;
    let at = first;
    for await (const photo of photos) if (at++ === this.#given) await this.#next(photo);
  }

  /** All that is whole and comes next. @returns whether that was the last */
  async catchUp(): Promise<boolean> {
    for (; this.#shard < this.shards.length; this.#shard++, this.#given = 0) {
      const { name } = this.shards[this.#shard]!;
      if (!this.files.isWhole(name)) return false;
      for await (const photo of readPhotos(this.files.whole(name), this.#given)) await this.#next(photo);
    }
    return true;
  }

  async #next(photo: PhotoRow): Promise<void> {
    await this.give(this.shards[this.#shard]!.first + this.#given, photo);
    this.#given++;
  }
}
