// Test support: a wide-gamut profile, composed here.

const s15 = (value: number) => Math.round(value * 65536);

/** A matrix profile of RGB, version 2: primaries of much wider gamut than sRGB's, gamma 1.8, and words of a maker. */
export function wideGamutProfile(): Uint8Array {
  const xyz = (x: number, y: number, z: number) => {
    const out = Buffer.from('XYZ \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0', 'latin1');
    [x, y, z].forEach((value, i) => out.writeInt32BE(s15(value), 8 + 4 * i));
    return out;
  };
  const curve = Buffer.from('curv\0\0\0\0\0\0\0\x01\x01\xcd\0\0', 'latin1');
  const tags: [string, Buffer][] = [
    ['desc', Buffer.concat([Buffer.from('desc\0\0\0\0\0\0\0\x0fCamera No. 4711\0', 'latin1'), Buffer.alloc(80)])],
    ['cprt', Buffer.from('text\0\0\0\0by somebody\0', 'latin1')],
    ['wtpt', xyz(0.9642, 1, 0.8249)],
    ['rXYZ', xyz(0.7977, 0.288, 0)],
    ['gXYZ', xyz(0.1352, 0.7119, 0)],
    ['bXYZ', xyz(0.0313, 0.0001, 0.8249)],
    ['rTRC', curve],
    ['gTRC', curve],
    ['bTRC', curve],
    ['seri', Buffer.from('text\0\0\0\0serial 0815\0', 'latin1')],
  ];
  const head = Buffer.alloc(132 + 12 * tags.length);
  head.write('mntrRGB XYZ ', 12, 'latin1');
  head.writeUInt32BE(0x02400000, 8);
  head.write('acsp', 36, 'latin1');
  head.write('MAKR', 48, 'latin1');
  xyz(0.9642, 1, 0.8249).copy(head, 68, 8, 20);
  head.writeUInt32BE(tags.length, 128);
  const parts = [head];
  let at = head.length;
  tags.forEach(([name, content], i) => {
    head.write(name, 132 + 12 * i, 'latin1');
    head.writeUInt32BE(at, 136 + 12 * i);
    head.writeUInt32BE(content.length, 140 + 12 * i);
    const padded = Buffer.concat([content, Buffer.alloc(-content.length & 3)]);
    parts.push(padded);
    at += padded.length;
  });
  head.writeUInt32BE(at, 0);
  return new Uint8Array(Buffer.concat(parts));
}
