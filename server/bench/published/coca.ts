// CoCa ViT-B/32 as the bench runs it: what open_clip's `generate` does of a photo, twenty tokens long.
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crossTensors } from '../../../models/decoders/coca/index';
import { StudioError } from '../../../models/errors';
import { NodeRuntime } from '../../../models/runtime/node';
import { type Lane, Scheduler } from '../../../models/runtime/scheduler';
import { GraphStepModel } from '../../../models/search/graph-step-model';
import { openClipBeam } from '../../../models/search/open-clip-beam';
import type { StepRequest } from '../../../models/search/types';
import type { RgbImage } from '../../../models/spaces/image';
import { encodeBy, type Grid } from '../../../models/spaces/space';
import { Family } from '../../../models/weights/family';
import { folderSource } from '../../weights/folder-families';
import { cocaSpaceName, drawing, readPpm, type Settings } from './files';

const tokens = 20;
/** `min_seq_len` counts the begin token; so many tokens are forced, and no more follow. */
const rules = { beam: 2, minLength: tokens, add: 'logits', beginCounts: true } as const;
const script = (root: string) => join(root, 'server/bench/published/coca.py');

/** Why CoCa cannot stand beside its authors' code here, or undefined. */
export function cocaMissing(python: string): string | undefined {
  try {
    execFileSync(python, ['-c', 'from open_clip.coca_model import _has_transformers as h; assert h'], {
      stdio: 'pipe',
    });
    return undefined;
  } catch {
    return `${python} lacks open_clip_torch 3.3.0 or a transformers that has BeamSearchScorer (4.49.0)`;
  }
}

export function makeCoca({ folder, python, root }: Settings): void {
  if (existsSync(join(folder, 'coca.bin'))) return;
  execFileSync(python, [script(root), 'make', folder], { stdio: ['ignore', 'inherit', 'inherit'] });
}

/** What coca.py prints for `what`. */
export function theirCoca<T>({ folder, python, root }: Settings, what: string, args: readonly string[]): T {
  const words = [script(root), what, folder, ...args];
  return JSON.parse(
    execFileSync(python, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 26 }),
  ) as T;
}

/** The photo as its tower sees it, with the embedding where the space is CoCa's own. */
async function encoded(family: Family, lane: Lane, image: RgbImage) {
  const { space, decoders } = family.manifest;
  const tower = await family.session(family.graphNames.includes('coca.image') ? 'coca.image' : 'image-tower');
  return encodeBy(tower, image, decoders.coca?.image ?? space.image, family.runtime, lane.at('encode'));
}

/** A step model over a photo; the caller calls `dispose`. */
async function stepsOver(family: Family, lane: Lane, grid: Grid) {
  const constants = await crossTensors(grid, { family, device: lane }, 'pool');
  const { eos, bos, ...shape } = family.languageModel('coca');
  const model = new GraphStepModel(
    await family.session('coca.decoder'),
    family.runtime,
    { prefill: lane.at('step'), step: lane.at('step') },
    { ...shape, endToken: eos },
    { ids: [bos], constants },
  );
  const dispose = () => {
    model.dispose();
    for (const tensor of Object.values(constants)) tensor.dispose();
  };
  return { model, dispose };
}

async function captioned(family: Family, lane: Lane, grid: Grid): Promise<number[]> {
  const { model, dispose } = await stepsOver(family, lane, grid);
  try {
    const text = await family.tokenizer(family.languageModel('coca').tokenizer);
    const input = { model, text, similarity: async () => [], maxTokens: tokens, alternatives: 0, lane: 'coca' };
    const search = openClipBeam(input, rules);
    let next = await search.next();
    while (!next.done) next = await search.next();
    return [...next.value[0]!.tokens];
  } finally {
    dispose();
  }
}

/** A photo's caption and what it cost, the loading left out. */
export async function timedCoca(
  family: Family,
  scheduler: Scheduler,
  image: RgbImage,
): Promise<{ seconds: number; tokens: number[]; work: string }> {
  const start = performance.now();
  const lane = scheduler.lane();
  const { grid } = await encoded(family, lane, image);
  const found = await captioned(family, lane, grid!);
  const seconds = (performance.now() - start) / 1000;
  const stages = lane.stages.map(({ stage, deviceMs, runs }) => `${stage} ${deviceMs.toFixed(0)} ms in ${runs}`);
  return { seconds, tokens: found, work: stages.join(', ') };
}

/** Logits after all tokens but the last. */
async function lastLogits(family: Family, lane: Lane, grid: Grid, said: readonly number[]): Promise<Float32Array> {
  const { model, dispose } = await stepsOver(family, lane, grid);
  try {
    const all: StepRequest = { k: model.vocabulary };
    let output = await model.prefill(all);
    for (const token of said.slice(0, -1)) output = await model.step([0], [token], all);
    const logits = new Float32Array(output.k);
    output.ids.forEach((id, i) => (logits[id] = output.largestLogit![0]! + output.logProbs[i]! - output.logProbs[0]!));
    return logits;
  } finally {
    dispose();
  }
}

export type CocaParity = {
  by: Record<string, string>;
  photos: number;
  /** Captions of which every token is theirs, and how many of theirs are distinct. */
  equal: number;
  distinct: number;
  /** Largest differences, as a share of the largest value. */
  embedding: number;
  logits: number;
};

/** What our graphs in fp32 and open_clip say of the same drawn photos, at full size. */
export async function cocaParity(settings: Settings, photos: number): Promise<CocaParity> {
  if (!Number.isInteger(photos) || photos < 1)
    throw new StudioError('option-invalid', '--photos takes a count of drawn photos from 1.');
  const { folder } = settings;
  const files = Array.from({ length: photos }, (_, n) => join(folder, `drawn-${n}.ppm`));
  files.forEach((file, n) => writeFileSync(file, drawing(300 + 40 * (n % 5), 427 - 30 * (n % 7), n)));
  const theirs = theirCoca<{ by: Record<string, string>; tokens: number[][] }>(settings, 'parity', files);
  const bytes = await readFile(join(folder, 'coca-parity.bin'));
  const numbers = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const runtime = new NodeRuntime({ device: { name: 'cpu' }, threads: 2 });
  try {
    const family = await Family.open({
      files: folderSource(join(folder, 'families', cocaSpaceName), cocaSpaceName),
      runtime,
      precision: 'fp32',
    });
    const scheduler = new Scheduler();
    const { dim } = family.manifest.space;
    const row = dim + family.languageModel('coca').vocabulary;
    const report = { by: theirs.by, photos, equal: 0, embedding: 0, logits: 0 };
    for (const [n, file] of files.entries()) {
      const lane = scheduler.lane();
      const expected = numbers.subarray(n * row, (n + 1) * row);
      const { values, grid } = await encoded(family, lane, await readPpm(file));
      const said = theirs.tokens[n]!;
      if ((await captioned(family, lane, grid!)).join() === said.join()) report.equal++;
      report.embedding = Math.max(report.embedding, off(values!, expected.subarray(0, dim)));
      report.logits = Math.max(report.logits, off(await lastLogits(family, lane, grid!, said), expected.subarray(dim)));
    }
    return { ...report, distinct: new Set(theirs.tokens.map(String)).size };
  } finally {
    await runtime.close();
  }
}

/** The largest difference, as a share of the largest value. */
function off(found: Float32Array, expected: Float32Array): number {
  let [most, largest] = [0, 0];
  expected.forEach((value, i) => {
    most = Math.max(most, Math.abs(value - found[i]!));
    largest = Math.max(largest, Math.abs(value));
  });
  return most / largest;
}
