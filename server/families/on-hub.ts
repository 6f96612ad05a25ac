import { StudioError } from '../../models/errors';
import type { PublishedFile } from '../../models/weights/import/types';
import { describe, type RemoteFile } from '../hub/describe';
import type { HubSettings, OnWait } from '../hub/request';
import type { Source } from './import-job';

type Asking = { revision?: string; signal?: AbortSignal; onWait?: OnWait };
const isGone = (error: unknown) =>
  error instanceof StudioError && (error.code === 'hub-missing' || error.code === 'hub-refused');

/** @throws not-found for what can only be fetched by hand, with how to go on */
export function demandOnHub({ files, title, note, page, kind }: Source, name: string): void {
  if (files.length) return;
  throw new StudioError(
    'not-found',
    `${title} is not on the hub${note ? `. ${note}` : `: fetch it by hand${page ? ` from ${page}` : ''} and import it.`} ${byHand(kind, name)}`,
  );
}

/**
 * What the hub says of a file of a published model, at the first of its places that has it.
 * @param file.revision of its first place
 * @throws as describe; where no place has it, with where its authors keep it and how it is imported by hand
 */
export async function describeFirst(
  source: Source,
  { mirrors = [], repository, path }: PublishedFile,
  name: string,
  hub: HubSettings,
  { revision, ...options }: Asking,
): Promise<RemoteFile> {
  const failed: StudioError[] = [];
  for (const place of [
    { repository, path, revision },
    ...mirrors.map((mirror) => ({ ...mirror, revision: undefined })),
  ])
    try {
      return await describe(
        { repo: place.repository, path: place.path, ...(place.revision ? { revision: place.revision } : {}) },
        hub,
        options,
      );
    } catch (error) {
      if (!isGone(error)) throw error;
      failed.push(error as StudioError);
    }
  const [first] = failed;
  throw new StudioError(first!.code, [first!.message, ...whatNow(source, mirrors, name)].join(' '), {
    ...(first!.details ? { details: first!.details } : {}),
    cause: first,
  });
}

function whatNow({ elsewhere, page, kind, needs }: Source, mirrors: readonly PublishedFile[], name: string): string[] {
  return [
    ...(mirrors.length
      ? [`Nor do its mirrors have it: ${mirrors.map(({ repository, path }) => `${path} of ${repository}`).join(', ')}.`]
      : []),
    ...(elsewhere ? [elsewhere] : page ? [`Its authors' page is ${page}.`] : []),
    byHand(kind, name, needs),
  ];
}

const byHand = (kind: string, name: string, base?: string) =>
  `npm run -s studio -- models import ${kind} FILE... --name ${name}${base ? ` --base ${base}` : ''}`;
