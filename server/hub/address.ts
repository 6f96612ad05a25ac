import { StudioError } from '../../models/errors';

/** A file of a repository on the hub. `revision`: a branch, tag or commit. */
export type HubFile = { repo: string; path: string; revision?: string };

/**
 * The address of a file in the hub's scheme: `{endpoint}/{repo}/resolve/{revision}/{path}`.
 * @throws option-invalid for a name that cannot be a repository or a path
 */
export function fileAddress(endpoint: string, { repo, path, revision = 'main' }: HubFile): URL {
  if (!/^(?:[\w-][\w.-]*\/)?[\w-][\w.-]*$/.test(repo))
    throw new StudioError('option-invalid', `"${repo}" is no repository of the hub; expected OWNER/NAME.`);
  const steps = path.split('/');
  if (steps.some((step) => !step || step === '.' || step === '..'))
    throw new StudioError('option-invalid', `"${path}" is no path of a file in ${repo}.`);
  return new URL(
    `${endpoint.replace(/\/+$/, '')}/${repo}/resolve/${encodeURIComponent(revision)}/${steps.map(encodeURIComponent).join('/')}`,
  );
}

/** The page of a repository, for people. */
export const repositoryPage = (endpoint: string, repo: string): string => `${endpoint.replace(/\/+$/, '')}/${repo}`;
