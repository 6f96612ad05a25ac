import type { Env } from '../env/env';
import { env } from '../env/env';
import type { HubSettings } from '../hub/request';
import { familyDirs, type FamilyDirs } from '../weights/folders';

/** Where this process's settings say that families lie. */
export const installedFamilies = (
  settings: Pick<Env, 'STUDIO_FAMILIES_DIR' | 'STUDIO_INSTALLED_DIR'> = env(),
): FamilyDirs => familyDirs({ embedded: settings.STUDIO_FAMILIES_DIR, installed: settings.STUDIO_INSTALLED_DIR });

/** How the hub is reached. */
export const hubSettings = (
  settings: Pick<Env, 'HF_ENDPOINT' | 'HF_TOKEN' | 'STUDIO_HUB_STALL_MS' | 'STUDIO_HUB_RETRY_MS'> = env(),
): HubSettings => ({
  endpoint: settings.HF_ENDPOINT,
  ...(settings.HF_TOKEN ? { token: settings.HF_TOKEN } : {}),
  stallMs: settings.STUDIO_HUB_STALL_MS,
  retryMs: settings.STUDIO_HUB_RETRY_MS,
});
