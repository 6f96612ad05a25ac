import type { ErrorData } from '../models/errors';
import { decoders } from '../models/decoders/registry';
import { inEnglish, type Said } from '../models/said';
import type { ComparisonView, LaneView } from './comparison';
import { escapeXml } from './escape';
import { bestRated, type Rating, ratingsOf, ratingText, starChoices } from './ratings';
import type { Picture } from './record-schema';

/**
 * A comparison as a figure for a paper or a slide: white, no chrome, picture and caption table with the ratings that a
 * person gave, settings in small type.
 */
export type FigurePart = { view: ComparisonView; picture?: Picture };
/** How a figure speaks. */
export type FigureSpeech = {
  say: (said: Said) => string;
  problem: (error: ErrorData) => string;
  /** A number with so many digits after the point. */ fixed: (x: number, digits: number) => string;
};
const english: FigureSpeech = {
  say: inEnglish,
  problem: ({ message }) => message,
  fixed: (x, digits) => x.toFixed(digits),
};
/** What a figure says besides captions, titles of decoders and ratings. */
export const figureWords = {
  cosine: 'cos',
  logProb: 'lp',
  best: 'best',
  family: 'family {{name}}',
  device: 'device {{name}}',
  optimised: '* the search optimised this very cosine, so it ranks nothing',
} as const;

const width = 1200;
const margin = 32;
const pictureWidth = 380;
const gap = 36;
const left = margin + pictureWidth + gap;
const numbers = 210;
/** Of a decoder that this version does not know. */
const strange = (decoder: string) => ({
  title: decoder,
  hue: { light: '#5b5a55' },
  letter: decoder.charAt(0).toUpperCase(),
});
const sans = "Inter, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif";

/** @throws nothing: what is missing is left out */
export function figureSvg(parts: readonly FigurePart[], speech: FigureSpeech = english): string {
  const drawn: string[] = [];
  let y = margin;
  for (const part of parts) {
    const { svg, bottom } = drawPart(part, y, speech);
    drawn.push(svg);
    y = bottom + margin;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${Math.ceil(y)}" viewBox="0 0 ${width} ${Math.ceil(y)}" font-family="${sans}"><rect width="100%" height="100%" fill="#fff"/>${drawn.join('')}</svg>\n`;
}

function drawPart({ view, picture }: FigurePart, top: number, speech: FigureSpeech): { svg: string; bottom: number } {
  const out: string[] = [];
  let y = top;
  if (view.title) {
    for (const line of wrap(view.title, 70)) {
      y += 24;
      out.push(textAt(margin, y, line, 'font-size="20" font-weight="600"'));
    }
    y += 18;
  }
  const from = y;
  let pictureBottom = from;
  if (picture && view.image) {
    const height = Math.min(480, (pictureWidth * view.image.height) / view.image.width);
    out.push(
      `<image x="${margin}" y="${from}" width="${pictureWidth}" height="${height}" preserveAspectRatio="xMinYMin meet" href="data:${picture.mime};base64,${picture.base64}"/>`,
    );
    pictureBottom = from + height;
  }
  const x = picture ? left : margin;
  const best = bestRated(ratingsOf(view.lanes));
  for (const lane of view.lanes) y = drawLane(out, view, lane, { x, from: y, best: best === lane.id, speech });
  y = Math.max(y, pictureBottom) + 26;
  for (const line of settings(view, speech)) {
    out.push(textAt(margin, y, line, 'font-size="11.5" fill="#5b5a55"'));
    y += 16;
  }
  return { svg: out.join(''), bottom: y - 10 };
}

function drawLane(
  out: string[],
  view: ComparisonView,
  lane: LaneView,
  { x, from, best, speech: { say, problem, fixed } }: { x: number; from: number; best: boolean; speech: FigureSpeech },
): number {
  const words = decoders.find(({ name }) => name === lane.decoder) ?? strange(lane.decoder);
  const { title, letter } = words;
  const color = words.hue.light;
  const several = view.lanes.filter((other) => other.decoder === lane.decoder).length > 1;
  let y = from + 14;
  out.push(
    `<rect x="${x}" y="${from}" width="18" height="18" rx="3" fill="${color}"/>`,
    textAt(x + 9, y, letter, 'font-size="12" font-weight="700" fill="#fff" text-anchor="middle"'),
  );
  out.push(
    textAt(x + 26, y, `${title}${several ? ` (${lane.id})` : ''}`, `font-size="14" font-weight="600" fill="${color}"`),
  );
  const { result } = lane;
  if (result) {
    const facts = [
      `${say({ sentence: figureWords.cosine })} ${fixed(result.similarity, 2)} ${result.similaritySpace}${result.optimised ? ' *' : ''}`,
      `${say({ sentence: figureWords.logProb })} ${fixed(result.logProb, 1).replace('-', '−')}`,
    ];
    out.push(textAt(width - margin, y, facts.join(' · '), 'font-size="12" fill="#5b5a55" text-anchor="end"'));
  }
  y += 8;
  const room = Math.floor((width - margin - x - (result ? 0 : numbers)) / 9.4);
  for (const line of wrap(
    result?.caption || (lane.error ? problem(lane.error) : say({ sentence: lane.status })),
    room,
  )) {
    y += 22;
    out.push(textAt(x, y, line, result ? 'font-size="18"' : 'font-size="14" fill="#a4262c"'));
  }
  if (result && lane.rating) {
    y += 24;
    out.push(
      starsAt(x, y - 5, lane.rating.stars),
      textAt(
        x + starChoices.length * starStep + 6,
        y,
        [ratingText(lane.rating, say), ...(best ? [say({ sentence: figureWords.best })] : [])].join(', '),
        'font-size="12" fill="#5b5a55"',
      ),
    );
  }
  y += 12;
  out.push(`<line x1="${x}" x2="${width - margin}" y1="${y}" y2="${y}" stroke="#d9d8d3"/>`);
  return y + 14;
}

const starStep = 19;
/** A star of five points around the origin, 8 units to a point. */
const star = Array.from({ length: 10 }, (_, i) => {
  const radius = i % 2 ? 3.6 : 8;
  const angle = (Math.PI * i) / 5;
  return `${i ? 'L' : 'M'}${(radius * Math.sin(angle)).toFixed(2)} ${(-radius * Math.cos(angle)).toFixed(2)}`;
}).join('');
/** Stars in a row whose middle is at `y`: those that were given are filled. */
const starsAt = (x: number, y: number, given: Rating['stars']) =>
  `<g stroke="#1b1b19" stroke-width="1.2" stroke-linejoin="round">${starChoices.map((n) => `<path transform="translate(${x + 8 + (n - 1) * starStep} ${y})" d="${star}Z" fill="${n <= given ? '#1b1b19' : 'none'}"/>`).join('')}</g>`;

/** What the captions were made with, in as few words as say it. */
function settings(view: ComparisonView, { say }: FigureSpeech): string[] {
  const { familyHash, device } = view;
  const lines = [
    [
      say({
        sentence: figureWords.family,
        values: { name: `${view.family}${familyHash ? ` (${familyHash.slice(0, 12)})` : ''}` },
      }),
      device &&
        say({
          sentence: figureWords.device,
          values: { name: `${device.name}${device.adapter ? ` (${device.adapter})` : ''}` },
        }),
      view.precision,
      view.appVersion && `Caption Studio ${view.appVersion}`,
      view.createdAt.toISOString().slice(0, 10),
    ]
      .filter(Boolean)
      .join(' · '),
    ...view.lanes.flatMap((lane) => {
      const changed = changedOptions(lane);
      return changed ? [`${lane.id}: ${changed}`] : [];
    }),
    ...(view.lanes.some(({ result }) => result?.optimised) ? [say({ sentence: figureWords.optimised })] : []),
  ];
  return lines.flatMap((line) => wrap(line, 175));
}

/** What only explains a caption and has no say in it. */
const explaining = ['cosineTrace', 'insight', 'noisySamples', 'sampleVariance'];

/** The options that are not the decoder's own defaults, among those that have a say in the caption. */
export function changedOptions({ decoder, options }: Pick<LaneView, 'decoder' | 'options'>): string {
  const specs = decoders.find(({ name }) => name === decoder)?.options ?? [];
  return Object.entries(options)
    .filter(([name, value]) => {
      if (explaining.includes(name)) return false;
      const spec = specs.find((known) => known.name === name);
      return spec === undefined
        ? value !== undefined && value !== ''
        : JSON.stringify(spec.default) !== JSON.stringify(value);
    })
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(', ');
}

/** Lines of at most `room` characters, broken between words where there are any. */
function wrap(text: string, room: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const parts = word.match(new RegExp(`.{1,${room}}`, 'gu')) ?? [];
    for (const part of parts) {
      if (line && line.length + 1 + part.length > room) {
        lines.push(line);
        line = '';
      }
      line = line ? `${line} ${part}` : part;
    }
  }
  return line ? [...lines, line] : lines;
}

const textAt = (x: number, y: number, text: string, attributes: string) =>
  `<text x="${x}" y="${y}" ${attributes}>${escapeXml(text)}</text>`;
