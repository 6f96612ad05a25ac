import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decoders } from '../../models/decoders/registry';
import type { OptionValues } from '../../models/decoders/option-spec';
import type { Decoder } from '../../models/decoders/types';
import { StudioError } from '../../models/errors';
import { planLanes, requestOf, trainedDecoders } from '../../models/lanes/plan';
import { told } from '../errors/told';
import { parseEffects } from '../../models/weights/effects';
import { parseManifest, type Manifest } from '../../models/manifest';
import { familyDirs, type FamilyDirs, familyFolder, type FamilyFolder, familyFolders } from '../weights/folders';
import type { CreateComparison } from '../../kept/requests';
import type { DecoderCard, FamilyCard } from '../../kept/answers';
import type { Frequencies } from '../../kept/frequencies';
import { memoryFrequencies } from './frequencies';

/**
 * Turns a request into lanes that can run, `beside` those of the comparison that they go into. @throws decoder-unknown,
 * family-unknown, option-invalid
 */
export type Planner = (
  request: CreateComparison,
  beside?: readonly string[],
) => Promise<{
  family: string;
  lanes: { id: string; decoder: string; options: OptionValues }[];
  /** Its space; without it the family's name. */ space?: string;
  familyHash?: string;
  weightHashes?: Record<string, string>;
}>;

/** What this server has to offer, and how a request becomes lanes of it. */
export interface Catalogue {
  decoders(): DecoderCard[];
  families(): Promise<FamilyCard[]>;
  plan: Planner;
  /** Document frequencies of n-grams, for CIDEr-D. */
  frequencies?(family: string, grams: readonly string[]): Promise<Frequencies>;
}

/** What this server offers: every decoder of the registry, every family with a manifest in the folders. */
export function catalogue(dirs: FamilyDirs = familyDirs()): Catalogue {
  return {
    decoders: () => Object.values(decoders).map(decoderCard),
    families: () => readFamilies(dirs),
    frequencies: (family, grams) => memoryFrequencies(family, grams, dirs),
    plan: async (request, beside) => {
      const families = await readFamilies(dirs);
      const family = request.family === undefined ? families[0] : families.find(({ name }) => name === request.family);
      if (!family)
        throw new StudioError(
          'family-unknown',
          `There is no family ${request.family === undefined ? 'at all' : `"${request.family}"`} here. Installed are: ${families.map(({ name }) => name).join(', ') || 'none'}. The page Models shows what can be pulled or imported.`,
        );
      if (family.problem) throw new StudioError('weights-invalid', family.problem);
      const manifest = await manifestOf(family.name, dirs);
      const wishes = request.lanes ?? trainedDecoders(manifest.parsed).map(({ name }) => ({ decoder: name }));
      const lanes = planLanes(wishes, manifest.parsed, beside).map(requestOf);
      return { family: family.name, lanes, ...weightsIn(manifest) };
    },
  };
}

/** What names the weights of a family: SHA-256 of its manifest, and of each file as the manifest has it. */
export async function weightsOf(
  name: string,
  dirs: FamilyDirs,
): Promise<{ space: string; familyHash: string; weightHashes: Record<string, string> }> {
  return weightsIn(await manifestOf(name, dirs));
}

async function manifestOf(name: string, dirs: FamilyDirs): Promise<{ bytes: Uint8Array; parsed: Manifest }> {
  const { manifest, folder } = await familyFolder(name, dirs);
  return { bytes: manifest, parsed: parseManifest(manifest, folder) };
}

function weightsIn({ bytes, parsed: { files, space } }: Awaited<ReturnType<typeof manifestOf>>) {
  return {
    space: space.name,
    familyHash: createHash('sha256').update(bytes).digest('hex'),
    weightHashes: Object.fromEntries(Object.values(files).map(({ path, sha256 }) => [path, sha256])),
  };
}

function decoderCard(decoder: Decoder): DecoderCard {
  const { name, title, idea, trainedOn, accepts, needsGrid, options, presets, pageDefaults } = decoder;
  return { name, title, idea, trainedOn, accepts, needsGrid, options, presets, pageDefaults };
}

async function readFamilies(dirs: FamilyDirs): Promise<FamilyCard[]> {
  return Promise.all(
    (await familyFolders(dirs)).map(async (family) => ({ ...readFamily(family), ...(await effectsOf(family)) })),
  );
}

function readFamily({ name, folder, manifest }: FamilyFolder): FamilyCard {
  try {
    return familyCard(parseManifest(manifest, folder));
  } catch (error) {
    return {
      name,
      version: '',
      space: '',
      dim: 0,
      bytes: 0,
      licence: '',
      trainedOn: '',
      decoders: [],
      defaults: {},
      metrics: {},
      problem: told(error).message,
    };
  }
}

/** What was measured of its parts: a note beside the manifest, that a family may lack. */
async function effectsOf({ folder }: FamilyFolder): Promise<Pick<FamilyCard, 'effects'>> {
  try {
    return { effects: parseEffects(await readFile(join(folder, 'effects.json'), 'utf8')) };
  } catch {
    return {};
  }
}

function familyCard(manifest: Manifest): FamilyCard {
  const { family, version, space, files, licence, trainedOn, decoders: own, metrics } = manifest;
  return {
    name: family,
    version,
    space: space.name,
    dim: space.dim,
    bytes: Object.values(files).reduce((sum, file) => sum + file.bytes, 0),
    licence,
    trainedOn,
    decoders: trainedDecoders(manifest).map(({ name }) => name),
    defaults: Object.fromEntries(Object.entries(own).map(([name, { defaults }]) => [name, defaults])),
    refused: Object.fromEntries(
      Object.entries(own).flatMap(([name, { refused }]) => (refused ? [[name, refused]] : [])),
    ),
    metrics,
  };
}
