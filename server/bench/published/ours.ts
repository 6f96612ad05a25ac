import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compare } from '../../../models/compare';
import { StudioError } from '../../../models/errors';
import { NodeRuntime } from '../../../models/runtime/node';
import { Scheduler } from '../../../models/runtime/scheduler';
import type { Precision } from '../../../models/runtime/types';
import type { RgbImage } from '../../../models/spaces/image';
import { Family } from '../../../models/weights/family';
import { folderSource } from '../../engine/families';
import { familyName } from './files';

export const tokens = 20;
export const magicTokens = 12;
const free = { minTokens: 0, noRepeat: 0 };

/** The lanes that are timed, by the names of the ratios. Each begins with the photo. */
export const lanes = {
  clipcap: { decoder: 'clipcap', options: { search: 'clipcap-beam', beam: 5, maxTokens: tokens, ...free } },
  capdec: { decoder: 'capdec', options: { search: 'clipcap-beam', beam: 5, maxTokens: tokens, ...free } },
  decap: { decoder: 'decap', options: { search: 'greedy', maxTokens: tokens, tau: 0.01, ...free } },
  iterative: { decoder: 'iterative', options: { search: 'magic', candidates: 45, degeneration: 0.1, guidance: 2, maxTokens: magicTokens, ...free } },
  guided: { decoder: 'iterative', options: { search: 'guided-beam', beam: 5, candidates: 16, maxTokens: magicTokens, ...free } },
} as const;
export type LaneName = keyof typeof lanes;
export type OursReport = { precision: Precision; lanes: Record<LaneName, { seconds: number; tokens: number[] }>; allSeconds: number; loadSeconds: number; peakRssMb: number };

/** Photo to caption by every lane, fastest of `repeat` runs each, then all of them in one comparison. Runs in a process of its own. */
export async function runOurs(folder: string, precision: Precision, repeat: number): Promise<OursReport> {
  const image = await readPpm(join(folder, 'photo.ppm'));
  const runtime = new NodeRuntime({ device: { name: 'cpu' }, threads: 2 });
  const scheduler = new Scheduler();
  const family = await Family.open({ files: folderSource(join(folder, 'families', familyName), familyName), runtime, precision });
  const run = async (names: readonly LaneName[]) => {
    const start = performance.now();
    const found = new Map<string, number[]>();
    const request = { family: familyName, input: { kind: 'image' as const, image }, lanes: names.map((name) => ({ id: name, decoder: lanes[name].decoder, options: lanes[name].options })) };
    for await (const event of compare(request, { scheduler, openFamily: async () => family })) {
      if (event.type === 'lane-finished') found.set(event.lane, event.result.tokens);
      if (event.type === 'lane-failed') throw StudioError.fromData(event.error);
    }
    return { seconds: (performance.now() - start) / 1000, found };
  };
  const report: OursReport = { precision, lanes: {} as OursReport['lanes'], allSeconds: Infinity, loadSeconds: 0, peakRssMb: 0 };
  const names = Object.keys(lanes) as LaneName[];
  const loading = performance.now();
  for (const name of names) await run([name]);
  report.loadSeconds = (performance.now() - loading) / 1000;
  for (const name of names) {
    for (let n = 0; n < repeat; n++) {
      const { seconds, found } = await run([name]);
      if (seconds < (report.lanes[name]?.seconds ?? Infinity)) report.lanes[name] = { seconds, tokens: found.get(name)! };
    }
    console.error(`ours, ${precision}, ${name}: ${report.lanes[name].seconds.toFixed(2)} s`);
  }
  for (let n = 0; n < repeat; n++) report.allSeconds = Math.min(report.allSeconds, (await run(['clipcap', 'capdec', 'decap', 'guided'])).seconds);
  await runtime.close();
  report.peakRssMb = process.resourceUsage().maxRSS / 1024;
  return report;
}

async function readPpm(file: string): Promise<RgbImage> {
  const bytes = await readFile(file);
  const head = /^P6 (\d+) (\d+) 255\n/.exec(bytes.subarray(0, 40).toString('latin1'))!;
  return { width: Number(head[1]), height: Number(head[2]), data: new Uint8Array(bytes.subarray(head[0].length)) };
}
