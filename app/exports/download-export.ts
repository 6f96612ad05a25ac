import { figureSpeech } from '../languages/figure-speech';
import type { Speech } from '../languages/use-translation';
import type { StudioClient } from '../client/client';
import { type ExportWish, fetchExport } from './fetch-export';

/**
 * Gives comparisons to the person as a file: made by the studio, or in this browser where one is in it alone. A figure
 * speaks the language of the page. @throws Error whose message says what was wrong
 */
export async function downloadExport(
  client: StudioClient,
  { t, language }: Pick<Speech, 't' | 'language'>,
  wish: ExportWish,
): Promise<void> {
  const { addresses, ...how } = wish;
  const { name, blob } = addresses.some(({ where }) => where === 'browser')
    ? await (await import('./export-here')).exportHere(client, figureSpeech(t, language), wish)
    : await fetchExport({ ...how, ids: addresses.map(({ id }) => id) });
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
