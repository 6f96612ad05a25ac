import type { CollectionCard } from '@/kept/answers';
import type { Measure } from '@/kept/collections/table';
import { msg } from '../languages/msg';
import type { Numbers } from '../languages/numbers';
import type { Translate } from '../languages/translator';

export const statusWords: Record<CollectionCard['status'], string> = {
  running: msg('running'),
  paused: msg('paused'),
  interrupted: msg('interrupted'),
  cancelled: msg('stopped'),
  failed: msg('failed'),
  finished: msg('done'),
};

/** Whether somebody works on it, so that it will say more. */
export const isLive = ({ status }: CollectionCard): boolean => status === 'running';

/** Whether nobody will work on it unless it is begun again. */
export const isOver = ({ status }: CollectionCard): boolean => status === 'finished' || status === 'cancelled';

/** How far it is, in a sentence: “18 of 20 done, 2 could not be read”. */
export function farText({ done, total, failed, unread }: CollectionCard, t: Translate): string {
  return [
    t('{{done}} of {{count}} done', { done: done - unread, count: total }),
    ...(unread ? [t('{{count}} could not be read', { count: unread })] : []),
    ...(failed > unread ? [t('{{count}} with a lane that failed', { count: failed - unread })] : []),
  ].join(', ');
}

/** How fast it goes and how long it will take, while the studio itself works on it. */
export const paceText = (
  { imagesPerSecond, secondsLeft }: CollectionCard,
  t: Translate,
  { fixed, duration }: Pick<Numbers, 'fixed' | 'duration'>,
): string =>
  [
    ...(imagesPerSecond
      ? [t('{{rate}} images a second', { rate: fixed(imagesPerSecond, imagesPerSecond < 10 ? 1 : 0) })]
      : []),
    ...(secondsLeft ? [t('{{time}} left', { time: duration(secondsLeft) })] : []),
  ].join(' · ');

/** What a caption is measured by, as the field calls it. */
export const measureNames: Record<Measure, string> = {
  similarity: 'cos',
  ciderD: 'CIDEr-D',
  rougeL: 'ROUGE-L',
  stars: '★',
};

/** What it is called: the last part of what was named. */
export const collectionName = ({ title, total }: Pick<CollectionCard, 'title' | 'total'>, t: Translate): string =>
  title.replace(/\/+$/, '').split('/').at(-1) || t('{{count}} photos', { count: total });
