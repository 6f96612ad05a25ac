import { replayNote, replayReport, replaySentences, viewOfRun } from '../../../kept/replay';
import type { StudioEvent } from '../../../models/events';
import { weightsOf } from '../../comparisons/catalogue';
import { appVersion } from '../../env/version';
import { replayRequest } from '../../history/replay';
import { engineSettings, parse } from '../args';
import type { Command } from '../command';
import { fieldHelp, type Fields } from '../fields';
import { say, sayJson } from '../io';
import { dirsOf, keptFlags, keptHelp, viewOf, withKept } from './kept';

const flags = { ...keptFlags, device: { type: 'string' }, 'families-dir': { type: 'string' } } as const;

const fields: Fields = {
  of: 'the comparison that was run again',
  id: 'null: the new run is not kept',
  same: 'whether the tokens are the same in every lane',
  'lanes[].id': 'the name of the lane',
  'lanes[].decoder': 'its decoder',
  'lanes[].same': 'whether its tokens are the same',
  'lanes[].before': 'its caption then, or null',
  'lanes[].after': 'its caption now, or null',
  'lanes[].firstDifference': 'index of the first token that differs, or null',
  'lanes[].logProbDifference': 'between the sums of log-probabilities',
  'lanes[].lacks.*': 'when it had no caption, and why',
  'differences[].what': 'device, precision, weights or version: what is not as it was',
  'differences[].before': 'then',
  'differences[].after': 'now',
  'differences[].files[]': 'weight files that changed',
  'sentences[]': 'the same in words',
};

export const replayHistory: Command = {
  summary: 'runs a comparison again, and says whether the tokens are the same',
  help: `npm run -s studio -- history replay ID [flags]

Says what differs where the tokens do; the exit status is 1 then. An ID may be cut as long as it is clear.

  --device NAME      auto, cpu, cuda, webgpu, coreml, dml   (auto)
  --families-dir DIR folder of the embedded families   (models)
${keptHelp}

With --json one object:
${fieldHelp(fields)}`,
  async run(args, io) {
    const { values, positionals } = parse(args, flags, { positionals: 1 });
    const [given] = positionals;
    return withKept(values, io, async (kept) => {
      const original = await viewOf(given, kept);
      const request = replayRequest(original);
      const weights = await weightsOf(original.family, dirsOf(values, io));
      const engine = await io.openEngine(engineSettings(values, io));
      const events: StudioEvent[] = [];
      try {
        const input = original.image
          ? { kind: 'image' as const, image: await kept.images.pixels(original.image.id) }
          : {
              kind: 'embedding' as const,
              embedding: {
                space: weights.space ?? original.family,
                modality: original.modality ?? ('image' as const),
                state: 'raw' as const,
                values: Float32Array.from(original.embedding!),
              },
            };
        const lanes = request.lanes!.map(({ id, decoder, options }) => ({ id: id!, decoder, options }));
        for await (const event of engine.compare(
          { family: original.family, precision: request.precision, input, lanes },
          { signal: io.signal },
        ))
          events.push(event);
      } finally {
        await engine.close();
      }
      const report = replayReport(original, viewOfRun(original, events, appVersion, weights));
      if (values.json) await sayJson(io, { ...report, sentences: replaySentences(report) });
      else {
        for (const lane of report.lanes) {
          await say(io, `  ${lane.same ? '=' : '≠'} ${lane.id.padEnd(12)} ${lane.after ?? replayNote(lane) ?? ''}`);
          if (!lane.same && lane.before !== null) await say(io, `    ${'then'.padEnd(12)} ${lane.before}`);
        }
        for (const sentence of replaySentences(report)) await say(io, sentence);
      }
      return report.same ? 0 : 1;
    });
  },
};
