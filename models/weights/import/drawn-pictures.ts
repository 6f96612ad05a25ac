import type { RgbImage } from '../../spaces/image';

type Colour = readonly [number, number, number];
const colours = {
  red: [220, 20, 20],
  green: [20, 160, 40],
  blue: [20, 40, 220],
  yellow: [250, 230, 30],
  black: [5, 5, 5],
  white: [250, 250, 250],
  orange: [250, 140, 10],
  purple: [130, 20, 160],
} satisfies Record<string, Colour>;
const { red, green, blue, yellow, black, white, orange } = colours as Record<keyof typeof colours, Colour>;

const [width, height] = [96, 64];
/** The colour at a place, both from 0 to 1. */
type Drawing = (x: number, y: number) => Colour;
const across =
  (...bands: Colour[]): Drawing =>
  (_, y) =>
    bands[Math.floor(y * bands.length)]!;
const along =
  (...bands: Colour[]): Drawing =>
  (x) =>
    bands[Math.floor(x * bands.length)]!;
const inCross = (x: number, y: number) => Math.abs(x - 0.375) < 0.065 || Math.abs(y - 0.5) < 0.1;

/** Flags of few lines, which pictures of the web show with their names. */
const flags: Record<string, Drawing> = {
  germany: across(black, red, yellow),
  france: along(blue, white, red),
  italy: along(green, white, red),
  ukraine: across(blue, yellow),
  poland: across(white, red),
  ireland: along(green, white, orange),
  japan: (x, y) => (Math.hypot((x - 0.5) * width, (y - 0.5) * height) < 0.3 * height ? red : white),
  sweden: (x, y) => (inCross(x, y) ? yellow : blue),
};
const drawings = new Map<string, Drawing>([
  ...Object.entries<Colour>(colours).map(([name, colour]): [string, Drawing] => [
    `a plain ${name} background`,
    () => colour,
  ]),
  ...Object.entries(flags).map(([name, drawing]): [string, Drawing] => [`the flag of ${name}`, drawing]),
]);

/** What any joint space of photos and English can name. */
export const drawnNames: readonly string[] = [...drawings.keys()];
/** How many of them, in their order, are plain colours, and flags. */
export const drawnKinds: readonly number[] = [Object.keys(colours).length, Object.keys(flags).length];

/** The picture of one of `drawnNames`. */
export function drawPicture(name: string): RgbImage {
  const drawing = drawings.get(name)!;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) data.set(drawing((x + 0.5) / width, (y + 0.5) / height), 3 * (y * width + x));
  return { width, height, data };
}
