import { StudioError } from './errors';

/** What can be stopped of a comparison: all of it, or one lane. */
export class Stops {
  readonly #whole = new AbortController();
  readonly #lanes = new Map<string, AbortController>();

  get signal(): AbortSignal {
    return this.#whole.signal;
  }

  laneSignal(lane: string): AbortSignal {
    return this.#of(lane).signal;
  }

  /** Stops one lane, or without one the whole. */
  stop(lane?: string, reason: StudioError = new StudioError('cancelled', 'Cancelled.')): void {
    (lane === undefined ? this.#whole : this.#of(lane)).abort(reason);
  }

  #of(lane: string): AbortController {
    let controller = this.#lanes.get(lane);
    if (!controller) this.#lanes.set(lane, (controller = new AbortController()));
    return controller;
  }
}
