// `npm run bench -- gpu [--device cuda|webgpu|cpu] [--precision P] [--tiny] [--json]`: how fast the server's GPU is,
// and whether it says what the CPU says.
import { StudioError } from '../../../models/errors';
import type { DeviceName, Precision } from '../../../models/runtime/types';
import { nodeDevices } from '../../../models/runtime/node';
import { reportDevices } from '../../engine/devices';
import { BenchDevice, type Captioner, captioners } from './device';
import type { Walked } from './greedy';
import { sizes, weightsOf } from './networks';

const precisions = ['fp32', 'fp16', 'q8'] as const satisfies readonly Precision[];
type Agreement = {
  /** Share of the tokens that the CPU says too, place by place. */
  tokens: number;
  /** Largest difference of the first token's log-probability. */
  logProb: number;
};
export type GpuReport = {
  device: DeviceName;
  precision: Precision;
  size: 'full' | 'tiny';
  gpt2: { sequences: number; tokensPerSecond: number; agreement: Agreement }[];
  captions: { decoder: Captioner; photos: number; perSecond: number; agreement: Agreement }[];
};

/** @throws option-invalid, device-unavailable when there is no GPU that onnxruntime can use */
export async function benchGpu(args: readonly string[], note: (line: string) => void): Promise<GpuReport> {
  const { device, precision, tiny } = await settings(args);
  const size = tiny ? 'tiny' : 'full';
  const all = sizes[size];
  const [photos, checked] = tiny ? [4, 2] : [64, 2];
  const weights = weightsOf(all);
  const here = new BenchDevice(device, precision, all, weights);
  // What the CPU says in fp32, of a few only: it is the measure of what is right, not of speed.
  const cpu = new BenchDevice('cpu', 'fp32', all, weights);
  const report: GpuReport = { device, precision, size, gpt2: [], captions: [] };
  try {
    const count = tiny ? 8 : 64;
    for (const sequences of tiny ? [1, 5, 8] : [1, 5, 128]) {
      await here.tokens(sequences, 4);
      const walked = await here.tokens(sequences, count);
      const tokensPerSecond = (sequences * (count - 1)) / (walked.stepsMs / 1000);
      const few = Math.min(sequences, checked);
      const agreement = agreed(walked, await cpu.tokens(few, count));
      report.gpt2.push({ sequences, tokensPerSecond, agreement });
      note(`GPT-2, ${sequences} sequences: ${tokensPerSecond.toFixed(0)} tokens/s`);
    }
    for (const decoder of captioners) {
      await here.captions(decoder, photos);
      const { seconds, walked } = await here.captions(decoder, photos);
      const agreement = agreed(walked, (await cpu.captions(decoder, checked)).walked);
      report.captions.push({ decoder, photos, perSecond: photos / seconds, agreement });
      note(`${decoder}: ${(photos / seconds).toFixed(1)} captions/s`);
    }
    return report;
  } finally {
    await here.close();
    await cpu.close();
  }
}

async function settings(args: readonly string[]) {
  const value = (name: string) => (args.includes(`--${name}`) ? args[args.indexOf(`--${name}`) + 1] : undefined);
  const wanted = value('device');
  if (wanted !== undefined && !(nodeDevices as readonly string[]).includes(wanted))
    throw new StudioError('option-invalid', `--device is "${wanted}"; expected one of ${nodeDevices.join(', ')}.`);
  const reports = await reportDevices();
  const gpus = reports.filter(({ name }) =>
    wanted === undefined ? name === 'cuda' || name === 'webgpu' : name === wanted,
  );
  const device = gpus.find(({ available }) => available)?.name;
  if (device === undefined)
    throw new StudioError(
      'device-unavailable',
      `There is no GPU to measure here. ${gpus.map(({ name, reason }) => `${name}: ${reason}`).join('; ')}. ` +
        `Run this where one is; --device cpu --tiny tries the script itself.`,
    );
  // CUDA's attention runs in half precision only.
  const precision = (value('precision') ?? (device === 'cpu' ? 'fp32' : 'fp16')) as Precision;
  if (!precisions.includes(precision))
    throw new StudioError('option-invalid', `--precision is "${precision}"; expected one of ${precisions.join(', ')}.`);
  return { device, precision, tiny: args.includes('--tiny') };
}

/** The first rows of a walk against those of the CPU, which are as many or fewer. */
function agreed(walked: Walked, right: Walked): Agreement {
  const pairs = right.tokens.flatMap((row, r) => row.map((token, i) => token === walked.tokens[r]![i]));
  const off = right.tokens.map((_, r) => Math.abs(right.logProbs[r]! - walked.logProbs[r]!));
  return { tokens: pairs.filter(Boolean).length / pairs.length, logProb: Math.max(...off) };
}

export function describeGpu({ device, precision, size, gpt2, captions }: GpuReport): string {
  const said = ({ tokens, logProb }: Agreement) =>
    `${(100 * tokens).toFixed(1)} % of the CPU's tokens, first log-probability within ${logProb.toExponential(1)}`;
  return [
    `${device}, ${precision}, random weights in ${size === 'full' ? 'the published' : 'tiny'} sizes, warm; greedy, against the CPU in fp32`,
    ...gpt2.map(
      ({ sequences, tokensPerSecond, agreement }) =>
        `GPT-2 124M, ${String(sequences).padStart(3)} sequences: ${tokensPerSecond.toFixed(0).padStart(7)} tokens/s   ${said(agreement)}`,
    ),
    ...captions.map(
      ({ decoder, photos, perSecond, agreement }) =>
        `${decoder.padEnd(8)} ${photos} photos at once: ${perSecond.toFixed(1).padStart(7)} captions/s  ${said(agreement)}`,
    ),
    'A caption is twenty tokens from the pixels on. CoCa decodes photo after photo: its step graph shares one photo.',
  ].join('\n');
}
