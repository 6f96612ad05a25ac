import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnv } from '../env/env';
import { studioOwner } from '../owners/signing';
import type { Engine } from './engine';
import { Studio, type StudioSettings } from './studio';

/** A folder for a test's database. */
export function scratchFolder(): { folder: string; url: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'studio-test-'));
  return { folder, url: `file:${join(folder, 'studio.db')}`, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** For tests: a studio on the database of `url` with a given engine; lanes are taken as they are named. */
export function openTestStudio(url: string, engine: Engine, settings: Partial<StudioSettings> = {}): Promise<Studio> {
  return Studio.open(
    { ...readEnv({ DATABASE_URL: url }), ...settings },
    {
      openEngine: async () => engine,
      catalogue: {
        decoders: () => [],
        families: async () => [],
        plan: async ({ family = 'pocket', lanes = [{ decoder: 'clipcap' }] }) => ({
          family,
          lanes: lanes.map(({ id, decoder, options = {} }) => ({ id: id ?? decoder, decoder, options })),
        }),
      },
      sampleImage: async (images) => {
        const data = new Uint8Array(8 * 6 * 3).map((_, i) => (i * 37) % 256);
        return (await images.save({ width: 8, height: 6, data }, 'sample', { id: 'sample', ownerId: studioOwner })).id;
      },
      limits: { uploadBytes: 25 * 1024 ** 2, pixels: 50_000_000, lanes: 16 },
    },
  );
}
