import { StudioError } from '../errors';
import type { RgbImage } from './image';
import { type Crop, type ImageSpec, preprocess } from './preprocess';

/** A photo as towers read it, made before it came to the engine: its extent as it was, and its pixels by tower. */
export type PreparedPhoto = {
  width: number;
  height: number;
  /** [3, size, size] each, by `viewKey`. */
  views: Readonly<Record<string, Float32Array>>;
};
/** A photo, whole or prepared. */
export type Photo = RgbImage | PreparedPhoto;

/** One way in which a tower reads a photo. */
export type View = { spec: ImageSpec; crop: Crop };

/** Names a view: two that read the same pixels have one name. */
export const viewKey = ({ spec: { size, fit, filter, mean, deviation }, crop }: View): string =>
  [size, fit, fit === 'crop' ? crop : '', filter, mean?.join() ?? '', deviation?.join() ?? ''].join(' ');

/** The photo as these towers read it. */
export function prepare(image: RgbImage, views: readonly View[]): PreparedPhoto {
  const { width, height } = image;
  const keyed = new Map(views.map((view) => [viewKey(view), view]));
  const pixels = [...keyed].map(([key, { spec, crop }]) => [key, preprocess(image, spec, crop)] as const);
  return { width, height, views: Object.fromEntries(pixels) };
}

/** The pixels that a tower reads of a photo, [3, size, size]. @throws internal where it was prepared for others */
export function pixelsOf(photo: Photo, spec: ImageSpec, crop: Crop = 'torchvision'): Float32Array {
  if ('data' in photo) return preprocess(photo, spec, crop);
  const key = viewKey({ spec, crop });
  const pixels = photo.views[key];
  if (!pixels) throw new StudioError('internal', `The photo was not prepared as a tower reads it: ${key}.`);
  return pixels;
}
