import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StudioError, throwIfAborted } from '../../models/errors';
import { NodeRuntime } from '../../models/runtime/node';
import type { Precision } from '../../models/runtime/types';
import type { Said } from '../../models/said';
import { Family, type FileSource } from '../../models/weights/family';
import type { GraphName } from '../../models/graphs/spec';
import { graphNamesOf, graphOf } from '../../models/weights/graphs';
import { importSteps } from '../../models/weights/import/steps';
import { type Manifest, parseManifest } from '../../models/manifest';
import { answerName, parseSelfCheck, runCheck, type SelfCheck } from '../../models/weights/self-check';
import { folderSource } from './folder-families';

export type AnswerOptions = {
  /** Folder of the family that it grew from: answers of graphs that came over unchanged are taken from there. */
  base?: string;
  /** Forgets what is stored: the weights have changed. */
  anew?: boolean;
  onProgress?: (what: Said, done: number, total: number) => void;
  signal?: AbortSignal;
};
const path = 'self-check.json';

/**
 * Runs the graphs of a family whose answers are not stored yet on their golden inputs, on the CPU, and stores what they
 * answer beside the
 * weights: every device is compared with it when it loads a graph (models/weights/self-check.ts). One graph is in
 * memory at a time. Of
 * graphs that are used at 8 bit, the answers at 8 bit are stored too. The folder's files must be those that the
 * manifest names: they are
 * not hashed again.
 * @returns the names under which answers were computed
 * @throws weights-invalid (a graph computes not-a-number, or cannot be made), cancelled, as Family.session
 */
export async function writeAnswers(
  folder: string,
  { base, anew = false, onProgress, signal }: AnswerOptions = {},
): Promise<string[]> {
  const manifestFile = join(folder, 'manifest.json');
  const before = await readFile(manifestFile);
  const manifest = parseManifest(before, folder);
  const answers = {
    ...(base === undefined ? {} : await answersOfBase(base, manifest)),
    ...(anew ? {} : await answersHere(folder, manifest)),
  };
  const source = bareSource(folder, manifest, before);
  const added: string[] = [];
  const runtime = new NodeRuntime({ device: { name: 'cpu' }, brief: true });
  try {
    const families: Partial<Record<Precision, Family>> = {};
    for (const precision of ['fp32', 'q8'] as const)
      families[precision] = await Family.open({ files: source, runtime, precision });
    // Where a graph's answer came along, its author has tried it.
    const fresh = families.fp32!.graphNames.filter((graph) => !answers[graph]);
    const wanted = fresh.flatMap((graph): { graph: GraphName; precision: 'fp32' | 'q8' }[] => [
      { graph, precision: 'fp32' },
      ...(graphOf(manifest, graph).precision === 'family' ? [{ graph, precision: 'q8' as const }] : []),
    ]);
    for (const [i, { graph, precision }] of wanted.entries()) {
      throwIfAborted(signal);
      onProgress?.(
        { sentence: precision === 'q8' ? importSteps.graphAt8Bit : importSteps.graph, values: { graph } },
        i,
        wanted.length,
      );
      const family = families[precision]!;
      const values = await runCheck(graph, await family.session(graph), runtime, family.manifest).finally(() =>
        family.close(),
      );
      answers[answerName(graph, precision)] = rounded(values, graph, family.name);
      added.push(answerName(graph, precision));
    }
    onProgress?.({ sentence: importSteps.graphs }, wanted.length, wanted.length);
  } finally {
    await runtime.close();
  }
  if (added.length || (base !== undefined && Object.keys(answers).length)) await store(folder, before, answers);
  return added;
}

/** The answers that a family brought along, of graphs that it has. */
async function answersHere(folder: string, manifest: Manifest): Promise<SelfCheck> {
  const entry = manifest.files.selfCheck;
  return entry ? parseSelfCheck(await readFile(join(folder, entry.path)), manifest.family) : {};
}

/** The base's answers for those graphs that `manifest` makes of the same files in the same way. */
async function answersOfBase(base: string, manifest: Manifest): Promise<SelfCheck> {
  const before = parseManifest(await readFile(join(base, 'manifest.json')), base);
  const made = (of: Manifest, graph: GraphName) => {
    const { network, files, settings, decoder } = graphOf(of, graph);
    return JSON.stringify([
      network,
      settings,
      files.map((key) => of.files[key]?.sha256),
      of.decoders[decoder]?.languageModel,
    ]);
  };
  const known = graphNamesOf(before);
  const same = graphNamesOf(manifest).filter(
    (graph) => known.includes(graph) && made(before, graph) === made(manifest, graph),
  );
  const names = new Set(same.flatMap((graph) => [answerName(graph, 'fp32'), answerName(graph, 'q8')]));
  return Object.fromEntries(Object.entries(await answersHere(base, before)).filter(([name]) => names.has(name)));
}

/**
 * The folder without its answers, so that nothing is compared with them, and with the manifest's word for what the
 * files hold.
 */
function bareSource(folder: string, manifest: Manifest, bytes: Uint8Array): FileSource {
  const files = folderSource(folder, manifest.family);
  const hashes = new Map(Object.values(manifest.files).map((entry) => [entry.path, entry.sha256]));
  const bare = JSON.parse(new TextDecoder().decode(bytes)) as { files: Record<string, unknown> };
  delete bare.files.selfCheck;
  const bareBytes = new TextEncoder().encode(JSON.stringify(bare));
  return {
    verified: true,
    read: async (file) => (file === 'manifest.json' ? bareBytes : files.read(file)),
    open: async (file) => ({ ...(await files.open!(file)), sha256: async () => hashes.get(file)! }),
  };
}

/** @throws weights-invalid for what is no number */
function rounded(values: Record<string, number[]>, graph: string, family: string): Record<string, number[]> {
  return Object.fromEntries(
    Object.entries(values).map(([output, numbers]) => {
      if (!numbers.every(Number.isFinite))
        throw new StudioError(
          'weights-invalid',
          `The graph ${graph} of ${family} computes no finite numbers (its output ${output}): ` +
            `there are not-a-numbers or values out of range among its weights. Fetch the checkpoint again; where that does not help, it was broken in training.`,
        );
      return [output, numbers.map((value) => Number(value.toPrecision(7)))];
    }),
  );
}

/**
 * Files first, the manifest that names them last. The old file may be a link to another family's: it is replaced, not
 * written over.
 */
async function store(folder: string, manifest: Uint8Array, answers: SelfCheck): Promise<void> {
  const replace = async (file: string, text: string) => {
    await writeFile(join(folder, `${file}.new`), text);
    await rename(join(folder, `${file}.new`), join(folder, file));
  };
  const text = `${JSON.stringify(answers)}\n`;
  await replace(path, text);
  const changed = JSON.parse(new TextDecoder().decode(manifest)) as { files: Record<string, unknown> };
  changed.files.selfCheck = {
    path,
    bytes: Buffer.byteLength(text),
    sha256: createHash('sha256').update(text).digest('hex'),
  };
  await replace('manifest.json', `${JSON.stringify(changed, null, 2)}\n`);
}
