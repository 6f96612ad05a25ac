import { StudioError } from '../../../models/errors';
import { readWeights } from '../../../models/files/packed';
import { type TextMemory, textMemory } from '../../../models/decoders/decap/memory';
import { type Manifest, parseManifest } from '../../../models/manifest';
import { FamilyFiles } from '../../../models/weights/family-files';
import { folderSource } from '../../weights/folder-families';
import { familyDirs, familyFolder } from '../../weights/folders';
import { familySettings, parse, type Values } from '../args';
import type { Io } from '../io';

/**
 * DeCap's memory of the family that is named, its files checked.
 * @throws family-unknown, decoder-unknown where it has no DeCap, weights-corrupt
 */
export async function memoryOf(family: string, values: Values, io: Io): Promise<TextMemory & { manifest: Manifest }> {
  const { familiesDir, installedDir } = familySettings(values, io);
  const found = await familyFolder(family, familyDirs({ embedded: familiesDir, installed: installedDir }));
  const manifest = parseManifest(found.manifest, found.folder);
  if (!manifest.decoders.decap)
    throw new StudioError('decoder-unknown', `The family ${family} has no DeCap, and so no memory.`);
  const files = new FamilyFiles(manifest, folderSource(found.folder, family));
  const memory = await textMemory.read({
    name: family,
    manifest,
    file: (key) => files.read(key),
    tensors: async (key, read) => read(readWeights(await files.read(key), key)),
  });
  return { ...memory, manifest };
}

/** The family that is the one word of a command. @throws option-invalid */
export function familyWord(args: readonly string[], flags: Parameters<typeof parse>[1], example: string) {
  const { values, positionals } = parse(args, flags, { positionals: 1 });
  if (positionals[0] === undefined) throw new StudioError('option-invalid', `Name the family: ${example}`);
  return { values, family: positionals[0] };
}
