import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeNpy } from '../../models/files/npy';
import { operations } from './operations';
import { programStudio } from './test-programs';

const { here, post, answered } = programStudio();

/** From 7.82 on it has `--json`. */
const hasCurl = (() => {
  const { stdout } = spawnSync('curl', ['--version'], { encoding: 'utf8' });
  const [, major = 0, minor = 0] = /^curl (\d+)\.(\d+)/.exec(stdout ?? '') ?? [];
  return Number(major) * 100 + Number(minor) >= 782;
})();
describe.skipIf(!hasCurl)('curl', () => {
  const docs = readFileSync(new URL('../../docs/programs.md', import.meta.url), 'utf8');
  const ofDocs = [...docs.matchAll(/```sh\n([^`]+)```/g)].flatMap(([, lines]) => lines!.trim().split('\n'));
  const lines = [...new Set([...ofDocs, ...operations.map(({ example }) => example)])];

  let vector: Float32Array;
  let collection: string;
  let pictures: string;
  afterAll(() => rmSync(pictures, { recursive: true, force: true }));
  beforeAll(async () => {
    const { values } = await answered('embed', await post('/api/v1/embed', { texts: ['a dog'] }));
    vector = Float32Array.from(values[0] as number[]);
    const lanes = [{ id: 'clipcap', decoder: 'clipcap' }];
    pictures = mkdtempSync(join(tmpdir(), 'studio-curl-'));
    writeFileSync(join(pictures, 'photo.png'), here.photo);
    const of = { kind: 'paths', paths: [pictures] };
    collection = (await answered('startCollection', await post('/api/v1/collections', { of, lanes }))).id;
  });

  it.each(lines)('answers: %s', async (line) => {
    const folder = mkdtempSync(join(tmpdir(), 'studio-curl-'));
    try {
      writeFileSync(join(folder, 'photo.jpg'), await sharp(here.photo).jpeg().toBuffer());
      writeFileSync(join(folder, 'photos.npy'), writeNpy([vector, vector]));
      const env = { ...process.env, STUDIO: here.local.base, COLLECTION: collection };
      const { stdout } = await promisify(execFile)('sh', ['-c', line], { cwd: folder, env, maxBuffer: 1e8 });
      const answer = line.includes('"stream": true') ? stdout.split('event: answer\ndata: ')[1]! : stdout;
      const parsed = JSON.parse(answer) as Record<string, unknown>;
      expect(parsed.error ?? null).toBeNull();
      expect(Object.keys(parsed).length).toBeGreaterThan(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
