import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { resolveOptions } from '../../models/decoders/options';
import { decoderNamed, decoders } from '../../models/decoders/registry';
import type { Decoder } from '../../models/decoders/types';
import { StudioError } from '../../models/errors';
import { parseManifest, type Manifest } from '../../models/weights/manifest';
import type { CreateComparison, DecoderCard, FamilyCard, LaneRequest } from '../trpc/types';
import type { Catalogue } from './studio';

/** Families lie side by side, one folder each; the embedded one is models/pocket. */
const embedded = 'models';

/** What this server offers: every decoder of the registry, every family with a manifest in `familiesDir`. */
export function catalogue(familiesDir = embedded): Catalogue {
  const folder = resolve(/* turbopackIgnore: true */ process.cwd(), familiesDir);
  return {
    decoders: () => Object.values(decoders).map(decoderCard),
    families: () => readFamilies(folder),
    plan: async (request) => {
      const families = await readFamilies(folder);
      const family = request.family === undefined ? families[0] : families.find(({ name }) => name === request.family);
      if (!family) throw new StudioError('family-unknown', `There is no family ${request.family === undefined ? 'at all' : `"${request.family}"`} in ${folder}. Known are: ${families.map(({ name }) => name).join(', ') || 'none'}.`);
      if (family.problem) throw new StudioError('weights-invalid', family.problem);
      return { family: family.name, lanes: planLanes(request, family), ...(await weightsOf(folder, family.name)) };
    },
  };
}

/** What names the weights of a family: SHA-256 of its manifest, and of each file as the manifest has it. */
async function weightsOf(folder: string, family: string): Promise<{ familyHash: string; weightHashes: Record<string, string> }> {
  const bytes = await readFile(join(folder, family, 'manifest.json'));
  const { files } = parseManifest(bytes, join(folder, family));
  return { familyHash: createHash('sha256').update(bytes).digest('hex'), weightHashes: Object.fromEntries(Object.values(files).map(({ path, sha256 }) => [path, sha256])) };
}

function planLanes(request: CreateComparison, family: FamilyCard) {
  const taken = new Set<string>();
  const wanted: LaneRequest[] = request.lanes ?? family.decoders.map((decoder) => ({ decoder }));
  return wanted.map(({ id, decoder, options = {} }) => {
    const { options: specs } = decoderNamed(decoder);
    if (!family.decoders.includes(decoder)) throw new StudioError('decoder-unknown', `The family ${family.name} has no ${decoder}. It has: ${family.decoders.join(', ')}.`);
    if (id !== undefined && taken.has(id)) throw new StudioError('option-invalid', `Two lanes are called ${id}. Give each lane a name of its own, or none.`);
    const name = id ?? freeName(decoder, taken);
    taken.add(name);
    return { id: name, decoder, options: resolveOptions(decoder, specs, options, family.defaults[decoder]) };
  });
}

function freeName(decoder: string, taken: ReadonlySet<string>): string {
  let name = decoder;
  for (let n = 2; taken.has(name); n++) name = `${decoder}-${n}`;
  return name;
}

function decoderCard({ name, title, idea, trainedOn, accepts, needsGrid, options }: Decoder): DecoderCard {
  return { name, title, idea, trainedOn, accepts, needsGrid, options };
}

async function readFamilies(folder: string): Promise<FamilyCard[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new StudioError('weights-missing', `The folder of families ${folder} cannot be read. STUDIO_FAMILIES_DIR must name a folder with one subfolder for each family.`, { cause });
  });
  const cards = await Promise.all(entries.filter((entry) => entry.isDirectory()).map((entry) => readFamily(folder, entry.name)));
  return cards.filter((card) => card !== undefined).sort((a, b) => Number(b.name === 'pocket') - Number(a.name === 'pocket') || a.name.localeCompare(b.name));
}

/** The card of one family; undefined for a folder that is none (it has no manifest). */
async function readFamily(folder: string, name: string): Promise<FamilyCard | undefined> {
  const bytes = await readFile(join(folder, name, 'manifest.json')).catch(() => undefined);
  if (!bytes) return undefined;
  try {
    return familyCard(parseManifest(bytes, join(folder, name)));
  } catch (error) {
    return { name, version: '', dim: 0, bytes: 0, licence: '', trainedOn: '', decoders: [], defaults: {}, metrics: {}, problem: StudioError.from(error).message };
  }
}

function familyCard({ family, version, space, files, licence, trainedOn, decoders: own, metrics }: Manifest): FamilyCard {
  return {
    name: family,
    version,
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
