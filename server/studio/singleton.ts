import { openEngine } from '../engine/host';
import { env } from '../env/env';
import { answerInWorker, importInWorker } from '../families/import-host';
import { importKindCards, publishedModels } from '../families/published';
import { hubSettings, installedFamilies } from '../families/settings';
import { FamilyStore } from '../families/store';
import { secretOf } from '../owners/request-owner';
import { forVisitors } from '../errors/for-visitors';
import { told } from '../errors/told';
import { imageLimits } from '../media/decode-image';
import { catalogue } from '../comparisons/catalogue';
import { keepSample } from '../comparisons/sample';
import { Studio } from './studio';
import { maxLanes } from '../../models/events';

// Next bundles each route on its own, so a module's variable would exist once for each of them.
const shared = globalThis as typeof globalThis & { captionStudio?: Promise<Studio> };

/**
 * The one studio of this process, opened when it is first asked for. A failure to open is told, and tried again next
 * time.
 */
export function studio(): Promise<Studio> {
  if (!shared.captionStudio) {
    const opened = openStudio().catch(untold);
    opened.catch(() => {
      if (shared.captionStudio === opened) shared.captionStudio = undefined;
    });
    shared.captionStudio = opened;
  }
  return shared.captionStudio;
}

/** Where others may ask, the log says where the folders lie, and the answer does not. */
function untold(thrown: unknown): never {
  throw forVisitors(told(thrown), env());
}

async function openStudio(): Promise<Studio> {
  const settings = env();
  secretOf(settings);
  const families = installedFamilies(settings);
  const opened = await Studio.open(settings, {
    openEngine: () =>
      openEngine({
        device: settings.STUDIO_DEVICE,
        precision: settings.STUDIO_PRECISION,
        familiesDir: settings.STUDIO_FAMILIES_DIR,
        installedDir: settings.STUDIO_INSTALLED_DIR,
      }),
    catalogue: catalogue(families),
    sampleImage: keepSample,
    models: {
      store: new FamilyStore(families),
      hub: hubSettings(settings),
      sources: publishedModels,
      kinds: importKindCards,
      importer: importInWorker(families),
      answerer: answerInWorker(families),
    },
    limits: { uploadBytes: imageLimits.bytes, pixels: imageLimits.pixels, lanes: maxLanes },
  });
  shutDownWithProcess(opened);
  void opened.warmUp();
  return opened;
}

/**
 * Writes unfinished work as interrupted when the process is told to end; when `npm start` above it is gone, it tells
 * itself (server/setup/with-starter.mjs).
 */
function shutDownWithProcess(opened: Studio): void {
  let since: number | undefined;
  const shutDown = () => {
    // Ctrl-C reaches us twice, from the terminal and through `npm start`; only a later signal means "at once".
    if (since !== undefined) return Date.now() - since > 1_000 ? process.exit(1) : undefined;
    since = Date.now();
    void opened.close().finally(() => process.exit(0));
  };
  // server/setup/start.mjs tells Next to leave the signals to us.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, shutDown);
}
