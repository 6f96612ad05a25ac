import { crc32, deflateSync } from 'node:zlib';

/** A profile fits into one segment of a JPEG; what is larger (tables for printers) is not kept. */
const maxBytes = 60_000;
const words = 'The colours of a kept picture';
/** What a viewer needs to show colours: primaries, white, curves, or a table in their place. */
const colourTags = 'rXYZ gXYZ bXYZ wtpt bkpt chad rTRC gTRC bTRC A2B0 A2B1 A2B2 cicp'.split(' ');

/**
 * An ICC profile (ICC.1:2022) of RGB with nothing in it but its colours: no maker, device, date, text or identity of
 * the original. The same profile again gives the same bytes. Undefined for what is no sound profile of RGB.
 */
export function bareProfile(icc: Uint8Array): Uint8Array | undefined {
  const from = Buffer.from(icc.buffer, icc.byteOffset, icc.byteLength);
  const text = (at: number) => from.toString('latin1', at, at + 4);
  if (from.length < 132 || text(36) !== 'acsp' || text(16) !== 'RGB ') return undefined;
  const count = from.readUInt32BE(128);
  if (132 + 12 * count > from.length) return undefined;
  const isNew = from[8]! >= 4;
  const tags: { name: string; content: Uint8Array }[] = [
    { name: 'desc', content: isNew ? localised(words) : description(words) },
    { name: 'cprt', content: isNew ? localised('none') : plainText('none') },
  ];
  for (let i = 0; i < count; i++) {
    const at = 132 + 12 * i;
    const [name, offset, size] = [text(at), from.readUInt32BE(at + 4), from.readUInt32BE(at + 8)];
    if (!colourTags.includes(name)) continue;
    if (offset + size > from.length) return undefined;
    tags.push({ name, content: from.subarray(offset, offset + size) });
  }
  const head = Buffer.alloc(132 + 12 * tags.length);
  // Version, class and spaces; intent and illuminant. All else of the header tells of the original.
  for (const [begin, end] of [
    [8, 24],
    [36, 40],
    [64, 80],
  ] as const)
    from.copy(head, begin, begin, end);
  const parts: Uint8Array[] = [head];
  let at = head.length;
  head.writeUInt32BE(tags.length, 128);
  tags.forEach(({ name, content }, i) => {
    head.write(name, 132 + 12 * i, 'latin1');
    head.writeUInt32BE(at, 136 + 12 * i);
    head.writeUInt32BE(content.length, 140 + 12 * i);
    const padding = -content.length & 3;
    parts.push(content, Buffer.alloc(padding));
    at += content.length + padding;
  });
  head.writeUInt32BE(at, 0);
  return at <= maxBytes ? new Uint8Array(Buffer.concat(parts)) : undefined;
}

function plainText(value: string): Buffer {
  return Buffer.from(`text\0\0\0\0${value}\0`, 'latin1');
}
/** The description of version 2: ASCII, then empty places for other scripts. */
function description(value: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length + 1);
  return Buffer.concat([Buffer.from('desc\0\0\0\0', 'latin1'), length, Buffer.from(`${value}\0`), Buffer.alloc(78)]);
}
/** A text of version 4, in English. */
function localised(value: string): Buffer {
  const head = Buffer.from('mluc\0\0\0\0\0\0\0\x01\0\0\0\x0cenUS\0\0\0\0\0\0\0\x1c', 'latin1');
  head.writeUInt32BE(2 * value.length, 20);
  return Buffer.concat([head, Buffer.from(value, 'utf16le').swap16()]);
}

/** A PNG or JPEG as sharp writes it, with a profile: its pixels stay the same, a viewer shows their colours. */
export function withProfile(picture: Uint8Array, profile: Uint8Array | undefined): Uint8Array<ArrayBuffer> {
  if (!profile) return new Uint8Array(picture);
  const isPng = picture[0] === 0x89;
  // Behind the header of a PNG (8 + 25 bytes), behind SOI and JFIF's segment of a JPEG.
  const at = isPng ? 33 : picture[3] === 0xe0 ? 4 + ((picture[4]! << 8) | picture[5]!) : 2;
  const part = isPng ? pngChunk(profile) : jpegSegment(profile);
  return new Uint8Array(Buffer.concat([picture.subarray(0, at), part, picture.subarray(at)]));
}

function pngChunk(profile: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from('iCCPicc\0\0', 'latin1'), deflateSync(profile)]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(body.length - 4);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

const jpegMark = Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1');
function jpegSegment(profile: Uint8Array): Buffer {
  const head = Buffer.from([0xff, 0xe2, 0, 0]);
  head.writeUInt16BE(2 + jpegMark.length + profile.length, 2);
  return Buffer.concat([head, jpegMark, profile]);
}

/** Whether the body of a JPEG's APP2 segment is a profile as `withProfile` writes it, and nothing else. */
export function isBareProfileSegment(body: Uint8Array): boolean {
  if (!jpegMark.equals(body.subarray(0, jpegMark.length))) return false;
  const profile = body.subarray(jpegMark.length);
  const bare = bareProfile(profile);
  return bare !== undefined && Buffer.from(bare).equals(profile);
}
