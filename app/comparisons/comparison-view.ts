import { msg } from '../languages/msg';
import type { Problem } from '../languages/problem-text';
import type { Translate } from '../languages/translator';
import type { DownloadProgress } from '../engine/messages';
import type { Film, LaneFilm } from '../views/film';
import type { ComparisonState } from './lane-state';

/** What the page shows: the server's part of a comparison and those of this browser, as one. */
export type Shown = {
  lanes: LaneFilm[];
  running: boolean;
  devices: string;
  progress: string;
  /** Weights on their way into this browser. */ download?: DownloadProgress;
  failure?: Problem;
  /** The input's encoding. */ encoded?: Film['encoded'];
};

/**
 * Joins the parts of one comparison, each with its own device. A lane that ran more than once shows its last run: of
 * the half that
 * `ranOn` names, or else of the later part. Pure.
 */
export function joinParts(
  server: ComparisonState | undefined,
  local: readonly ComparisonState[],
  ranOn: Readonly<Record<string, 'server' | 'local'>>,
  download: DownloadProgress | undefined,
  t: Translate,
): Shown {
  const parts = [...(server ? [server] : []), ...local];
  const lanes = new Map<string, LaneFilm>();
  for (const part of parts)
    for (const lane of part.lanes) {
      const elsewhere = ranOn[lane.id] && ranOn[lane.id] !== (part === server ? 'server' : 'local');
      if (!elsewhere || !lanes.has(lane.id)) lanes.set(lane.id, lane);
    }
  const running = parts.some(({ status }) => status === 'queued' || status === 'running');
  const devices = [
    ...new Set(
      parts.flatMap((part) =>
        part.device
          ? [`${t('{{family}} on {{device}}', { family: part.family, device: part.device.name })}, ${part.precision}`]
          : [],
      ),
    ),
  ].join(' · ');
  const texts = parts.map((part) => progressText(part, t)).filter(Boolean);
  const progress = [...(download && running ? [downloadText(download, t)] : []), ...new Set(texts)].join(' · ');
  const failed = parts.find(({ status, error }) => status === 'failed' && error);
  const encoded = parts.find((part) => part.encoded)?.encoded;
  // What kept all from running is said once, and not in every lane again.
  const told = (lane: LaneFilm): LaneFilm =>
    lane.error && lane.error.message === failed?.error?.message
      ? { ...lane, error: { ...lane.error, message: msg('It did not run. Why stands with the photo.') } }
      : lane;
  return {
    lanes: failed?.error ? [...lanes.values()].map(told) : [...lanes.values()],
    running,
    devices,
    progress,
    ...(download && running ? { download } : {}),
    ...(encoded ? { encoded } : {}),
    ...(failed?.error ? { failure: failed.error } : {}),
  };
}

function downloadText({ allReceived, allBytes, resumed, file }: DownloadProgress, t: Translate): string {
  const percent = Math.floor((100 * allReceived) / allBytes);
  return `${resumed ? t('Going on with the download:') : t('Downloading weights:')} ${t('{{part}} of {{whole}}', { part: (allReceived / 1e6).toFixed(0), whole: `${(allBytes / 1e6).toFixed(0)} MB` })}, ${percent} % (${file})`;
}

function progressText(state: ComparisonState, t: Translate): string {
  if (state.status === 'queued' && !state.device)
    return state.ahead ? t('Queued, {{count}} before it', { count: state.ahead }) : t('Queued');
  if (state.loading)
    return t('Loading {{what}} ({{number}} of {{all}})', {
      what: state.loading.what,
      number: state.loading.done + 1,
      all: state.loading.total,
    });
  if (state.status === 'running' || state.status === 'queued') return t('Decoding');
  if (state.status === 'cancelled') return t('Stopped. Finished captions stay.');
  if (state.status === 'interrupted') return t('Interrupted before it was done. Run it again.');
  return state.encoded?.ms ? t('Image encoded once in {{time}} ms', { time: Math.round(state.encoded.ms) }) : '';
}
