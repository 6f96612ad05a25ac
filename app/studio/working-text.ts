import { sourceName } from '../comparisons/source';
import type { Translate } from '../languages/translator';
import type { Working } from './work-state';

/** What is being read, in words. */
export function workingText(working: Working, t: Translate): string {
  if ('source' in working) return sourceName(working.source, t);
  return working.what === 'address' ? t('the picture of the address') : t('the terms');
}
