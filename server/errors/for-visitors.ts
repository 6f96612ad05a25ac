import { dirname } from 'node:path';
import { StudioError } from '../../models/errors';
import { databaseFile } from '../db/address';
import type { Env } from '../env/env';
import { isOpenToOthers } from '../env/listen';
import { withoutPaths } from './without-paths';

export type VisitedSettings = Pick<Env, 'HOST' | 'STUDIO_ORIGIN' | 'STUDIO_OWNERS' | 'DATABASE_URL'> &
  Partial<Pick<Env, 'STUDIO_FAMILIES_DIR' | 'STUDIO_INSTALLED_DIR'>>;

/**
 * An error as browsers are told it that are not the machine's own person or administrator: where others may ask, of
 * each path of the server its last name is left. The log has it whole.
 */
export function forVisitors(error: StudioError, settings: VisitedSettings): StudioError {
  const message = sentenceForVisitors(error.message, settings);
  if (message === error.message) return error;
  console.error(error.message);
  return new StudioError(error.code, message, { details: error.details, cause: error });
}

/** The same for a sentence that is no error's. */
export function sentenceForVisitors(sentence: string, settings: VisitedSettings): string {
  if (!isOpenToOthers(settings)) return sentence;
  const { DATABASE_URL, STUDIO_FAMILIES_DIR, STUDIO_INSTALLED_DIR } = settings;
  const folders = [dirname(databaseFile(DATABASE_URL)), STUDIO_FAMILIES_DIR, STUDIO_INSTALLED_DIR, process.cwd()];
  return withoutPaths(sentence, folders.filter((folder) => folder?.startsWith('/')) as string[]);
}
