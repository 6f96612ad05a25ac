import type { ReplayLane, ReplayReport } from '@/kept/comparison';
import { shortHash } from '@/kept/replay';
import { msg } from '../languages/msg';
import type { Translate } from '../languages/translator';

const differs = {
  device: msg('The device differs: {{before}} then, {{after}} now.'),
  precision: msg('The precision differs: {{before}} then, {{after}} now.'),
  weights: msg('The weights differ: {{before}} then, {{after}} now.'),
  version: msg('The version of the studio differs: {{before}} then, {{after}} now.'),
};

/** A replay's report in words, the verdict first. */
export function replaySaid(t: Translate, { same, lanes, differences }: ReplayReport): string[] {
  return [
    same
      ? t('Same tokens in every lane.')
      : t('{{some}} of {{count}} lanes differ.', {
          some: lanes.filter((lane) => !lane.same).length,
          count: lanes.length,
        }),
    ...differences.map(
      ({ what, before, after, files }) =>
        `${t(differs[what], { before: shortHash(before), after: shortHash(after) })}${files ? ` (${files.join(', ')})` : ''}`,
    ),
    ...(!same && !differences.length
      ? [
          t(
            'Device, precision, weights and version are what they were: the difference comes from the order of sums on this device.',
          ),
        ]
      : []),
  ];
}

/** Why a lane has no caption to compare. */
export function replayNote(t: Translate, { lacks }: ReplayLane): string | undefined {
  if (!lacks) return undefined;
  if (lacks.when === 'both') return t('no caption, then as now');
  return lacks.when === 'now'
    ? t('no caption now: {{why}}', { why: t(lacks.why) })
    : t('no caption then ({{why}})', { why: t(lacks.why) });
}
