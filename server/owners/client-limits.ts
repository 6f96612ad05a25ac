import { StudioError } from '../../models/errors';

export type ClientLimitSettings = { runsPerMinute: number; uploadsPerMinute: number; running: number };

/** Wrong keys and links of one client. */
const guessesPerMinute = 20;

/** A bucket that holds a minute's worth and refills steadily. */
class Rate {
  readonly #buckets = new Map<string, { left: number; at: number }>();
  constructor(
    private readonly perMinute: number,
    private readonly now: () => number,
  ) {}

  /** Takes one. @returns 0, or the seconds to wait until there is one */
  take(client: string): number {
    const now = this.now();
    const bucket = this.#buckets.get(client) ?? { left: this.perMinute, at: now };
    bucket.left = Math.min(this.perMinute, bucket.left + ((now - bucket.at) * this.perMinute) / 60_000);
    bucket.at = now;
    this.#buckets.set(client, bucket);
    if (bucket.left < 1) return Math.ceil(((1 - bucket.left) * 60) / this.perMinute);
    bucket.left--;
    if (this.#buckets.size > 10_000) this.#forget(now);
    return 0;
  }

  giveBack(client: string): void {
    const bucket = this.#buckets.get(client);
    if (bucket) bucket.left = Math.min(this.perMinute, bucket.left + 1);
  }

  /** Clients whose bucket is full again need no memory. */
  #forget(now: number): void {
    for (const [client, { at }] of this.#buckets) if (now - at > 60_000) this.#buckets.delete(client);
  }
}

/**
 * What one client may ask of a studio that is open to others. No client (undefined): no limits, only the queue's own.
 */
export class ClientLimits {
  readonly #runs: Rate;
  readonly #uploads: Rate;
  readonly #guesses: Rate;
  readonly #running = new Map<string, number>();

  constructor(
    private readonly settings: ClientLimitSettings,
    now: () => number = Date.now,
  ) {
    this.#runs = new Rate(settings.runsPerMinute, now);
    this.#uploads = new Rate(settings.uploadsPerMinute, now);
    this.#guesses = new Rate(guessesPerMinute, now);
  }

  /** @throws busy */
  upload(client: string | undefined): void {
    const wait = client === undefined ? 0 : this.#uploads.take(client);
    if (wait)
      throw new StudioError(
        'busy',
        `One client may send ${this.settings.uploadsPerMinute} pictures or files a minute. Try again in ${wait} s.`,
        { details: { retryAfterSeconds: wait } },
      );
  }

  /** Tries an ownership key or the token of a link; wrong ones count, right ones do not. @throws busy, as the try */
  async guess<T>(client: string | undefined, attempt: () => Promise<T>): Promise<T> {
    if (client === undefined) return attempt();
    const wait = this.#guesses.take(client);
    if (wait)
      throw new StudioError(
        'busy',
        `Too many keys or links from here were wrong. Check the one that you have, and try again in ${wait} s.`,
        { details: { retryAfterSeconds: wait } },
      );
    const answer = await attempt();
    this.#guesses.giveBack(client);
    return answer;
  }

  /** @returns call it once when the run has ended @throws busy */
  enterRun(client: string | undefined): () => void {
    if (client === undefined) return () => {};
    const running = this.#running.get(client) ?? 0;
    if (running >= this.settings.running)
      throw new StudioError(
        'busy',
        `You have ${running} comparisons running or waiting, as many as one client may. Try again when one of them is done.`,
        { details: { retryAfterSeconds: 5 } },
      );
    const wait = this.#runs.take(client);
    if (wait)
      throw new StudioError(
        'busy',
        `One client may start ${this.settings.runsPerMinute} comparisons a minute. Try again in ${wait} s.`,
        { details: { retryAfterSeconds: wait } },
      );
    this.#running.set(client, running + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const now = this.#running.get(client)! - 1;
      if (now > 0) this.#running.set(client, now);
      else this.#running.delete(client);
    };
  }
}
