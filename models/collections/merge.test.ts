import { expect, it } from 'vitest';
import { NodeRuntime } from '../runtime/node';
import type { Session } from '../runtime/types';
import { likeness, merge, type Run } from './merge';
import { SharedRows, Whole, wholeOf } from './shared-rows';

it("puts runs of CoCa's decoder together as GPUs have it, where the shape of photos and rows is an input", async () => {
  const runtime = new NodeRuntime({ device: { name: 'cpu' }, threads: 1 });
  const session = {
    inputs: ['input_ids', 'beam_index', 'cross_key.0', 'photo_rows'],
    outputs: [],
  } as unknown as Session;
  const long = (values: number[], dims = [values.length]) =>
    runtime.tensor('int64', BigInt64Array.from(values, BigInt), dims);
  /** Of a photo with so many rows. */
  const run = (rows: number, photo: number): Run => ({
    session,
    feeds: {
      input_ids: long(Array<number>(rows).fill(photo), [rows, 1]),
      beam_index: long(Array<number>(rows).fill(0)),
      'cross_key.0': runtime.tensor('float32', Float32Array.of(photo, photo), [1, 1, 1, 2]),
      photo_rows: long([1, -1, 2]),
    },
  });
  const runs = [run(2, 7), run(1, 8), run(2, 9)];
  const kinds = await Promise.all(runs.map(likeness));
  expect(kinds[0]).toBeDefined();
  expect(new Set(kinds).size).toBe(1);
  const { feeds, dispose } = await merge(runs, runtime);
  const read = async (name: string) => Array.from((await feeds[name]!.read()) as ArrayLike<unknown>, Number);
  expect(await read('photo_rows')).toEqual([3, -1, 2]);
  expect(feeds['cross_key.0']!.dims).toEqual([3, 1, 1, 2]);
  // As many rows of each photo.
  expect(await read('input_ids')).toEqual([7, 7, 8, 8, 9, 9]);
  dispose();
  for (const { feeds: own } of runs) for (const tensor of Object.values(own)) tensor.dispose();
  expect(runtime.liveTensors()).toBe(0);
  await runtime.close();
});

it('lets a run write over a cache only where all who hold it are in the run and read it no more', () => {
  let given = 0;
  const tensor = {
    type: 'float32' as const,
    dims: [3, 1, 1, 1],
    read: async () => Float32Array.of(1, 2, 3),
    spend: () => void given++,
    dispose: () => undefined,
  };
  const whole = new Whole(tensor, 3);
  const [a, b, c] = [0, 1, 2].map((row) => new SharedRows(whole, row, 1)) as [SharedRows, SharedRows, SharedRows];
  a.spend();
  b.spend();
  // The third waits for something else, and one that has spent its rows too is of another run.
  whole.give([a, b]);
  whole.give([a]);
  expect(wholeOf([a, b, c])).toBe(tensor);
  expect(given).toBe(0);
  c.dispose();
  whole.give([a]);
  expect(given).toBe(0);
  whole.give([a, b]);
  expect(given).toBe(1);
});
