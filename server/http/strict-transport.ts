import { subscribe } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';

/**
 * Every answer of this process, pages, files and routes alike, tells browsers to come by https for a year, if the
 * public origin has it. Browsers heed that under https only, so whoever asks on the loopback is left alone.
 */
export function demandHttps(origin: string | undefined): void {
  if (!origin?.trim().toLowerCase().startsWith('https:')) return;
  subscribe('http.server.request.start', (message) => {
    (message as { response: ServerResponse }).response.setHeader('strict-transport-security', 'max-age=31536000');
  });
}
