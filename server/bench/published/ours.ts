import { join } from 'node:path';
import { compare } from '../../../models/compare';
import { StudioError } from '../../../models/errors';
import { NodeRuntime } from '../../../models/runtime/node';
import { Scheduler } from '../../../models/runtime/scheduler';
import type { Precision } from '../../../models/runtime/types';
import { beamSearch } from '../../../models/search/beam';
import { GraphStepModel } from '../../../models/search/graph-step-model';
import { Family } from '../../../models/weights/family';
import { folderSource } from '../../weights/folder-families';
import { timedCoca } from './coca';
import { familyName, fiveName, readPpm } from './files';

export const tokens = 20;
export const magicTokens = 12;
const free = { minTokens: 0, noRepeat: 0 };

/** The lanes that are timed, by the names of the ratios. Each begins with the photo. */
export const lanes = {
  clipcap: { decoder: 'clipcap', options: { search: 'clipcap-beam', beam: 5, maxTokens: tokens, ...free } },
  /** As transformers' `generate` with so many tokens exactly: log-probabilities, and no end before. */
  clipcapBeam: {
    decoder: 'clipcap',
    options: { search: 'beam', beam: 5, maxTokens: tokens, minTokens: tokens, noRepeat: 0, lengthPenalty: 1 },
  },
  capdec: { decoder: 'capdec', options: { search: 'clipcap-beam', beam: 5, maxTokens: tokens, ...free } },
  decap: { decoder: 'decap', options: { search: 'greedy', maxTokens: tokens, tau: 0.01, ...free } },
  iterative: {
    decoder: 'iterative',
    options: { search: 'magic', candidates: 45, degeneration: 0.1, guidance: 2, maxTokens: magicTokens, ...free },
  },
  guided: {
    decoder: 'iterative',
    options: { search: 'guided-beam', beam: 5, candidates: 16, maxTokens: magicTokens, ...free },
  },
  /** As it is: up to 29 tokens. */
  cocaFree: { decoder: 'coca', options: { mode: 'open_clip-3.3.0' } },
} as const;
export type LaneName = keyof typeof lanes;
/**
 * `prompt`: ClipCap's language model alone, on the ids that optimum's export is given. `coca`: CoCa alone, its twenty
 * tokens forced. `all`, `five`: four and five lanes in one comparison.
 */
export type Task = LaneName | 'prompt' | 'coca' | keyof typeof together;
export type Timed = { seconds: number; tokens: number[]; work?: string };
export type OursReport = { tasks: Partial<Record<Task, Timed>>; peakRssMb: number };
const together = {
  all: ['clipcap', 'capdec', 'decap', 'guided'],
  five: ['clipcap', 'capdec', 'decap', 'guided', 'cocaFree'],
} as const satisfies Record<string, readonly LaneName[]>;
const ofFive: readonly Task[] = ['coca', 'five'];
/** The prompt of theirs.py. */
const promptIds = Array.from({ length: 10 }, (_, n) => 31 * n + 5);

/** Each task once to warm up and then `repeat` times: the fastest counts. Runs in a process of its own. */
export async function runOurs(
  folder: string,
  precision: Precision,
  repeat: number,
  tasks: readonly Task[],
): Promise<OursReport> {
  const image = await readPpm(join(folder, 'photo.ppm'));
  const runtime = new NodeRuntime({ device: { name: 'cpu' }, threads: 2 });
  const scheduler = new Scheduler();
  const name = tasks.some((task) => ofFive.includes(task)) ? fiveName : familyName;
  const family = await Family.open({
    files: folderSource(join(folder, 'families', name), name),
    runtime,
    precision,
  });
  const compared = async (names: readonly LaneName[]): Promise<Timed> => {
    const start = performance.now();
    const found = new Map<string, number[]>();
    let work = '';
    const request = {
      family: name,
      input: { kind: 'image' as const, image },
      lanes: names.map((name) => ({ id: name, decoder: lanes[name].decoder, options: lanes[name].options })),
    };
    for await (const event of compare(request, { scheduler, openFamily: async () => family })) {
      if (event.type === 'lane-finished') {
        found.set(event.lane, event.result.tokens);
        const { candidatesScored, textTokensEncoded } = event.result.counters ?? {};
        const stages = (event.result.stages ?? []).map(
          ({ stage, deviceMs, runs }) => `${stage} ${deviceMs.toFixed(0)} ms in ${runs}`,
        );
        if (candidatesScored)
          work = `${candidatesScored} texts, ${textTokensEncoded} tokens of the text tower at ${family.precisionOf('text-tower')}; ${stages.join(', ')}`;
      }
      if (event.type === 'lane-failed') throw StudioError.fromData(event.error);
    }
    return { seconds: (performance.now() - start) / 1000, tokens: found.get(names[0]!)!, ...(work ? { work } : {}) };
  };
  const run = (task: Task): Promise<Timed> => {
    if (task === 'prompt') return prompted(family, runtime, scheduler);
    if (task === 'coca') return timedCoca(family, scheduler, image);
    return compared(task === 'all' || task === 'five' ? together[task] : [task]);
  };
  const report: OursReport = { tasks: {}, peakRssMb: 0 };
  for (const task of tasks) {
    await run(task);
    for (let n = 0; n < repeat; n++) {
      const timed = await run(task);
      if (timed.seconds < (report.tasks[task]?.seconds ?? Infinity)) report.tasks[task] = timed;
    }
    const { seconds, work } = report.tasks[task]!;
    console.error(`ours, ${precision}, ${task}: ${seconds.toFixed(2)} s${work ? ` (${work})` : ''}`);
  }
  await runtime.close();
  report.peakRssMb = process.resourceUsage().maxRSS / 1024;
  return report;
}

/** Beam search of ClipCap's language model after a prompt of ids. */
async function prompted(family: Family, runtime: NodeRuntime, scheduler: Scheduler): Promise<Timed> {
  const session = await family.session('clipcap.lm');
  const { eos, ...shape } = family.languageModel('clipcap');
  const text = await family.tokenizer(family.languageModel('clipcap').tokenizer);
  const start = performance.now();
  const lane = scheduler.lane();
  const model = new GraphStepModel(
    session,
    runtime,
    { prefill: lane, step: lane },
    { ...shape, endToken: eos },
    { ids: promptIds },
  );
  const input = { model, text, similarity: async () => [], maxTokens: tokens, alternatives: 0, lane: 'prompt' };
  const search = beamSearch(input, { beam: 5, lengthPenalty: 1, minTokens: tokens, noRepeat: 0 });
  let next = await search.next();
  while (!next.done) next = await search.next();
  model.dispose();
  return { seconds: (performance.now() - start) / 1000, tokens: [...next.value[0]!.tokens] };
}
