import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { StudioError } from '../errors';
import { Graph } from './graph';
import { Message } from './protobuf';

describe('Message', () => {
  it('writes varints, negative integers, floats, strings and nested messages as protobuf defines them', () => {
    const inner = new Message().integer(1, 300);
    const bytes = new Message().integer(3, -1n).float(2, 1.5).text(4, 'ä').message(16, inner).encode();
    expect([...bytes]).toEqual([
      0x18,
      0xff,
      0xff,
      0xff,
      0xff,
      0xff,
      0xff,
      0xff,
      0xff,
      0xff,
      0x01, // field 3, -1 in ten bytes
      0x15,
      0x00,
      0x00,
      0xc0,
      0x3f, // field 2, 1.5
      0x22,
      0x02,
      0xc3,
      0xa4, // field 4, two UTF-8 bytes
      0x82,
      0x01,
      0x03,
      0x08,
      0xac,
      0x02, // field 16, a message that says 300
    ]);
  });

  it('refers to large bytes until it is encoded, and copies them once', () => {
    const data = new Uint8Array(1000).fill(1);
    const message = new Message().bytes(9, data);
    data.fill(2);
    expect(message.byteLength).toBe(1003);
    expect(message.encode().at(-1)).toBe(2);
  });
});

describe('Graph', () => {
  it('gives a model that onnxruntime runs: constants of every type, attributes, optional inputs, several outputs', async () => {
    const graph = new Graph('sample');
    const x = graph.input('x', 'float32', ['rows', 4]);
    const shifted = graph.node('Add', [x, graph.constant('half', 'float32', [1], Float32Array.of(0.5))]);
    const clipped = graph.node('Clip', [shifted, '', graph.float(3)]);
    graph.nodeWithOutputs('Split', [clipped, graph.ints(1, 3)], ['first', 'rest'], { attributes: { axis: 1 } });
    graph.output('first', 'float32', ['rows', 1]);
    graph.output('rest', 'float32', ['rows', 3]);
    graph.output(
      'leaky',
      'float32',
      ['rows', 4],
      graph.node('LeakyRelu', [x], { attributes: { alpha: { float: 2 } } }),
    );
    const session = await ort.InferenceSession.create(graph.encode());
    expect(session.inputNames).toEqual(['x']);
    const result = await session.run({ x: new ort.Tensor('float32', Float32Array.of(-1, 0, 2, 9), [1, 4]) });
    expect([...(result.first!.data as Float32Array)]).toEqual([-0.5]);
    expect([...(result.rest!.data as Float32Array)]).toEqual([0.5, 2.5, 3]);
    expect([...(result.leaky!.data as Float32Array)]).toEqual([-2, 0, 2, 9]);
  });

  it('refuses a constant whose data does not fill its shape, and two values of one name', () => {
    const graph = new Graph('sample');
    expect(() => graph.constant('w', 'float32', [2, 3], new Float32Array(5))).toThrow(
      /w of graph sample has 5 values; its shape \[2, 3\] needs 6/,
    );
    graph.constant('v', 'float32', [1], new Float32Array(1));
    expect(() => graph.constant('v', 'float32', [1], new Float32Array(1))).toThrow(StudioError);
  });

  it('stores equal small constants once', () => {
    const graph = new Graph('sample');
    expect(graph.ints(0, 0, 64)).toBe(graph.ints(0, 0, 64));
    expect(graph.int(1)).not.toBe(graph.ints(1));
  });
});
