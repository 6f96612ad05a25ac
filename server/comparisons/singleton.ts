import { openEngine } from '../engine/host';
import { env } from '../env/env';
import { catalogue } from './catalogue';
import { uploadLimit } from './receive-image';
import { keepSample } from './sample';
import { Studio } from './studio';
import { maxLanes } from '../trpc/procedures/input';

// Next bundles each route on its own, so a module's variable would exist once for each of them.
const shared = globalThis as typeof globalThis & { captionStudio?: Promise<Studio> };

/** The one studio of this process, opened when it is first asked for. A failure to open is told, and tried again next time. */
export function studio(): Promise<Studio> {
  if (!shared.captionStudio) {
    const opened = openStudio();
    opened.catch(() => {
      if (shared.captionStudio === opened) shared.captionStudio = undefined;
    });
    shared.captionStudio = opened;
  }
  return shared.captionStudio;
}

async function openStudio(): Promise<Studio> {
  const settings = env();
  const opened = await Studio.open(settings, {
    openEngine: () => openEngine({ device: settings.STUDIO_DEVICE, precision: settings.STUDIO_PRECISION, familiesDir: settings.STUDIO_FAMILIES_DIR }),
    catalogue: catalogue(settings.STUDIO_FAMILIES_DIR),
    sampleImage: keepSample,
    limits: { uploadBytes: uploadLimit, pixels: 50_000_000, lanes: maxLanes },
  });
  const shutDown = (signal: NodeJS.Signals) => {
    // A second signal ends the process at once.
    process.once(signal, () => process.exit(1));
    void opened.close().finally(() => process.exit(0));
  };
  // server/setup/start.mjs tells Next to leave the signals to us.
  process.once('SIGTERM', shutDown);
  process.once('SIGINT', shutDown);
  return opened;
}
