import { readEnv } from '../../env/env';
import { answerInWorker, importInWorker } from '../../families/import-host';
import { Installer } from '../../families/install';
import { publishedModels } from '../../families/published';
import { hubSettings, installedFamilies } from '../../families/settings';
import { FamilyStore } from '../../families/store';
import type { HubSettings } from '../../hub/request';
import type { Io } from '../io';

/** The catalog as the environment's settings have it. @throws option-invalid for a bad setting */
export function catalogOf({ env }: Pick<Io, 'env'>): { store: FamilyStore; hub: HubSettings; installer: Installer } {
  const settings = readEnv(env);
  const dirs = installedFamilies(settings);
  const [store, hub] = [new FamilyStore(dirs), hubSettings(settings)];
  return {
    store,
    hub,
    installer: new Installer(store, hub, publishedModels, importInWorker(dirs), answerInWorker(dirs)),
  };
}
