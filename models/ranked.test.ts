import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compare } from './compare';
import type { LaneResult } from './events';
import { NodeRuntime } from './runtime/node';
import { Scheduler } from './runtime/scheduler';
import type { RgbImage } from './spaces/image';
import { Family } from './weights/family';

const picture: RgbImage = {
  width: 80,
  height: 60,
  data: Uint8Array.from({ length: 80 * 60 * 3 }, (_, i) => (i * (1 + (i >> 9))) % 253),
};

describe.each(['clipcap', 'capdec', 'decap', 'coca'])(
  '%s, its finished captions ranked by the joint embedding',
  (decoder) => {
    const runtime = new NodeRuntime({ device: { name: 'cpu' }, threads: 1 });
    const scheduler = new Scheduler();
    let family: Family;
    beforeAll(async () => {
      const folder = new URL('./pocket/', import.meta.url);
      family = await Family.open({
        files: { read: async (path) => new Uint8Array(await readFile(new URL(path, folder))) },
        runtime,
        precision: 'fp32',
      });
    });
    afterAll(() => runtime.close());

    async function result(options: Record<string, unknown>): Promise<LaneResult> {
      for await (const event of compare(
        { family: 'pocket', input: { kind: 'image', image: picture }, lanes: [{ id: 'a', decoder, options }] },
        { openFamily: async () => family, scheduler },
      )) {
        if (event.type === 'lane-failed') throw new Error(event.error.message);
        if (event.type === 'lane-finished') return event.result;
      }
      throw new Error('no result');
    }

    it('keeps the captions of the search and adds weight × cosine to each score', async () => {
      const [plain, ranked] = [
        await result({ search: 'beam', jointRerank: 0 }),
        await result({ search: 'beam', jointRerank: 30 }),
      ];
      expect(plain.optimised).toBe(false);
      expect(ranked.optimised).toBe(true);
      const scores = new Map(plain.nBest.map(({ caption, score, similarity }) => [caption, score + 30 * similarity]));
      expect(new Set(ranked.nBest.map(({ caption }) => caption))).toEqual(new Set(scores.keys()));
      for (const { caption, score } of ranked.nBest) expect(score).toBeCloseTo(scores.get(caption)!, 3);
      expect(ranked.nBest.map(({ score }) => score)).toEqual(
        ranked.nBest.map(({ score }) => score).sort((a, b) => b - a),
      );
      expect(ranked.caption).toBe(ranked.nBest[0]!.caption);
      // So great a weight lets the cosine decide.
      expect(ranked.similarity).toBeGreaterThanOrEqual(
        Math.max(...plain.nBest.map(({ similarity }) => similarity)) - 0.05,
      );
    });

    it('has no say where the joint embedding guided the search already', async () => {
      const [plain, ranked] = [
        await result({ search: 'guided-beam', jointRerank: 0 }),
        await result({ search: 'guided-beam', jointRerank: 30 }),
      ];
      expect(ranked.nBest).toEqual(plain.nBest);
      expect(ranked.optimised).toBe(true);
    });
  },
);
