import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nameLanes } from '../../models/lanes/names';
import { readEnv } from '../env/env';
import { familyDirs } from '../weights/folders';
import type { ModelParts } from '../families/service';
import { FamilyStore } from '../families/store';
import { studioOwner } from '../owners/signing';
import type { Engine } from '../comparisons/engine';
import { Studio, type StudioSettings } from './studio';

/** A folder for a test's database. */
export function scratchFolder(): { folder: string; url: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'studio-test-'));
  return {
    folder,
    url: `file:${join(folder, 'studio.db')}`,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** For tests: no family but the embedded ones, and no hub. */
export const noModels: ModelParts = {
  store: new FamilyStore(familyDirs({ installed: join(tmpdir(), 'studio-test-no-families') })),
  hub: { endpoint: 'http://127.0.0.1:1', stallMs: 1_000, retryMs: 1 },
  sources: [],
  kinds: [],
  importer: async () => {},
  answerer: async () => {},
};

/** For tests: a studio on the database of `url` with a given engine; lanes are taken as they are named. */
export function openTestStudio(
  url: string,
  engine: Engine,
  settings: Partial<StudioSettings> = {},
  models: ModelParts = noModels,
): Promise<Studio> {
  return Studio.open(
    { ...readEnv({ DATABASE_URL: url }), ...settings },
    {
      openEngine: async () => engine,
      catalogue: {
        decoders: () => [],
        families: async () => [],
        plan: async ({ family = 'pocket', lanes = [{ decoder: 'clipcap' }] }, beside) => ({
          family,
          lanes: nameLanes(lanes, beside).map(({ id, decoder, options = {} }) => ({ id, decoder, options })),
        }),
      },
      sampleImage: async (images) => {
        const data = new Uint8Array(8 * 6 * 3).map((_, i) => (i * 37) % 256);
        return (await images.save({ width: 8, height: 6, data }, 'sample', { id: 'sample', ownerId: studioOwner })).id;
      },
      models,
      limits: { uploadBytes: 25 * 1024 ** 2, pixels: 50_000_000, lanes: 16 },
    },
  );
}
