import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveOptions } from '../../models/decoders/options';
import { decoderNamed, decoders } from '../../models/decoders/registry';
import type { Decoder } from '../../models/decoders/types';
import { StudioError } from '../../models/errors';
import { told } from '../errors/told';
import { parseEffects } from '../../models/weights/effects';
import { parseManifest, type Manifest } from '../../models/weights/manifest';
import { familyDirs, type FamilyDirs, familyFolder, type FamilyFolder, familyFolders } from '../weights/folders';
import type { CreateComparison, LaneRequest } from '../../kept/requests';
import type { DecoderCard, FamilyCard } from '../../kept/answers';
import type { Frequencies } from '../../kept/frequencies';
import { memoryFrequencies } from './frequencies';

/** Turns a request into lanes that can run. @throws decoder-unknown, family-unknown, option-invalid */
export type Planner = (request: CreateComparison) => Promise<{
  family: string;
  lanes: { id: string; decoder: string; options: Record<string, unknown> }[];
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
    plan: async (request) => {
      const families = await readFamilies(dirs);
      const family = request.family === undefined ? families[0] : families.find(({ name }) => name === request.family);
      if (!family)
        throw new StudioError(
          'family-unknown',
          `There is no family ${request.family === undefined ? 'at all' : `"${request.family}"`} here. Installed are: ${families.map(({ name }) => name).join(', ') || 'none'}. The page Models shows what can be pulled or imported.`,
        );
      if (family.problem) throw new StudioError('weights-invalid', family.problem);
      return { family: family.name, lanes: planLanes(request, family), ...(await weightsOf(family.name, dirs)) };
    },
  };
}

/** What names the weights of a family: SHA-256 of its manifest, and of each file as the manifest has it. */
export async function weightsOf(
  name: string,
  dirs: FamilyDirs,
): Promise<{ space: string; familyHash: string; weightHashes: Record<string, string> }> {
  const { manifest, folder } = await familyFolder(name, dirs);
  const { files, space } = parseManifest(manifest, folder);
  return {
    space: space.name,
    familyHash: createHash('sha256').update(manifest).digest('hex'),
    weightHashes: Object.fromEntries(Object.values(files).map(({ path, sha256 }) => [path, sha256])),
  };
}

function planLanes(request: CreateComparison, family: FamilyCard) {
  const taken = new Set<string>();
  const wanted: LaneRequest[] = request.lanes ?? family.decoders.map((decoder) => ({ decoder }));
  return wanted.map(({ id, decoder, options = {} }) => {
    const { options: specs } = decoderNamed(decoder);
    if (!family.decoders.includes(decoder))
      throw new StudioError(
        'decoder-unknown',
        `The family ${family.name} has no ${decoder}. It has: ${family.decoders.join(', ')}.`,
      );
    if (id !== undefined && taken.has(id))
      throw new StudioError('option-invalid', `Two lanes are called ${id}. Give each lane a name of its own, or none.`);
    const name = id ?? freeName(decoder, taken);
    taken.add(name);
    return { id: name, decoder, options: resolveOptions(decoder, specs, options, family.defaults[decoder]) };
  });
}

/** The decoder's name, or with the first number that is free. */
export function freeName(decoder: string, taken: ReadonlySet<string | undefined>): string {
  let name = decoder;
  for (let n = 2; taken.has(name); n++) name = `${decoder}-${n}`;
  return name;
}

function decoderCard({ name, title, idea, trainedOn, accepts, needsGrid, options }: Decoder): DecoderCard {
  return { name, title, idea, trainedOn, accepts, needsGrid, options };
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

function familyCard({
  family,
  version,
  space,
  files,
  licence,
  trainedOn,
  decoders: own,
  metrics,
}: Manifest): FamilyCard {
  return {
    name: family,
    version,
    space: space.name,
    dim: space.dim,
    bytes: Object.values(files).reduce((sum, file) => sum + file.bytes, 0),
    licence,
    trainedOn,
    // The registry's order, so that the five ideas always stand in the same place.
    decoders: Object.values(decoders)
      .map(({ name }) => name)
      .filter((name) => Object.hasOwn(own, name)),
    defaults: Object.fromEntries(Object.entries(own).map(([name, { defaults }]) => [name, defaults])),
    metrics,
  };
}
