import { seeded } from '../../random';

type Random = () => number;
const absurd = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];
/** Words of the formats: pickle opcodes and globals, zip signatures, names in headers. */
const words = [
  'PK\x03\x04',
  'PK\x01\x02',
  'PK\x05\x06',
  'PK\x06\x07',
  'cos\nsystem\n',
  'ctorch._utils\n_rebuild_tensor_v2\n',
  'ctorch\nFloatStorage\n',
  'R',
  'b',
  '(',
  't',
  '}',
  ']',
  'q\x00',
  'h\x00',
  'Q',
  '0',
  '.',
  '"F32"',
  '"shape":[',
  '"data_offsets":[',
  '4294967296',
  '-1',
  '1e999',
  '[[[[[[[[',
  '\u0000',
].map((word) => Uint8Array.from(word, (character) => character.charCodeAt(0)));

/** A damaged or hostile variant of one of `originals`; the same number gives the same file. */
export function mutated(originals: readonly Uint8Array[], seed: number): Uint8Array {
  const random = seeded(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  let bytes: Uint8Array = pick(originals).slice();
  // Half of them keep their length and most of their bytes: an archive's directory then still leads to the pickle.
  const gentle = random() < 0.5;
  const changes = 1 + Math.floor(random() ** 3 * (gentle ? 6 : 24));
  for (let n = 0; n < changes; n++)
    bytes = pick(gentle ? operations.slice(0, inPlace) : operations)(bytes, random, originals);
  return bytes;
}

const at = (bytes: Uint8Array, random: Random) => Math.floor(random() * Math.max(1, bytes.length));
const joined = (...parts: Uint8Array[]): Uint8Array => {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let from = 0;
  for (const part of parts) {
    out.set(part, from);
    from += part.length;
  }
  return out;
};

/** The first so many operations change bytes where they are. */
const inPlace = 4;
const operations: readonly ((bytes: Uint8Array, random: Random, originals: readonly Uint8Array[]) => Uint8Array)[] = [
  // A bit, a byte, an opcode.
  (bytes, random) => change(bytes, at(bytes, random), (b) => b ^ (1 << Math.floor(random() * 8))),
  (bytes, random) => change(bytes, at(bytes, random), () => Math.floor(random() * 256)),
  (bytes, random) => change(bytes, Math.min(at(bytes, random), 400), () => Math.floor(random() * 256)),
  // An absurd number where one may stand.
  (bytes, random) => {
    const [place, value, size] = [
      at(bytes, random),
      absurd[Math.floor(random() * absurd.length)]!,
      random() < 0.5 ? 4 : 8,
    ];
    for (let i = 0; i < size && place + i < bytes.length; i++)
      bytes[place + i] = i < 4 ? (value >>> (8 * i)) & 255 : value > 0x7fffffff ? 255 : 0;
    return bytes;
  },
  // Cut, doubled, taken out, moved.
  (bytes, random) => bytes.slice(0, at(bytes, random)),
  (bytes, random) => bytes.slice(at(bytes, random)),
  (bytes, random) => {
    const [from, to] = span(bytes, random);
    return joined(bytes.subarray(0, from), bytes.subarray(to));
  },
  (bytes, random) => {
    const [from, to] = span(bytes, random);
    const place = at(bytes, random);
    return joined(bytes.subarray(0, place), bytes.subarray(from, to), bytes.subarray(place));
  },
  (bytes, random) => {
    const [from, to] = span(bytes, random);
    bytes.copyWithin(at(bytes, random), from, to);
    return bytes;
  },
  // A word of the formats, and a piece of another file.
  (bytes, random) => {
    const place = at(bytes, random);
    const word = words[Math.floor(random() * words.length)]!;
    return random() < 0.5
      ? joined(bytes.subarray(0, place), word, bytes.subarray(place))
      : overwrite(bytes, place, word);
  },
  (bytes, random, originals) => {
    const other = originals[Math.floor(random() * originals.length)]!;
    const [from, to] = span(other, random);
    return overwrite(bytes, at(bytes, random), other.subarray(from, to));
  },
  // A digit of a header.
  (bytes, random) => {
    const digits = [...bytes.keys()].filter((i) => bytes[i]! >= 48 && bytes[i]! <= 57);
    return digits.length
      ? change(bytes, digits[Math.floor(random() * digits.length)]!, () => 48 + Math.floor(random() * 10))
      : bytes;
  },
];

function change(bytes: Uint8Array, place: number, to: (byte: number) => number): Uint8Array {
  if (place < bytes.length) bytes[place] = to(bytes[place]!);
  return bytes;
}
function overwrite(bytes: Uint8Array, place: number, content: Uint8Array): Uint8Array {
  bytes.set(content.subarray(0, bytes.length - place), place);
  return bytes;
}
function span(bytes: Uint8Array, random: Random): [number, number] {
  const from = at(bytes, random);
  return [from, Math.min(bytes.length, from + 1 + Math.floor(random() ** 2 * 300))];
}
