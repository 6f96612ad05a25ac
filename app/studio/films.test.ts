import { expect, it } from 'vitest';
import { newLane } from '../views/film';
import { filmsOf } from './films';

it('a lane that was asked for waits, one whose weights are on their way says what and how much, others are as they are', () => {
  const bench = ['a', 'b', 'c', 'd'].map((id) => ({ id, decoder: id, options: {} }));
  const download = { file: 'b.onnx', received: 1, bytes: 2, allReceived: 3e6, allBytes: 9e6, resumed: false };
  const films = filmsOf(
    bench,
    { lanes: bench.slice(0, 3).map((lane) => ({ ...newLane(lane), caption: 'said before' })), running: true, download },
    { asked: ['a'], position: undefined, deviceOf: (id) => (id === 'b' ? 'wasm' : 'server') },
  );
  expect(films).toMatchObject([
    { id: 'a', status: 'waiting', caption: '' },
    { id: 'b', status: 'loading', loading: { what: 'b.onnx', done: 3e6, total: 9e6, bytes: true } },
    { id: 'c', status: 'waiting', caption: 'said before' },
  ]);
  expect(films).toHaveLength(3);
});
