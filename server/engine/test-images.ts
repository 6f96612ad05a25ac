import type { RgbImage } from '../../models/spaces/image';

/** For tests: a picture drawn by code (a sun over grass), the same for the same number. */
export function drawScene(n = 0): RgbImage {
  const [width, height] = [96, 72];
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const sun = Math.hypot(x - 20 - 5 * n, y - 18) < 10;
      const color = sun ? [250, 220, 60] : y > 45 + (n % 7) ? [40, 130 + (x % 5) * 8, 50] : [120, 170 + (y % 3), 230];
      data.set(color, (y * width + x) * 3);
    }
  return { width, height, data };
}
