import type { Database } from '../../db/open';

/** What a person says of one photo: a caption of their own, and stars by lane for the caption that it had then. */
export type PhotoMarks = {
  own?: { caption: string; at: Date };
  stars: Map<string, { stars: number; caption: string }>;
};
/** By key. `stamp`: another text where something was changed. */
export type RunMarks = { stamp: string; of: ReadonlyMap<string, PhotoMarks> };

/** What people say of the photos of runs. No run writes here, so nothing of it is ever written over by one. */
export class Marks {
  readonly #known = new Map<string, RunMarks>();

  constructor(private readonly db: Database) {}

  /** Undefined where nobody said anything. */
  async of(runId: string): Promise<RunMarks | undefined> {
    const { _count, _max } = await this.db.collectionMark.aggregate({
      where: { runId },
      _count: true,
      _max: { at: true },
    });
    if (!_count) return undefined;
    const stamp = `${_count} ${_max.at?.getTime()}`;
    const known = this.#known.get(runId);
    if (known?.stamp === stamp) return known;
    const of = new Map<string, PhotoMarks>();
    for (const { key, lane, stars, caption, at } of await this.db.collectionMark.findMany({ where: { runId } })) {
      const photo: PhotoMarks = of.get(key) ?? { stars: new Map() };
      of.set(key, photo);
      if (!lane) photo.own = { caption, at };
      else if (stars !== null) photo.stars.set(lane, { stars, caption });
    }
    const read = { stamp, of };
    this.#known.set(runId, read);
    return read;
  }

  /**
   * @param said stars with the caption that they are of; the person's own caption where `lane` is empty; null takes it
   *   away
   */
  async set(
    runId: string,
    { key, lane }: { key: string; lane: string },
    said: { stars?: number; caption: string } | null,
  ): Promise<void> {
    const where = { runId_key_lane: { runId, key, lane } };
    // Two changes in one millisecond would have one stamp.
    const last = (await this.db.collectionMark.aggregate({ where: { runId }, _max: { at: true } }))._max.at;
    const at = new Date(Math.max(Date.now(), (last?.getTime() ?? 0) + 1));
    if (said === null) await this.db.collectionMark.deleteMany({ where: { runId, key, lane } });
    else {
      const data = { stars: said.stars ?? null, caption: said.caption, at };
      await this.db.collectionMark.upsert({ where, create: { runId, key, lane, ...data }, update: data });
    }
    this.#known.delete(runId);
  }

  /** What was said of photos of one run is said of those of the same name in another, but where that has its own. */
  async carry(from: string, to: string): Promise<void> {
    if (from === to) return;
    const [said, there] = await Promise.all(
      [from, to].map((runId) => this.db.collectionMark.findMany({ where: { runId } })),
    );
    const has = new Set(there!.map(({ key, lane }) => JSON.stringify([key, lane])));
    const fresh = said!.filter(({ key, lane }) => !has.has(JSON.stringify([key, lane])));
    for (let at = 0; at < fresh.length; at += 500)
      await this.db.collectionMark.createMany({
        data: fresh.slice(at, at + 500).map((mark) => ({ ...mark, runId: to })),
      });
    this.#known.delete(to);
  }
}
