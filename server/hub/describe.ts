import { StudioError } from '../../models/errors';
import { fileAddress, repositoryPage, type HubFile } from './address';
import { type HubSettings, type OnWait, refuse, request, withRetries } from './request';

/** What the hub says of a file before it is downloaded. */
export type RemoteFile = {
  repo: string;
  path: string;
  /** The commit that `revision` stands for now: all files of one pull come from it. */
  commit: string;
  bytes: number;
  /** SHA-256 of large files (the ETag of what git-lfs or xet keeps); small ones have only their git hash. */
  sha256?: string;
  /** Hash of a git blob: SHA-1 over `blob SIZE\0` and the content. */
  gitHash?: string;
};

/**
 * Asks the hub for size, hash and commit of a file. Redirects inside the hub (a renamed repository) are followed, the
 * one to the
 * content delivery network is not: the hub's own headers name the hash. @throws hub-missing, hub-refused,
 * hub-unreachable, cancelled
 */
export async function describe(
  file: HubFile,
  settings: HubSettings,
  options: { signal?: AbortSignal; onWait?: OnWait } = {},
): Promise<RemoteFile> {
  const address = fileAddress(settings.endpoint, file);
  return withRetries(
    settings,
    async () => {
      const { response } = await request(
        address,
        { method: 'HEAD', signal: options.signal, follow: 'same-origin' },
        settings,
      );
      await response.body?.cancel();
      const { status, headers } = response;
      if (status >= 400)
        refuse(response, {
          ...file,
          page: repositoryPage(settings.endpoint, file.repo),
          hasToken: Boolean(settings.token),
        });
      const hash = normalEtag(headers.get('x-linked-etag') ?? headers.get('etag'));
      const bytes = Number(
        headers.get('x-linked-size') ?? (status < 300 ? headers.get('content-length') : null) ?? NaN,
      );
      if (!Number.isSafeInteger(bytes) || bytes < 0)
        throw new StudioError(
          'hub-unreachable',
          `${new URL(settings.endpoint).host} does not say how long ${file.path} of ${file.repo} is. Is HF_ENDPOINT the address of a hub or its mirror?`,
        );
      return {
        repo: file.repo,
        path: file.path,
        commit: headers.get('x-repo-commit') ?? file.revision ?? 'main',
        bytes,
        ...(hash && /^[0-9a-f]{64}$/.test(hash) ? { sha256: hash } : {}),
        ...(hash && /^[0-9a-f]{40}$/.test(hash) ? { gitHash: hash } : {}),
      };
    },
    options,
  );
}

/** An ETag without quotes and without the mark of a weak one. */
export const normalEtag = (etag: string | null): string | undefined =>
  etag
    ?.trim()
    .replace(/^W\//, '')
    .replace(/^"(.*)"$/, '$1') || undefined;
