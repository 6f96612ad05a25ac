import type { Translate } from '../languages/translator';
import type { DownloadProgress } from '../engine/messages';
import type { ComparisonState } from './lane-state';
import type { Snapshot } from './snapshot';

/** The devices that its parts run on, in words. */
export const devicesText = ({ parts }: Pick<Snapshot, 'parts'>, t: Translate): string =>
  [
    ...new Set(
      parts.flatMap(({ device, family = '', precision }) =>
        device ? [`${t('{{family}} on {{device}}', { family, device: device.name })}, ${precision}`] : [],
      ),
    ),
  ].join(' · ');

/** How far it is, in words. */
export const progressText = ({ parts, download }: Pick<Snapshot, 'parts' | 'download'>, t: Translate): string =>
  [
    ...(download ? [downloadText(download, t)] : []),
    ...new Set(parts.map((part) => partText(part, t)).filter(Boolean)),
  ].join(' · ');

function downloadText({ allReceived, allBytes, resumed, file }: DownloadProgress, t: Translate): string {
  const percent = Math.floor((100 * allReceived) / allBytes);
  return `${resumed ? t('Going on with the download:') : t('Downloading weights:')} ${t('{{part}} of {{whole}}', { part: (allReceived / 1e6).toFixed(0), whole: `${(allBytes / 1e6).toFixed(0)} MB` })}, ${percent} % (${file})`;
}

function partText(state: ComparisonState, t: Translate): string {
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
