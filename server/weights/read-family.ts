import { parseManifest, type Manifest } from '../../models/manifest';
import { sha256 } from '../../models/weights/verify';
import { familyDirs, familyFolder } from './folders';

/**
 * The manifest of a family, and one SHA-256 over the names and hashes of its files: two figures with the same hash come
 * from the same weights. @throws family-unknown, weights-invalid
 */
export async function readFamily(
  family: string,
  { familiesDir, installedDir }: { familiesDir?: string; installedDir?: string },
): Promise<{ manifest: Manifest; hash: string }> {
  const found = await familyFolder(family, familyDirs({ embedded: familiesDir, installed: installedDir }));
  const manifest = parseManifest(found.manifest, found.folder);
  const files = Object.values(manifest.files).map((file) => `${file.path} ${file.sha256}\n`);
  return { manifest, hash: await sha256(new TextEncoder().encode(files.sort().join(''))) };
}
