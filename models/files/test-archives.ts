// Test support: archives and pickles as a hostile hand would write them.
import goldens from './goldens/checkpoints.json' with { type: 'json' };

export const golden = (name: keyof typeof goldens): Uint8Array =>
  Uint8Array.from(atob(goldens[name].file), (character) => character.charCodeAt(0));
export const goldenTensors = goldens as Record<
  string,
  { tensors: Record<string, { dims: number[]; values: number[] }> }
>;

type Entry = {
  name: string;
  /** A number: so many bytes, which somebody else fills in. */
  content: Uint8Array | string | number;
  /** What the directory says instead of the truth. */ claims?: {
    size?: number;
    offset?: number;
    method?: number;
    flags?: number;
  };
};
const bytesOf = (content: Uint8Array | string | number) =>
  typeof content === 'string' ? new TextEncoder().encode(content) : content;
const lengthOf = (part: Uint8Array | number) => (typeof part === 'number' ? part : part.length);

/** A zip archive of stored files. */
export const zipOf = (entries: readonly Entry[], more: { count?: number } = {}): Uint8Array =>
  new Uint8Array(
    Buffer.concat(zipParts(entries, more).map((part) => (typeof part === 'number' ? new Uint8Array(part) : part))),
  );

/** The same in parts, one behind the other. */
export function zipParts(entries: readonly Entry[], more: { count?: number } = {}): (Uint8Array | number)[] {
  const parts: (Uint8Array | number)[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  const push = (to: (Uint8Array | number)[], part: Uint8Array | number) => {
    to.push(part);
    return lengthOf(part);
  };
  for (const { name, content, claims = {} } of entries) {
    const path = new TextEncoder().encode(name);
    const data = bytesOf(content);
    const size = claims.size ?? lengthOf(data);
    const local = new DataView(new ArrayBuffer(30));
    local.setUint32(0, 0x04034b50, true);
    local.setUint32(18, size, true);
    local.setUint32(22, size, true);
    local.setUint16(26, path.length, true);
    const central = new DataView(new ArrayBuffer(46));
    central.setUint32(0, 0x02014b50, true);
    central.setUint16(8, claims.flags ?? 0, true);
    central.setUint16(10, claims.method ?? 0, true);
    central.setUint32(20, claims.method ? lengthOf(data) : size, true);
    central.setUint32(24, size, true);
    central.setUint16(28, path.length, true);
    central.setUint32(42, claims.offset ?? at, true);
    push(directory, new Uint8Array(central.buffer));
    push(directory, path);
    at += push(parts, new Uint8Array(local.buffer)) + push(parts, path) + push(parts, data);
  }
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(10, more.count ?? entries.length, true);
  end.setUint32(
    12,
    directory.reduce((sum, part) => sum + part.length, 0),
    true,
  );
  end.setUint32(16, at, true);
  return [...parts, ...directory, new Uint8Array(end.buffer)];
}

/** A checkpoint whose data.pkl is written by hand: strings are ASCII, numbers bytes. */
export function checkpointOf(pickle: readonly (string | number)[], more: readonly Entry[] = []): Uint8Array {
  const bytes = pickle.flatMap((part) => (typeof part === 'number' ? [part] : [...new TextEncoder().encode(part)]));
  return zipOf([{ name: 'a/data.pkl', content: Uint8Array.from(bytes) }, ...more]);
}
