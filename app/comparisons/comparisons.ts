import { browserEngine } from '../engine/client';
import type { StudioClient } from '../client/client';
import type { Address } from './address';
import { BrowserComparison } from './browser-comparison';
import type { Begun, Comparison, LaneWish, Needs, RunWish } from './comparison';
import type { LocalRun } from './local-comparisons';
import { MixedComparison } from './mixed-comparison';
import { ServerComparison } from './server-comparison';
import { localInput, sourceName } from './source';

const webDevices = ['webgpu', 'wasm'] as const;
const forHere = ({ id, decoder, options }: LaneWish) => ({ id, decoder, options });

/** The comparisons that a page shows or follows, any number at once: each is one object, however often it is opened. */
export class Comparisons {
  readonly #server = new Map<string, ServerComparison>();
  readonly #browser = new Map<string, BrowserComparison>();
  readonly #mixed = new Map<string, MixedComparison>();

  readonly #needs: Needs;

  constructor(client: StudioClient) {
    this.#needs = { client, run: (into, wish) => this.#run(into, wish) };
  }

  /** Begins a comparison of an input. @throws Error, in words for the person */
  start(wish: RunWish): Promise<Begun> {
    return this.#run(undefined, wish);
  }

  /** The comparison of an address, which is read and followed while it runs; one that is not there says so itself. */
  async open({ where, id }: Address): Promise<Comparison> {
    if (where === 'server') return this.#serverAt(id);
    let browser = this.#browser.get(id);
    if (!browser) {
      browser = new BrowserComparison(id, this.#needs);
      this.#browser.set(id, browser);
      await browser.load();
    }
    return this.#joined(browser);
  }

  /**
   * Lets go of all but these and what still runs: what is kept of them can be opened again, and a page that describes
   * hundreds of photos does not hold the steps of all.
   */
  keepOnly(kept: readonly Comparison[]): void {
    const ids = new Set(kept.map(({ address }) => address.id));
    for (const [id, browser] of this.#browser) {
      if (browser.half !== undefined && ids.has(id)) ids.add(browser.half);
    }
    const drop = (all: Map<string, Comparison>) => {
      for (const [id, each] of all) {
        const { known, running } = each.snapshot();
        if (ids.has(id) || running || !known) continue;
        each.close();
        all.delete(id);
      }
    };
    drop(this.#mixed);
    // A half goes with its whole.
    for (const mixed of this.#mixed.values()) {
      const { id } = mixed.address;
      ids.add(id).add(this.#browser.get(id)?.half ?? id);
    }
    drop(this.#browser);
    drop(this.#server);
  }

  /** Ends following all of them; what runs in this browser is stopped. */
  close(): void {
    for (const each of [...this.#mixed.values(), ...this.#server.values(), ...this.#browser.values()]) each.close();
    for (const kept of [this.#mixed, this.#server, this.#browser]) kept.clear();
  }

  #serverAt(id: string): ServerComparison {
    let server = this.#server.get(id);
    if (!server) {
      server = new ServerComparison(id, this.#needs);
      this.#server.set(id, server);
      void server.load();
    }
    return server;
  }

  /** A comparison of this browser with its half on the server, where it has one. */
  #joined(browser: BrowserComparison): Comparison {
    const { id } = browser.address;
    if (browser.half === undefined) return browser;
    let mixed = this.#mixed.get(id);
    if (!mixed) {
      mixed = new MixedComparison(this.#serverAt(browser.half), browser, this.#needs);
      this.#mixed.set(id, mixed);
    }
    return mixed;
  }

  /** Runs lanes where each belongs, in what there is of their comparison: it gets another half where it needs one. */
  async #run(into: Comparison | undefined, { source, family, lanes, sampleUrl }: RunWish): Promise<Begun> {
    let browser = into?.address.where === 'browser' ? this.#browser.get(into.address.id) : undefined;
    const half = into?.address.where === 'server' ? into.address.id : browser?.half;
    let server = half === undefined ? undefined : this.#serverAt(half);
    const here = webDevices
      .map((device) => ({ device, lanes: lanes.filter(({ place }) => place === device).map(forHere) }))
      .filter((group) => group.lanes.length);
    const there = lanes.filter(({ place }) => place === 'server');
    for (const group of here)
      void browserEngine(group.device).prepare({ family: family.name, precision: 'fp32', lanes: group.lanes });
    // Lanes of this browser first make sure that the picture can be read, before anything is started anywhere.
    const own = here.length ? await localInput(source, here[0]!.device, sampleUrl, family.space) : undefined;
    const ended: Promise<void>[] = [];
    if (there.length) {
      if (server) await server.more(there);
      else {
        server = await ServerComparison.create(this.#needs, source, family.name, there);
        this.#server.set(server.address.id, server);
        void server.load();
      }
      // What runs there now is what these lanes say, wherever they ran before.
      await browser?.ranThere(
        server.address.id,
        there.map(({ id }) => id),
      );
      ended.push(server.whenEnded());
    }
    if (own) {
      const runs = here.map((group): LocalRun => ({ ...group, items: [] }));
      if (browser) ended.push((await browser.more(runs, own.input)).ended);
      else {
        browser = new BrowserComparison(crypto.randomUUID(), this.#needs);
        this.#browser.set(browser.address.id, browser);
        const { kind: _kind, ...embedding } = source.kind === 'embedding' ? source : { kind: '', name: '', values: [] };
        const before = server?.snapshot();
        const record = {
          id: browser.address.id,
          createdAt: Date.now(),
          family: family.name,
          precision: 'fp32' as const,
          runs,
          order: [...new Set([...(before?.lanes ?? []), ...lanes].map(({ id }) => id))],
          ...(own.photo ? { photo: { ...own.photo, name: sourceName(source) } } : { embedding }),
          ...(server ? { serverId: server.address.id } : {}),
          // What people said of the input is of all its lanes.
          ...(before?.references.length ? { references: [...before.references] } : {}),
          ...(before?.said.length ? { said: [...before.said] } : {}),
        };
        ended.push((await browser.begin(record, own.input)).ended);
      }
    }
    return {
      comparison: browser ? this.#joined(browser) : server!,
      ended: Promise.all(ended).then(() => undefined),
    };
  }
}
