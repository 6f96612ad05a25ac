import type { ErrorBody } from '@/server/trpc/types';

export type ExportWish = { ids: readonly string[]; format: 'json' | 'csv' | 'coco' | 'txt' | 'svg' | 'png' | 'html'; lane?: string };

/** Gets an export from the studio and gives it to the person as a file. @throws Error whose message says what was wrong */
export async function downloadExport(wish: ExportWish): Promise<void> {
  const response = await fetch('/api/export', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(wish) }).catch(() => undefined);
  if (!response) throw new Error('The studio does not answer. Is it still running? Start it with `npm start`, then try again.');
  if (!response.ok) throw new Error(((await response.json().catch(() => undefined)) as ErrorBody | undefined)?.error.message ?? `The studio answered with status ${response.status}. Try again.`);
  const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? `comparison.${wish.format}`;
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
