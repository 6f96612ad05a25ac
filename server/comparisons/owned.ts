import type { ComparisonView, StreamItem } from '../../kept/comparison';
import type { CreateComparison, ExtendComparison, SaveComparison } from '../../kept/requests';
import type { CreatedComparison } from '../../kept/answers';
import { StudioError } from '../../models/errors';
import type { ClientLimits } from '../owners/client-limits';
import type { ComparisonService } from './service';
import { notFound, type ComparisonStore } from './store';

type Parts = {
  service: ComparisonService;
  store: ComparisonStore;
  /** @throws storage-full */
  demandRoom: (owner: string) => Promise<void>;
  /** @returns how many */
  purge: (owner: string, ids?: readonly string[]) => Promise<number>;
  forget: (comparison: { id: string; ownerId: string; picture: boolean }) => Promise<void>;
  limits: ClientLimits;
};

/**
 * The comparisons as one owner may use them: what belongs to somebody else is not there. Routes and procedures go
 * through this and
 * never to the service itself. `client`: whom limits are counted for; undefined where there are none.
 */
export class OwnedComparisons {
  constructor(
    private readonly parts: Parts,
    private readonly owner: string,
    private readonly client: string | undefined,
  ) {}

  /** @throws busy (also: too many of this client), storage-full, and as ComparisonService.create */
  async create(request: CreateComparison, { replayOf }: { replayOf?: string } = {}): Promise<CreatedComparison> {
    const { service, limits } = this.parts;
    const leave = limits.enterRun(this.client);
    try {
      await this.parts.demandRoom(this.owner);
      const created = await service.create(request, { ownerId: this.owner, replayOf });
      void service.ended(created.id).finally(leave);
      return created;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Texts are embedded as often as pictures are taken in. @throws busy */
  countText(): void {
    this.parts.limits.upload(this.client);
  }

  /** @throws storage-full, not-found */
  async save(saved: SaveComparison): Promise<{ id: string }> {
    this.parts.limits.upload(this.client);
    await this.parts.demandRoom(this.owner);
    return this.parts.service.save(saved, this.owner);
  }

  /** @throws not-found */
  async *follow(id: string, after: number, signal?: AbortSignal): AsyncGenerator<[number, StreamItem]> {
    await this.#demand(id);
    yield* this.parts.service.follow(id, after, signal);
  }

  /** @throws not-found */
  async get(id: string): Promise<ComparisonView> {
    await this.#demand(id);
    return this.parts.service.get(id);
  }

  /** @throws busy, storage-full, not-found, and as ComparisonService.extend */
  async extend(request: ExtendComparison): Promise<CreatedComparison> {
    const { service, limits } = this.parts;
    await this.#demand(request.id);
    const leave = limits.enterRun(this.client);
    try {
      await this.parts.demandRoom(this.owner);
      const extended = await service.extend(request, this.owner);
      void service.ended(request.id).finally(leave);
      return extended;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** @throws not-found */
  async cancel(id: string, lane?: string): Promise<ComparisonView> {
    await this.#demand(id);
    return this.parts.service.cancel(id, lane);
  }

  /**
   * Deletes for good what was deleted: these, or without ids all of the owner's; what still runs ends first.
   * @returns how many
   */
  purge(ids?: readonly string[]): Promise<number> {
    return this.parts.purge(this.owner, ids);
  }

  /**
   * Ends and deletes a comparison that nobody was to keep. `picture`: and its picture, where nothing else shows it.
   */
  forget(id: string, { picture }: { picture: boolean }): Promise<void> {
    return this.parts.forget({ id, ownerId: this.owner, picture });
  }

  /** What is not there and what is somebody else's look the same; to its owner, what was deleted is told as such. */
  async #demand(id: string): Promise<void> {
    const owner = await this.parts.store.owner(id);
    if (owner?.id !== this.owner) throw notFound(id);
    if (owner.deleted)
      throw new StudioError(
        'not-found',
        'You deleted this comparison. For a week from then it can be brought back, in the history under Deleted.',
        { details: { deleted: true } },
      );
  }
}
