import { publishedMode } from '../decoders/published';
import type { Manifest } from '../manifest';
import type { Planned } from '../lanes/plan';
import type { View } from '../spaces/prepared';

/** How the towers of a family read a photo that these lanes decode: the space's own way first. */
export function viewsOf({ space, decoders, graphs }: Manifest, lanes: readonly Planned[]): View[] {
  const views: View[] = [{ spec: space.image, crop: 'torchvision' }];
  for (const { decoder, options } of lanes) {
    const own = decoder.imageTower !== undefined && Object.hasOwn(graphs, decoder.imageTower);
    if (own) views.push({ spec: decoders[decoder.name]?.image ?? space.image, crop: 'torchvision' });
    const crop = publishedMode(decoder.modes, options)?.crop;
    if (crop) views.push({ spec: space.image, crop });
  }
  return views;
}
