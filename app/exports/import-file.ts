import type { ErrorBody } from '@/kept/answers';
import { errorOf, unreachable } from '../client/client';

export type ImportAnswer = { comparisons: { id: string; title: string; known: boolean }[] };

/** Sends a file that was exported as JSON. @throws Error whose message says what was wrong and what to do */
export async function importFromFile(file: Blob): Promise<ImportAnswer> {
  const response = await fetch('/api/import', {
    method: 'POST',
    body: file,
    headers: { 'content-type': 'application/json' },
  }).catch(() => undefined);
  const body = (await response?.json().catch(() => undefined)) as ImportAnswer | ErrorBody | undefined;
  if (response?.ok && body && 'comparisons' in body) return body;
  throw body ? errorOf(body, response!.status) : new Error(unreachable);
}
