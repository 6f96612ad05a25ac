import { describe, expect, it } from 'vitest';
import { bytesSource } from './byte-source';
import { readCheckpoint, readCheckpointFile } from './checkpoint';
import { readOffset } from '../weights/import/offset';
import { readPytorch } from './pytorch';
import { checkpointOf, golden, goldenTensors, zipOf } from './test-archives';

const refused = (bytes: Uint8Array, message: RegExp) => {
  const read = () => readPytorch(bytes, 'evil.pt');
  expect(read).toThrow(expect.objectContaining({ code: 'weights-invalid' }));
  expect(read).toThrow(message);
};

describe('PyTorch checkpoints', () => {
  it.each(['zip', 'nested', 'state-dict', 'legacy', 'pickled', 'pickled-protocol-2', 'torchscript'] as const)(
    'reads %s as PyTorch does: every type, view and stride',
    (name) => {
      const checkpoint = readPytorch(golden(name), name);
      const { tensors } = goldenTensors[name]!;
      expect([...checkpoint.names()].sort()).toEqual(Object.keys(tensors).sort());
      for (const [key, { dims, values }] of Object.entries(tensors)) {
        const tensor = checkpoint.get(key);
        expect(tensor.dims, key).toEqual(dims);
        expect(checkpoint.info(key).dims, key).toEqual(dims);
        Array.from(tensor.values, (value, i) => expect(value, key).toBeCloseTo(values[i]!, 5));
      }
    },
  );

  it('gives the stored bytes as they are', () => {
    const { type, bytes } = readPytorch(golden('zip'), 'x').raw('fp16');
    expect(type).toBe('F16');
    expect(bytes.byteLength).toBe(12);
  });

  it("reads CapDec's centres: the offset of training, or the negative of that of inference", () => {
    const [training] = Object.values(goldenTensors.pickled!.tensors);
    const offset = readOffset({ name: 'CLIP_embeddings_centers_info.pkl', source: bytesSource(golden('pickled')) }, 4);
    Array.from(offset, (v, i) => expect(v).toBeCloseTo(training!.values[i]!, 5));
    expect(() => readOffset({ name: 'offset.pkl', source: bytesSource(golden('pickled')) }, 640)).toThrow(
      /4 values; the weights read 640/,
    );
  });

  it('refuses a whole module: it names a class, and nothing is looked up or run', () =>
    refused(golden('module'), /refers to torch\.nn\.modules.*Save the state_dict alone/));

  it.each([
    ['a foreign global that is called', ['cos\nsystem\n', '(X', 4, 0, 0, 0, 'true', 'tR.'], /refers to os\.system/],
    ['eval', ['cbuiltins\neval\n', '(X', 1, 0, 0, 0, '1', 'tR.'], /refers to builtins\.eval/],
    ['a global that hides among the allowed', ['ctorch._utils\n_rebuild_tensor_v3\n', '(tR.'], /_rebuild_tensor_v3/],
    ['an unknown opcode', [0x80, 2, 0xfe, '.'], /unknown opcode 0xfe at byte 2/],
    ['INST, which old pickles call classes by', ['(ios\nsystem\n.'], /unknown opcode 0x69/],
    ['extension codes', [0x82, 1, '.'], /unknown opcode 0x82/],
    ['a pickle that does not end', ['}'], /ends in the middle/],
    ['an empty stack', ['0.'], /empty stack/],
    ['a text longer than the file', ['X', 255, 255, 255, 127, '.'], /a text of/],
    ['a text of an absurd length', [0x8d, 255, 255, 255, 255, 255, 255, 255, 127, '.'], /absurd length/],
    ['a long of an absurd length', [0x8b, 255, 255, 255, 127, '.'], /absurdly long integer/],
    ['a memo entry that was never stored', ['h', 7, '.'], /recalls entry 7/],
    ['a list that contains itself', [']', 'q', 0, 'h', 0, 'a.'], /contains itself/],
    ['no tensor', ['}.'], /holds no tensor/],
    ['a persistent id that is no storage', ['X', 1, 0, 0, 0, 'x', 'Q.'], /no storage/],
    ['a later protocol', [0x80, 9, '.'], /unknown protocol/],
  ])('refuses %s', (_, pickle, message) => refused(checkpointOf(pickle), message));

  it('refuses lists that share lists without end (a billion laughs), at once', () => {
    // l0 = []; each next list holds the former ten times.
    const pickle: (string | number)[] = [']q', 0];
    for (let level = 1; level <= 30; level++) {
      pickle.push('](');
      for (let n = 0; n < 10; n++) pickle.push('h', level - 1);
      pickle.push('eq', level);
    }
    const start = performance.now();
    refused(checkpointOf([...pickle, '.']), /more than 1000000 values/);
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  it('refuses deep nesting', () =>
    refused(
      checkpointOf([...Array.from({ length: 100 }, () => ']'), ...Array.from({ length: 99 }, () => 'a'), '.']),
      /deeper than 64 levels/,
    ));

  /** torch._utils._rebuild_tensor_v2(storage, offset, dims, strides) over 4 floats. */
  const tensor = (offset: number, dims: number[], strides: number[]) => {
    const int = (n: number): (string | number)[] => ['J', n & 255, (n >> 8) & 255, (n >> 16) & 255, (n >> 24) & 255];
    const text = (s: string): (string | number)[] => ['X', s.length, 0, 0, 0, s];
    return [
      '}',
      ...text('w'),
      'ctorch._utils\n_rebuild_tensor_v2\n',
      '((',
      ...text('storage'),
      'ctorch\nFloatStorage\n',
      ...text('0'),
      ...text('cpu'),
      ...int(4),
      'tQ',
      ...int(offset),
      '(',
      ...dims.flatMap(int),
      't(',
      ...strides.flatMap(int),
      't',
      0x89,
      ')tRs.',
    ];
  };
  const data = { name: 'a/data/0', content: new Uint8Array(new Float32Array([1, 2, 3, 4]).buffer) };
  it.each([
    ['reaches beyond its storage', 0, [5], [1], /reaches to element 4 of 4/],
    ['begins beyond its storage', 4, [1], [1], /reaches to element 4 of 4/],
    ['repeats one element without end', 0, [100_000, 100_000], [0, 0], /absurd shape/],
    ['has a negative size', 0, [-1], [1], /valid storage, offset, shape/],
    ['has strides of another rank', 0, [2, 2], [1], /valid storage, offset, shape/],
  ])('refuses a tensor that %s', (_, offset, dims, strides, message) =>
    refused(checkpointOf(tensor(offset, dims, strides), [data]), message),
  );
  it('reads such a tensor when it is sound', () =>
    expect(Array.from(readPytorch(checkpointOf(tensor(1, [3], [1]), [data])).get('w').values)).toEqual([2, 3, 4]));
  it('refuses a storage whose data are missing', () =>
    refused(checkpointOf(tensor(0, [4], [1])), /data of storage 0 are missing/));

  it.each([
    ['a cut archive', golden('zip').subarray(0, 1500), /no directory at its end/],
    ['an archive without a checkpoint', zipOf([{ name: 'a/readme', content: 'hello' }]), /no data\.pkl/],
    [
      'a compressed pickle (a zip bomb)',
      zipOf([{ name: 'a/data.pkl', content: 'xx', claims: { method: 8, size: 4_000_000_000 } }]),
      /compressed/,
    ],
    [
      'compressed data',
      checkpointOf(tensor(0, [4], [1]), [{ ...data, claims: { method: 8, size: 4_000_000_000 } }]),
      /compressed/,
    ],
    [
      'a file that claims more than there is',
      zipOf([{ name: 'a/data.pkl', content: 'xx', claims: { size: 4_000_000_000 } }]),
      /lies outside the file/,
    ],
    [
      'overlapping files',
      zipOf([
        { name: 'a/data.pkl', content: 'x'.repeat(100) },
        { name: 'a/data/0', content: 'y', claims: { offset: 0, size: 60 } },
      ]),
      /overlaps/,
    ],
    [
      'two files of one name',
      zipOf([
        { name: 'a/data.pkl', content: 'x' },
        { name: 'a/data.pkl', content: 'y' },
      ]),
      /in it twice/,
    ],
    ['an encrypted file', zipOf([{ name: 'a/data.pkl', content: 'x', claims: { flags: 1 } }]), /encrypted/],
    [
      'a directory that lies about its length',
      zipOf([{ name: 'a/data.pkl', content: 'x' }], { count: 9 }),
      /directory is damaged/,
    ],
    ['a big-endian machine', checkpointOf(['}.'], [{ name: 'a/byteorder', content: 'big' }]), /big-endian/],
  ])('refuses %s', (_, bytes, message) => refused(bytes, message));

  it.each([
    ['a pointer of Git LFS', 'version https://git-lfs.github.com/spec/v1\noid sha256:00', /pointer of Git LFS/],
    ['a web page', '<!DOCTYPE html><html>', /web page/],
    ['nothing', '', /has 0 bytes/],
  ])('says what %s is', (_, content, message) =>
    expect(() => readCheckpointFile('x.pt', new TextEncoder().encode(content))).toThrow(message),
  );

  it('refuses an index of shards that is none', () => {
    const index = { name: 'm.index.json', source: bytesSource(new TextEncoder().encode('{"a":1}')) };
    expect(() => readCheckpoint([index, { name: 'm.pt', source: bytesSource(golden('zip')) }])).toThrow(
      /no "weight_map"/,
    );
  });
});
