import { StudioError } from '../../../models/errors';
import { openSidecar } from '../../collections/sinks/sidecar';
import { openSink } from '../../collections/sinks/open';
import type { AnsweredRow, OpenSink, SidecarWishes } from '../../collections/sinks/types';
import { answered } from '../../collections/run/answered';
import { text, type Values } from '../args';
import { type Io, say } from '../io';
import { captionLines } from '../lane-output';
import { formatOf, modeOf } from './flags';
import type { Job, Target } from './run';

const sidecarModes = ['skip', 'append', 'overwrite'] as const;
function sidecarMode(values: Values): SidecarWishes['mode'] | undefined {
  const given = text(values.sidecar);
  const mode = sidecarModes.find((known) => known === given);
  if (given !== undefined && !mode)
    throw new StudioError('option-invalid', `--sidecar is "${given}"; expected one of ${sidecarModes.join(', ')}.`);
  if (!mode && (values.prefix !== undefined || values.suffix !== undefined))
    throw new StudioError('option-invalid', '--prefix and --suffix go with --sidecar.');
  return mode;
}

/** Captions into the files that the flags name, or printed. @throws option-invalid */
export function captionTarget(values: Values, lanes: readonly string[], io: Io): Job['open'] {
  const [mode, format, sidecar] = [modeOf(values), formatOf(values), sidecarMode(values)];
  const out = text(values.out);
  return async (sources): Promise<Target> => {
    const sinks: OpenSink[] = [];
    const abandon = async () => {
      for (const sink of sinks.splice(0)) await sink.abandon();
    };
    try {
      if (sidecar)
        sinks.push(
          await openSidecar({
            lanes,
            sources,
            mode: sidecar,
            prefix: text(values.prefix),
            suffix: text(values.suffix),
          }),
        );
      if (out !== undefined || (values.json && !sidecar))
        sinks.push(
          await openSink(io, out ?? '-', {
            format: format ?? (out === undefined ? 'jsonl' : undefined),
            mode,
            lanes,
            sources,
          }),
        );
      else if (!sidecar) sinks.push(printed(io));
    } catch (error) {
      await abandon();
      throw error;
    }
    const [first, ...others] = sinks;
    return {
      // What one of several lacks is still to be written.
      done: new Set([...first!.done].filter((key) => others.every(({ done }) => done.has(key)))),
      tell: sinks.flatMap(({ tell }) => tell),
      async write(source, photo, settings) {
        const said = answered(source, photo, settings);
        for (const sink of sinks) if (!sink.done.has(photo.key)) await sink.write(said);
      },
      async finish() {
        for (const sink of sinks.splice(0)) await sink.finish();
      },
      abandon,
    };
  };
}

/** A table a photo on standard output. */
const printed = (io: Io): OpenSink => ({
  done: new Set(),
  tell: [],
  async write({ path, family, device, precision, rows, error }) {
    if (error) return;
    const head = `${path}   (${family} on ${device}, ${precision})`;
    const shown = rows.map((row) => ({ ...row, result: resultOf(row) }));
    await say(io, [head, ...captionLines(shown)].join('\n'));
  },
  finish: async () => undefined,
  abandon: async () => undefined,
});

/** What a lane said, where it said anything. */
const resultOf = ({ caption, similarity = NaN, certainty, optimised = false, ownEmbedding }: AnsweredRow) =>
  caption === undefined ? undefined : { caption, similarity, certainty, optimised, ownEmbedding };
