import { isObject } from '../../../kept/captions/collect';

/** Whose decoders wrote the captions of a lane, and whether their search optimised the cosine in its space. */
export type ToldLane = { decodedBy: string; optimised: boolean };

/** What lines that `caption --json` and `--out` write tell of their lanes; nothing of any other file. */
export function toldLanes(bytes: Uint8Array): Map<string, ToldLane> {
  const out = new Map<string, ToldLane>();
  if (bytes[0] !== 0x7b) return out;
  for (const line of new TextDecoder().decode(bytes).split('\n')) {
    let record: unknown;
    try {
      record = JSON.parse(line);
    } catch {
      continue;
    }
    if (!isObject(record) || typeof record.family !== 'string' || !Array.isArray(record.captions)) continue;
    for (const said of record.captions)
      if (isObject(said) && typeof said.decoder === 'string') {
        const before = out.get(said.decoder);
        out.set(said.decoder, {
          decodedBy: record.family,
          optimised: before?.optimised === true || said.optimised === true,
        });
      }
  }
  return out;
}
