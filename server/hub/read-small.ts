import { createHash } from 'node:crypto';
import { StudioError } from '../../models/errors';
import { fileAddress, type HubFile, repositoryPage } from './address';
import { describe } from './describe';
import { type HubSettings, type OnWait, Passing, refuse, request, withRetries } from './request';
import { connectionFailure } from './wait-reasons';

/**
 * A small text file of the hub, whole and checked, in memory. @throws hub-missing, hub-refused, hub-unreachable,
 * weights-corrupt, cancelled
 */
export async function readSmall(
  file: HubFile,
  maxBytes: number,
  settings: HubSettings,
  options: { signal?: AbortSignal; onWait?: OnWait } = {},
): Promise<{ bytes: Uint8Array; commit: string }> {
  const remote = await describe(file, settings, options);
  if (remote.bytes > maxBytes)
    throw new StudioError(
      'weights-invalid',
      `${file.path} of ${file.repo} has ${remote.bytes} bytes; expected at most ${maxBytes}.`,
    );
  const bytes = await withRetries(
    settings,
    async () => {
      const { response, address } = await request(
        fileAddress(settings.endpoint, { ...file, revision: remote.commit }),
        { method: 'GET', signal: options.signal, follow: 'all' },
        settings,
      );
      if (response.status !== 200)
        refuse(response, {
          ...file,
          page: repositoryPage(settings.endpoint, file.repo),
          hasToken: Boolean(settings.token),
        });
      try {
        return new Uint8Array(await response.arrayBuffer());
      } catch (cause) {
        throw new Passing(connectionFailure(address.host, cause), { cause });
      }
    },
    options,
  );
  const right = remote.sha256
    ? createHash('sha256').update(bytes).digest('hex') === remote.sha256
    : !remote.gitHash ||
      createHash('sha1').update(`blob ${bytes.byteLength}\0`).update(bytes).digest('hex') === remote.gitHash;
  if (!right)
    throw new StudioError(
      'weights-corrupt',
      `${file.path} of ${file.repo} arrived with the wrong content. Pull again; if it happens again, the mirror (HF_ENDPOINT) is at fault.`,
    );
  return { bytes, commit: remote.commit };
}
