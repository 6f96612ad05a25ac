import type { RgbImage } from '../spaces/image';

const [width, height] = [160, 120];

/** Numbers from 0 to 1, the same in every run (a linear congruential generator, Numerical Recipes' constants). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

/**
 * A picture that has what photos have: light that falls off, large and small shapes of their own colours one before the
 * other, edges in all directions, and grain. The same number draws the same picture.
 */
export function trialPhoto(number: number): RgbImage {
  const next = numbers(number + 1);
  const colour = () => [next() * 255, next() * 255, next() * 255] as const;
  const [top, bottom] = [colour(), colour()];
  const shapes = Array.from({ length: 4 + Math.floor(next() * 12) }, () => ({
    ...{ x: next() * width, y: next() * height, colour: colour(), round: next() < 0.5, turn: next() * Math.PI },
    ...{ a: 4 + next() * next() * 70, b: 4 + next() * next() * 50, stripes: next() < 0.3 ? 2 + next() * 8 : 0 },
  }));
  const grain = next() * 40;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let seen: readonly number[] = top.map((value, c) => value + ((bottom[c]! - value) * y) / height);
      for (const { a, b, turn, round, stripes, ...shape } of shapes) {
        const [dx, dy] = [x - shape.x, y - shape.y];
        const along = (dx * Math.cos(turn) + dy * Math.sin(turn)) / a;
        const across = (dy * Math.cos(turn) - dx * Math.sin(turn)) / b;
        if (round ? along ** 2 + across ** 2 > 1 : Math.max(Math.abs(along), Math.abs(across)) > 1) continue;
        const shade = stripes && Math.floor(along * stripes) % 2 ? 0.4 : 1 - 0.4 * Math.abs(across);
        seen = shape.colour.map((value) => value * shade);
      }
      const noise = (next() - 0.5) * grain;
      for (let c = 0; c < 3; c++)
        data[3 * (y * width + x) + c] = Math.max(0, Math.min(255, Math.round(seen[c]! + noise)));
    }
  return { width, height, data };
}
