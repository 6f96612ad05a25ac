import { describe, expect, it } from 'vitest';
import { numbers } from '../../networks/goldens/golden';
import { readCheckpoint } from '../../files/checkpoint';
import goldens from '../../files/goldens/wrappers.json';
import { writeSafetensors } from '../../files/safetensors';
import { clipShapes, clipTensors } from './clip';
import { file } from './test-files';
import { unwrapped } from './wrappers';

const files = goldens.files as Record<string, string>;
const expected = goldens.expected as Record<string, number[]>;
const open = (name: string) =>
  unwrapped(
    readCheckpoint([
      file(
        'epoch_3.pt',
        Uint8Array.from(atob(files[name]!), (c) => c.charCodeAt(0)),
      ),
    ]),
    ['visual.conv1.weight'],
    'small CLIP',
  );

describe('checkpoints of training', () => {
  it.each(['itself', 'DataParallel', 'torch.compile', "open_clip's training", 'Lightning', 'a loop by hand'])(
    'are read as %s saves them, without the state of the training beside them',
    (name) => {
      const checkpoint = open(name);
      expect([...checkpoint.names()].sort()).toEqual(Object.keys(expected).sort());
      for (const [key, values] of Object.entries(expected))
        checkpoint.get(key).values.forEach((value, i) => expect(value, key).toBeCloseTo(values[i]!, 6));
    },
  );

  it('a safetensors file is one, whatever the first bytes of its length: those of a pickle, those of an archive', () => {
    for (const length of [0x80, 0x280, 0x4b50]) {
      const header = JSON.stringify({ x: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }).padEnd(length);
      const bytes = new Uint8Array(8 + length + 4);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
      bytes.set(new TextEncoder().encode(header), 8);
      expect(readCheckpoint([file('model.safetensors', bytes)]).names()).toEqual(['x']);
    }
  });

  it('are refused where the network is in them twice', () =>
    expect(() => open('an average beside the weights')).toThrow(
      /small CLIP 2 times, under "model\." and "ema\.module\."/,
    ));

  it('leave a tensor that is neither the network nor state of the training for the check to name', () =>
    expect(open('another network beside it').names()).toContain('critic.weight'));

  it.each(['', 'module.', 'state_dict.module.', 'state_dict.model.', 'model.clip_model.'])(
    'give each tensor of a CLIP its place, in each layout, under "%s"',
    (prefix) => {
      const tower = {
        image: { size: 32, patch: 16, width: 4, layers: 1, heads: 2 },
        text: { width: 2, layers: 1, heads: 1 },
        dim: 3,
      };
      const shapes = [...clipShapes(tower)];
      const values = (own: (name: string) => string) =>
        Object.fromEntries(
          shapes.map(([name, dims]) => [prefix + own(name), { dims, values: numbers(name, dims, 0, 1) }]),
        );
      const layouts = [values((name) => name), values((name) => (name.startsWith('visual.') ? name : `text.${name}`))];
      for (const tensors of layouts) {
        const moments = { 'optimizer.state.0.exp_avg': { dims: [2], values: Float32Array.of(1, 2) } };
        const bytes = writeSafetensors({ ...tensors, ...moments });
        const read = clipTensors(readCheckpoint([file('model.safetensors', bytes)]), tower, 'small CLIP');
        expect([...read.keys()]).toEqual(shapes.map(([name]) => name));
      }
    },
  );
});
