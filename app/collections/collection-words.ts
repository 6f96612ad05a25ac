import type { CollectionCard } from '@/kept/answers';
import { msg } from '../languages/msg';
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

/** How far it is, in a sentence: “18 of 20 done, 2 could not be read”. */
export function farText({ done, total, failed }: CollectionCard, t: Translate): string {
  const far = t('{{done}} of {{count}} done', { done, count: total });
  return failed ? `${far}, ${t('{{count}} with a fault', { count: failed })}` : far;
}

/** What it is called: the last part of what was named. */
export const collectionName = ({ title }: CollectionCard, t: Translate): string =>
  title.replace(/\/+$/, '').split('/').at(-1) || t('a collection');
