import { isMainThread } from 'node:worker_threads';
import { StudioError } from '../errors';

const variable = 'ORT_DISABLE_TELEMETRY';

/**
 * Switches off what onnxruntime-node reports to its makers, for this process and all that it starts. Unless this
 * variable is set when its first session opens, it keeps a device id and a database of events (names of graphs,
 * processor, memory, the command line) in the home folder, looks for its collector, and ends the process without a word
 * where the command line is long. Whoever loads the library or starts a thread that does calls this before; a person's
 * own setting is overruled.
 * @throws StudioError device-unavailable in a worker thread whose process has not set it: what such a thread sets stays
 * in its own copy of the environment, which the library does not read
 */
export function disableTelemetry(): void {
  process.env[variable] = '1';
  if (isMainThread || environmentOfProcess()[variable] === '1') return;
  throw new StudioError(
    'device-unavailable',
    `onnxruntime-node would report to its makers from this worker thread, and only the process can forbid it. Set ${variable}=1 before the process starts or, in the main thread, process.env.${variable} = '1' before this thread does.`,
  );
}

/** The environment that native code sees; `process.env` of a worker thread is a copy. */
function environmentOfProcess(): Record<string, string> {
  const report = process.report as typeof process.report & { excludeNetwork: boolean };
  const { excludeNetwork } = report;
  // A report looks up the names of all connected addresses otherwise.
  report.excludeNetwork = true;
  try {
    return (report.getReport() as { environmentVariables?: Record<string, string> }).environmentVariables ?? {};
  } finally {
    report.excludeNetwork = excludeNetwork;
  }
}
