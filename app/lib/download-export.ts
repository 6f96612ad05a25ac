import type { ExportFormat } from '@/kept/export-formats';
import type { ErrorBody } from '@/kept/answers';
import { figureSpeech } from '../languages/figure-speech';
import type { Speech } from '../languages/use-translation';
import { errorOf, type StudioClient, unreachable } from './client';

export type ExportWish = {
  ids: readonly string[];
  /** Those of them that are in this browser alone. */ browser?: readonly string[];
  format: ExportFormat;
  lane?: string;
};

/**
 * Gives comparisons to the person as a file: made by the studio, or in this browser where one is in it alone. A figure
 * speaks the language of the page. @throws Error whose message says what was wrong
 */
export async function downloadExport(
  client: StudioClient,
  { t, language }: Pick<Speech, 't' | 'language'>,
  wish: ExportWish,
): Promise<void> {
  const { name, blob } = wish.browser?.length
    ? await (await import('./export-here')).exportHere(client, figureSpeech(t, language), wish)
    : await fetchExport(wish);
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Gets an export from the studio. @throws Error whose message says what was wrong */
export async function fetchExport({
  ids,
  format,
  lane,
}: Pick<ExportWish, 'ids' | 'format' | 'lane'>): Promise<{ name: string; blob: Blob }> {
  const response = await fetch('/api/export', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ids, format, ...(lane === undefined ? {} : { lane }) }),
  }).catch(() => undefined);
  if (!response) throw new Error(unreachable);
  if (!response.ok)
    throw errorOf((await response.json().catch(() => undefined)) as ErrorBody | undefined, response.status);
  return {
    name: /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? `comparison.${format}`,
    blob: await response.blob(),
  };
}
