import type { RunSettings } from '../../models/collections/shards';
import { viewsOf } from '../../models/collections/views';
import { planLanes } from '../../models/lanes/plan';
import type { Manifest } from '../../models/manifest';
import { PhotoPreparer } from './prepare/preparer';
import type { Prepare } from './run/types';

/**
 * What reads the photos of a run as its settings say, in threads of its own.
 * @throws decoder-unknown, option-invalid, internal (no bundle)
 */
export function photoReader(
  { lanes, reading }: RunSettings,
  manifest: Manifest,
): { prepare: Prepare; close: () => Promise<void> } {
  const preparer = new PhotoPreparer({
    views: viewsOf(manifest, lanes.length ? planLanes(lanes, manifest) : []),
    shrinkOnLoad: reading === 'shrunk',
  });
  return {
    prepare: async (bytes, signal) => ({ image: await preparer.prepare(bytes, signal) }),
    close: () => preparer.close(),
  };
}
