import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { NodeRuntime } from '../../models/runtime/node';
import type { Session } from '../../models/runtime/types';
import { quantile } from '../../models/bench/timing';
import { copyBandwidth } from './bandwidth';
import { gptVariants, type GptVariantName, loadGpt, promptTokens, runSteps, stepBytes } from '../../models/bench/gpt';
import { type Guided, guidedStep } from './guided';

const rounds = 8;
const stepsPerRound = 16;
/** Other work on the machine only ever adds time, so the fast end of many interleaved steps tells what a step costs. */
const fastEnd = 0.1;

/** What the CPU bench compares; half precision is storage only there. */
const variants = ['plainFp32', 'fusedFp32', 'q8'] as const satisfies readonly GptVariantName[];
type Variant = (typeof variants)[number];

type Footprint = { buildMs: number; loadMs: number; modelMb: number; residentMb: number };
type Timing = Footprint & {
  step1Ms: number;
  step5Ms: number;
  step1MedianMs: number;
  step5MedianMs: number;
  prefillMs: number;
};
export type GraphsReport = {
  threads: number;
  bandwidthGBs: number;
  gpt2: Record<Variant, Timing>;
  ratios: {
    q8Step5OverPlain: number;
    q8Step5OverStep1: number;
    fusedOverPlain1: number;
    fusedOverPlain5: number;
    bandwidthShare: number;
    plainBandwidthShare: number;
  };
  iterativeSpeedup: number;
  guided: Guided[];
};

/**
 * Times GPT-2 124M (random weights, CPU) as plain fp32, fused fp32 and 8 bit, all loaded at once and stepped in turns,
 * and a guided
 * step of CLIP's text tower. `note` gets progress.
 */
export async function benchGraphs(note: (line: string) => void): Promise<GraphsReport> {
  const threads = availableParallelism();
  const names = variants;
  const footprints = names.map((name) => {
    note(`Loading ${name} in a process of its own`);
    return footprint(name);
  });
  const runtime = new NodeRuntime({ device: { name: 'cpu' }, threads });
  const sessions: Session[] = [];
  for (const name of names) sessions.push((await loadGpt(runtime, name)).session);
  const times = names.map(() => ({ one: [] as number[], five: [] as number[], prefill: [] as number[] }));
  let bandwidthGBs = 0;
  for (let round = 0; round < rounds; round++) {
    note(`Round ${round + 1} of ${rounds}`);
    bandwidthGBs = Math.max(bandwidthGBs, await copyBandwidth(threads));
    for (const [i, session] of sessions.entries()) {
      const one = await runSteps(runtime, session, 1, stepsPerRound);
      const five = await runSteps(runtime, session, 5, stepsPerRound);
      times[i]!.one.push(...one.stepMs);
      times[i]!.five.push(...five.stepMs);
      times[i]!.prefill.push(one.prefillMs, five.prefillMs);
    }
  }
  for (const session of sessions) await session.release();
  note('Text tower');
  const guided = [await guidedStep(runtime, 'q8'), await guidedStep(runtime, 'fp32')];
  await runtime.close();

  const gpt2 = Object.fromEntries(
    names.map((name, i): [Variant, Timing] => {
      const { one, five, prefill } = times[i]!;
      return [
        name,
        {
          step1Ms: quantile(one, fastEnd),
          step5Ms: quantile(five, fastEnd),
          step1MedianMs: quantile(one, 0.5),
          step5MedianMs: quantile(five, 0.5),
          prefillMs: quantile(prefill, fastEnd),
          ...footprints[i]!,
        },
      ];
    }),
  ) as Record<Variant, Timing>;
  const { plainFp32, fusedFp32, q8 } = gpt2;
  const share = (name: Variant) => stepBytes(name) / (gpt2[name].step1Ms / 1000) / (bandwidthGBs * 1e9);
  return {
    threads,
    bandwidthGBs,
    gpt2,
    ratios: {
      q8Step5OverPlain: q8.step5Ms / plainFp32.step5Ms,
      q8Step5OverStep1: q8.step5Ms / q8.step1Ms,
      fusedOverPlain1: fusedFp32.step1Ms / plainFp32.step1Ms,
      fusedOverPlain5: fusedFp32.step5Ms / plainFp32.step5Ms,
      bandwidthShare: share('q8'),
      plainBandwidthShare: share('plainFp32'),
    },
    iterativeSpeedup: guided[0]!.speedup,
    guided,
  };
}

/** Build time, load time and resident memory of one variant, measured in a process that does nothing else. */
function footprint(name: GptVariantName): Footprint {
  const output = execFileSync(process.execPath, ['--expose-gc', process.argv[1]!, 'graphs-footprint', name], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(output) as Footprint;
}

/** The child's side of `footprint`. */
export async function measureFootprint(name: string): Promise<Footprint> {
  if (!(name in gptVariants))
    throw new Error(`Unknown variant ${name}; known are ${Object.keys(gptVariants).join(', ')}.`);
  const runtime = new NodeRuntime({ device: { name: 'cpu' }, threads: availableParallelism() });
  const before = process.memoryUsage().rss;
  const { session, buildMs, loadMs, megabytes } = await loadGpt(runtime, name as GptVariantName);
  await runSteps(runtime, session, 5, 3);
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const residentMb = (process.memoryUsage().rss - before) / 1e6;
  await session.release();
  return { buildMs, loadMs, modelMb: megabytes, residentMb };
}

/**
 * Median step times of one variant on the CPU, measured as the browser's bench measures its own
 * (app/engine/bench-worker.ts).
 */
export async function measureSteps(name: string): Promise<{ step1Ms: number; step5Ms: number }> {
  if (!(name in gptVariants))
    throw new Error(`Unknown variant ${name}; known are ${Object.keys(gptVariants).join(', ')}.`);
  const runtime = new NodeRuntime({ device: { name: 'cpu' }, threads: availableParallelism() });
  const { session } = await loadGpt(runtime, name as GptVariantName);
  for (const rows of [1, 5]) await runSteps(runtime, session, rows, 1);
  const [one, five] = [await runSteps(runtime, session, 1, 24), await runSteps(runtime, session, 5, 24)];
  await runtime.close();
  return { step1Ms: quantile(one.stepMs, 0.5), step5Ms: quantile(five.stepMs, 0.5) };
}

export function describeGraphs(report: GraphsReport): string {
  const ms = (value: number) => value.toFixed(1).padStart(7);
  const { gpt2, ratios } = report;
  const lines = [
    `GPT-2 124M, random weights, CPU, ${report.threads} threads, ms (fastest tenth of ${rounds * stepsPerRound} interleaved steps; median in brackets)`,
    `${''.padEnd(10)} ${'1 beam'.padStart(16)} ${'5 beams'.padStart(16)} ${`prefill ${promptTokens}`.padStart(11)} ${'build'.padStart(7)} ${'load'.padStart(7)} ${'file MB'.padStart(8)} ${'memory MB'.padStart(9)}`,
    ...Object.entries(gpt2).map(
      ([name, t]) =>
        `${name.padEnd(10)} ${ms(t.step1Ms)} (${ms(t.step1MedianMs).trim().padStart(6)}) ` +
        `${ms(t.step5Ms)} (${ms(t.step5MedianMs).trim().padStart(6)}) ${ms(t.prefillMs).padStart(11)} ${t.buildMs.toFixed(0).padStart(7)} ` +
        `${t.loadMs.toFixed(0).padStart(7)} ${t.modelMb.toFixed(0).padStart(8)} ${t.residentMb.toFixed(0).padStart(9)}`,
    ),
    `8 bit, 5 beams / plain fp32, 5 beams: ${ratios.q8Step5OverPlain.toFixed(2)} (wanted ≤ 0.45)`,
    `8 bit, 5 beams / 1 beam:              ${ratios.q8Step5OverStep1.toFixed(2)} (wanted ≤ 1.6)`,
    `fused fp32 / plain fp32:              ${ratios.fusedOverPlain1.toFixed(2)} at 1 beam, ${ratios.fusedOverPlain5.toFixed(2)} at 5 (wanted ≤ 1)`,
    `large copy ${report.bandwidthGBs.toFixed(1)} GB/s (read + written); ` +
      `a step of 1 beam reads its weights at ${(100 * ratios.bandwidthShare).toFixed(0)} % of that in 8 bit, ${(100 * ratios.plainBandwidthShare).toFixed(0)} % in plain fp32`,
    ...report.guided.map(
      (g) =>
        `guided step, CLIP ViT-B/32 text tower, ${g.precision}, ${g.candidates} candidates: ${g.sharedMs.toFixed(0)} ms sharing prefixes, ${g.fullMs.toFixed(0)} ms at 77 tokens each: ${g.speedup.toFixed(1)} × (wanted ≥ 8)`,
    ),
  ];
  return lines.join('\n');
}
