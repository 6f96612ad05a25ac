import type { ExportFormat } from '@/kept/export-formats';
import type { ErrorBody } from '@/kept/answers';
import { errorOf, unreachable } from '../client/client';
import type { Address } from '../comparisons/address';

export type ExportWish = { addresses: readonly Address[]; format: ExportFormat; lane?: string };

/** Gets an export from the studio. @throws Error whose message says what was wrong */
export async function fetchExport({
  ids,
  format,
  lane,
}: Pick<ExportWish, 'format' | 'lane'> & { ids: readonly string[] }): Promise<{ name: string; blob: Blob }> {
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
