import { StudioError } from '../errors';

/** A name that a pickle refers to (`torch FloatStorage`). It is never looked up or called. */
export class Global {
  constructor(
    readonly module: string,
    readonly name: string,
  ) {}
  toString(): string {
    return `${this.module}.${this.name}`;
  }
}
/** An object whose class is only a name: its state is kept as plain data (TorchScript archives hold modules so). */
export class Opaque {
  state: unknown = undefined;
  constructor(readonly type: Global) {}
}

export type PickleRules = {
  /** What a global applied to arguments becomes. Throw for what is not allowed. */
  call(callee: Global, args: readonly unknown[]): unknown;
  /** Whether objects of a class may be kept as `Opaque`. */
  opaque(type: Global): boolean;
  /** What a persistent id stands for. */
  persistent(id: unknown): unknown;
};

/**
 * Opcodes, depth of the stack, and values that lists and dictionaries may hold together: far above what checkpoints
 * need.
 */
const maxSteps = 2_000_000;
const maxDepth = 200_000;
const maxText = 1024 * 1024;
const mark = Symbol('mark');

/**
 * Reads a pickle as data. The machine knows the opcodes that checkpoints use and no others; globals are names, and only
 * `rules` says
 * what applying one means, so no code can run. @throws weights-invalid
 */
export function readPickle(bytes: Uint8Array, file: string, rules: PickleRules): unknown {
  return readPickleAt(bytes, 0, file, rules).value;
}

/** The pickle that begins at a byte, and the byte behind it. @throws weights-invalid */
export function readPickleAt(
  bytes: Uint8Array,
  start: number,
  file: string,
  rules: PickleRules,
): { value: unknown; end: number } {
  const invalid = (what: string) =>
    new StudioError(
      'weights-invalid',
      `${file}: its pickle is refused: ${what}. Only checkpoints that hold nothing but tensors and plain values are read.`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: unknown[] = [];
  const memo = new Map<number, unknown>();
  const decoder = new TextDecoder();
  let at = start;

  const take = (length: number): number => {
    const from = at;
    if (!Number.isSafeInteger(length) || length < 0 || from + length > bytes.byteLength)
      throw invalid(`it ends in the middle (byte ${from})`);
    at += length;
    return from;
  };
  const u8 = () => view.getUint8(take(1));
  const u16 = () => view.getUint16(take(2), true);
  const i32 = () => view.getInt32(take(4), true);
  const u32 = () => view.getUint32(take(4), true);
  const u64 = () => {
    const value = Number(view.getBigUint64(take(8), true));
    if (!Number.isSafeInteger(value)) throw invalid('an absurd length');
    return value;
  };
  const text = (length: number) => {
    if (length > maxText) throw invalid(`a text of ${length} bytes`);
    const from = take(length);
    return decoder.decode(bytes.subarray(from, from + length));
  };
  const line = () => {
    const end = bytes.indexOf(10, at);
    if (end < 0 || end - at > 1024) throw invalid('a line without end');
    const value = decoder.decode(bytes.subarray(at, end));
    at = end + 1;
    return value;
  };
  const push = (value: unknown) => {
    if (stack.length >= maxDepth) throw invalid(`it is deeper than ${maxDepth}`);
    stack.push(value);
  };
  const pop = (): unknown => {
    if (!stack.length) throw invalid('it takes from an empty stack');
    return stack.pop();
  };
  const sinceMark = (): unknown[] => {
    const from = stack.lastIndexOf(mark);
    if (from < 0) throw invalid('it lacks a mark');
    const values = stack.splice(from + 1);
    stack.pop();
    return values;
  };
  const top = (): unknown => {
    if (!stack.length) throw invalid('it uses an empty stack');
    return stack.at(-1);
  };
  const long = (length: number): number | bigint => {
    if (length > 64) throw invalid('an absurdly long integer');
    let value = 0n;
    const from = take(length);
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[from + i]!);
    if (length && bytes[from + length - 1]! & 0x80) value -= 1n << BigInt(8 * length);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  };
  const setItems = (target: unknown, pairs: readonly unknown[]) => {
    const map = target instanceof Map ? target : undefined;
    if (!map || pairs.length % 2) throw invalid('it sets items of something that is no dictionary');
    for (let i = 0; i < pairs.length; i += 2) map.set(pairs[i], pairs[i + 1]);
  };
  const apply = (callee: unknown, args: unknown): unknown => {
    if (!(callee instanceof Global) || !Array.isArray(args)) throw invalid('it calls something that has no name');
    if (rules.opaque(callee)) return new Opaque(callee);
    return rules.call(callee, args);
  };

  for (let step = 0; step < maxSteps; step++) {
    const op = u8();
    switch (op) {
      case 0x80: // PROTO
        if (u8() > 5) throw invalid('an unknown protocol');
        break;
      case 0x95: // FRAME
        u64();
        break;
      case 0x2e: // STOP
        return { value: pop(), end: at };
      case 0x28: // MARK
        push(mark);
        break;
      case 0x30: // POP
        pop();
        break;
      case 0x31: // POP_MARK
        sinceMark();
        break;
      case 0x32: // DUP
        push(top());
        break;
      case 0x4e: // NONE
        push(null);
        break;
      case 0x88: // NEWTRUE
        push(true);
        break;
      case 0x89: // NEWFALSE
        push(false);
        break;
      case 0x4b: // BININT1
        push(u8());
        break;
      case 0x4d: // BININT2
        push(u16());
        break;
      case 0x4a: // BININT
        push(i32());
        break;
      case 0x8a: // LONG1
        push(long(u8()));
        break;
      case 0x8b: // LONG4
        push(long(u32()));
        break;
      case 0x47: // BINFLOAT
        push(view.getFloat64(take(8)));
        break;
      case 0x58: // BINUNICODE
        push(text(u32()));
        break;
      case 0x8c: // SHORT_BINUNICODE
        push(text(u8()));
        break;
      case 0x8d: // BINUNICODE8
        push(text(u64()));
        break;
      case 0x55: // SHORT_BINSTRING
        push(text(u8()));
        break;
      case 0x54: // BINSTRING
        push(text(u32()));
        break;
      case 0x43: // SHORT_BINBYTES
      case 0x42: // BINBYTES
      case 0x8e: {
        // BINBYTES8
        const length = op === 0x43 ? u8() : op === 0x42 ? u32() : u64();
        const from = take(length);
        push(bytes.slice(from, from + length));
        break;
      }
      case 0x7d: // EMPTY_DICT
        push(new Map());
        break;
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        push([]);
        break;
      case 0x8f: // EMPTY_SET
        push([]);
        break;
      case 0x64: {
        // DICT
        const pairs = sinceMark();
        const map = new Map();
        setItems(map, pairs);
        push(map);
        break;
      }
      case 0x6c: // LIST
      case 0x74: // TUPLE
        push(sinceMark());
        break;
      case 0x85: // TUPLE1
        push([pop()]);
        break;
      case 0x86: {
        // TUPLE2
        const second = pop();
        push([pop(), second]);
        break;
      }
      case 0x87: {
        // TUPLE3
        const third = pop();
        const second = pop();
        push([pop(), second, third]);
        break;
      }
      case 0x61: {
        // APPEND
        const value = pop();
        const list = top();
        if (!Array.isArray(list)) throw invalid('it appends to something that is no list');
        list.push(value);
        break;
      }
      case 0x65: // APPENDS
      case 0x90: {
        // ADDITEMS
        const values = sinceMark();
        const list = top();
        if (!Array.isArray(list)) throw invalid('it appends to something that is no list');
        for (const value of values) list.push(value);
        break;
      }
      case 0x73: {
        // SETITEM
        const value = pop();
        const key = pop();
        setItems(top(), [key, value]);
        break;
      }
      case 0x75: {
        // SETITEMS
        const pairs = sinceMark();
        setItems(top(), pairs);
        break;
      }
      case 0x71: // BINPUT
        memo.set(u8(), top());
        break;
      case 0x72: // LONG_BINPUT
        memo.set(u32(), top());
        break;
      case 0x94: // MEMOIZE
        memo.set(memo.size, top());
        break;
      case 0x68: // BINGET
      case 0x6a: {
        // LONG_BINGET
        const key = op === 0x68 ? u8() : u32();
        if (!memo.has(key)) throw invalid(`it recalls entry ${key}, which it never stored`);
        push(memo.get(key));
        break;
      }
      case 0x63: // GLOBAL
        push(new Global(line(), line()));
        break;
      case 0x93: {
        // STACK_GLOBAL
        const [name, module] = [pop(), pop()];
        if (typeof name !== 'string' || typeof module !== 'string') throw invalid('a global without a name');
        push(new Global(module, name));
        break;
      }
      case 0x51: // BINPERSID
        push(rules.persistent(pop()));
        break;
      case 0x52: {
        // REDUCE
        const args = pop();
        push(apply(pop(), args));
        break;
      }
      case 0x81: {
        // NEWOBJ
        const args = pop();
        push(apply(pop(), args));
        break;
      }
      case 0x62: {
        // BUILD
        const state = pop();
        const target = top();
        // State of dictionaries and tensors (hooks, metadata) says nothing about their values.
        if (target instanceof Opaque) target.state = state;
        break;
      }
      default:
        throw invalid(`unknown opcode 0x${op.toString(16)} at byte ${at - 1}`);
    }
  }
  throw invalid('it does not end');
}
