// Test support: files as `torch.save` writes them.
import { zipParts } from './test-archives';

/** A tensor of fp32; without `values` its place is kept free. */
export type TorchTensor = { dims: readonly number[]; values?: Float32Array };
export type TorchState = { [name: string]: TorchState | TorchTensor | number };
const isTensor = (value: TorchState | TorchTensor): value is TorchTensor => Array.isArray(value.dims);
const elements = (dims: readonly number[]) => dims.reduce((product, n) => product * n, 1);

/** Nested dictionaries of tensors and whole numbers, saved. */
export const torchFileOf = (state: TorchState): Uint8Array =>
  new Uint8Array(Buffer.concat(torchParts(state).map(bytes)));
const bytes = (part: Uint8Array | number) => (typeof part === 'number' ? new Uint8Array(part) : part);

/** The same in parts, one behind the other; a number stands for so many bytes of a tensor without values. */
export function torchParts(state: TorchState): (Uint8Array | number)[] {
  const pickle: number[] = [0x80, 2];
  const storages: TorchTensor[] = [];
  const ascii = (text: string) => pickle.push(...new TextEncoder().encode(text));
  const uint32 = (n: number) => pickle.push(...new Uint8Array(Uint32Array.of(n).buffer));
  const text = (value: string) => {
    pickle.push(0x58);
    uint32(value.length);
    ascii(value);
  };
  const whole = (n: number) => {
    pickle.push(0x4a);
    uint32(n);
  };
  const tuple = (write: () => void) => {
    pickle.push(0x28);
    write();
    pickle.push(0x74);
  };
  const tensor = (one: TorchTensor) => {
    ascii('ctorch._utils\n_rebuild_tensor_v2\n');
    tuple(() => {
      tuple(() => {
        text('storage');
        ascii('ctorch\nFloatStorage\n');
        text(String(storages.push(one) - 1));
        text('cpu');
        whole(elements(one.dims));
      });
      pickle.push(0x51);
      whole(0);
      tuple(() => one.dims.forEach(whole));
      tuple(() => one.dims.forEach((_, i) => whole(elements(one.dims.slice(i + 1)))));
      pickle.push(0x89);
      ascii('ccollections\nOrderedDict\n)R');
    });
    pickle.push(0x52);
  };
  const dictionary = (entries: TorchState) => {
    pickle.push(0x7d, 0x28);
    for (const [name, value] of Object.entries(entries)) {
      text(name);
      if (typeof value === 'number') whole(value);
      else if (isTensor(value)) tensor(value);
      else dictionary(value);
    }
    pickle.push(0x75);
  };
  dictionary(state);
  pickle.push(0x2e);
  return zipParts([
    { name: 'archive/data.pkl', content: Uint8Array.from(pickle) },
    { name: 'archive/byteorder', content: 'little' },
    ...storages.map(({ dims, values }, i) => ({
      name: `archive/data/${i}`,
      content: values ? new Uint8Array(values.buffer, values.byteOffset, values.byteLength) : 4 * elements(dims),
    })),
  ]);
}
