import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { StudioError } from '../../models/errors';
import { parseManifest, type Manifest } from '../../models/weights/manifest';
import { sha256 } from '../../models/weights/verify';

/**
 * The manifest of a family, and one SHA-256 over the names and hashes of its files: two figures with the same hash come from the same
 * weights. @throws family-unknown, weights-invalid
 */
export async function readFamily(family: string, familiesDir = process.env.STUDIO_FAMILIES_DIR ?? 'models'): Promise<{ manifest: Manifest; hash: string }> {
  const root = resolve(process.env.STUDIO_ROOT || process.cwd(), familiesDir);
  const folder = join(root, family);
  const bytes = await readFile(join(folder, 'manifest.json')).catch((cause: unknown) => {
    const known = existsSync(root) ? readdirSync(root).filter((name) => existsSync(join(root, name, 'manifest.json'))) : [];
    throw new StudioError('family-unknown', `There is no family "${family}" in ${root}. Known are ${known.join(', ') || 'none'}.`, { cause });
  });
  const manifest = parseManifest(new Uint8Array(bytes), folder);
  const files = Object.values(manifest.files).map((file) => `${file.path} ${file.sha256}\n`);
  return { manifest, hash: await sha256(new TextEncoder().encode(files.sort().join(''))) };
}
