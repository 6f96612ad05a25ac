import { joinSaid } from '@/kept/person-captions';
import type { Rating } from '@/kept/ratings';
import type { Address } from './address';
import type { BrowserComparison } from './browser-comparison';
import type { Begun, Comparison, Needs, RunWish } from './comparison';
import { inOrder } from './local-view';
import { Notifier } from './notifier';
import { PersonSays, type Saying } from './person-says';
import type { SaveChoice } from './save-local';
import type { ServerComparison } from './server-comparison';
import { joinParts, type Snapshot } from './snapshot';

type Seen = { browser: Snapshot; server: Snapshot; joined: Snapshot };

/**
 * A comparison some of whose lanes ran on the server and some in this browser: made of the two, each of which keeps its
 * own lanes. The browser's names it, and knows the server's.
 */
export class MixedComparison extends PersonSays implements Comparison {
  readonly #notifier = new Notifier();
  readonly #leave: (() => void)[];
  #seen: Seen | undefined;

  constructor(
    private readonly server: ServerComparison,
    private readonly browser: BrowserComparison,
    private readonly needs: Needs,
  ) {
    super();
    this.#leave = [server, browser].map((half) => half.subscribe(this.#notifier.soon));
  }

  get address(): Address {
    return this.browser.address;
  }
  readonly subscribe = this.#notifier.subscribe;

  readonly snapshot = (): Snapshot => {
    const [browser, server] = [this.browser.snapshot(), this.server.snapshot()];
    if (this.#seen?.browser !== browser || this.#seen.server !== server)
      this.#seen = { browser, server, joined: this.#join(browser, server) };
    return this.#seen.joined;
  };

  extend(wish: RunWish): Promise<Begun> {
    return this.needs.run(this, wish);
  }
  async cancel(lane?: string): Promise<void> {
    await Promise.all([this.browser.cancel(lane), this.server.cancel(lane)]);
  }
  async whenEnded(): Promise<void> {
    await Promise.all([this.browser.whenEnded(), this.server.whenEnded()]);
  }

  /** Kept with the caption that it is of. */
  rate(lane: string, rating: Rating | undefined): Promise<void> {
    return this.#half(lane).rate(lane, rating);
  }
  async setReferences(lines: readonly string[], before: readonly string[]): Promise<void> {
    await Promise.all([this.browser.setReferences(lines, before), this.server.setReferences(lines, before)]);
  }
  async rename(title: string): Promise<void> {
    await Promise.all([this.browser.rename(title), this.server.rename(title)]);
  }

  /** It is of the photo, so both have it, as title and references. */
  async say(caption: Saying): Promise<void> {
    await Promise.all([this.browser.say(caption), this.server.say(caption)]);
  }
  async takeBack(id: string): Promise<void> {
    await Promise.all([this.browser.takeBack(id), this.server.takeBack(id)]);
  }

  save(choice: SaveChoice): Promise<Address> {
    return this.browser.save(choice);
  }
  async lookAgain(): Promise<void> {
    await Promise.all([this.browser.lookAgain(), this.server.lookAgain()]);
  }
  close(): void {
    for (const leave of this.#leave) leave();
  }

  /** Where a lane ran last. */
  #half(lane: string): ServerComparison | BrowserComparison {
    const has = (half: Comparison) => half.snapshot().parts.some(({ lanes }) => lanes.some(({ id }) => id === lane));
    if (!has(this.server)) return this.browser;
    return has(this.browser) && !this.browser.lastThere.includes(lane) ? this.browser : this.server;
  }

  #join(browser: Snapshot, server: Snapshot): Snapshot {
    const { lastThere } = this.browser;
    const { lanes, ...joined } = joinParts(
      [...server.parts, ...browser.parts],
      (lane, part) => server.parts.includes(part) || !lastThere.includes(lane),
    );
    const problem = server.problem ?? browser.problem;
    const embedding = server.embedding ?? browser.embedding;
    return {
      ...browser,
      ...joined,
      known: browser.known && (server.known || server.absence !== undefined),
      lanes: inOrder(lanes, this.browser.order),
      ...(problem ? { problem } : {}),
      ...(embedding ? { embedding } : {}),
      title: browser.title || server.title,
      references: browser.references.length ? browser.references : server.references,
      said: joinSaid(browser.said, server.said),
      ratings: Object.fromEntries(
        lanes.flatMap(({ id }) => {
          const rating = this.#half(id).snapshot().ratings[id];
          return rating ? [[id, rating]] : [];
        }),
      ),
    };
  }
}
