import { StudioError } from '../../models/errors';
import { examples } from './examples';
import type { CaptionedImage, CaptionFile, Entry } from './types';

/** Gathers what a file says, entry by entry: one image for each name, and what was left out. */
export class Collector {
  readonly #images = new Map<string, CaptionedImage>();
  readonly #lanes = new Map<string, Map<string, CaptionedImage>>();
  readonly #empty: { where: string; image: CaptionedImage }[] = [];

  /** @param file its name, for errors @param layout what it was told to be */
  constructor(
    readonly file: string,
    readonly layout: string,
  ) {}

  invalid(where: string, what: string): StudioError {
    return new StudioError('references-invalid', `${this.file}${where && `, ${where}`}: ${what}`);
  }

  /** @param where the entry's place in the file, as a person finds it @throws references-invalid */
  add(where: string, { names = [], ids = [], captions, split, lane }: Entry): void {
    const named = { names: names.flatMap(text), ids: ids.flatMap(text) };
    const key = named.names[0] ?? named.ids[0];
    if (key === undefined)
      throw this.invalid(where, 'no image is named. Expected a file name or an id beside the captions.');
    const images = lane === undefined ? this.#images : this.#lane(lane);
    const image = images.get(key) ?? { ...named, captions: [], where, ...(typeof split === 'string' ? { split } : {}) };
    images.set(key, image);
    this.#say(where, captions, image);
  }

  #say(where: string, said: unknown, image: CaptionedImage): void {
    if (Array.isArray(said)) {
      if (!said.length) this.#empty.push({ where, image });
      for (const one of said) this.#say(where, one, image);
    } else if (said === null || said === undefined || (typeof said === 'string' && !said.trim()))
      this.#empty.push({ where, image });
    else if (typeof said === 'string') image.captions.push(said);
    else {
      const inner = captionOf(said);
      if (inner === undefined)
        throw this.invalid(
          where,
          `${JSON.stringify(said).slice(0, 60)} is no caption. Expected text, or a list of texts.`,
        );
      this.#say(where, inner, image);
    }
  }

  #lane(name: string): Map<string, CaptionedImage> {
    const lane = this.#lanes.get(name) ?? new Map<string, CaptionedImage>();
    this.#lanes.set(name, lane);
    return lane;
  }

  /** @throws references-invalid where there is nothing */
  end(notes: readonly string[] = []): CaptionFile {
    if (!this.#images.size && !this.#lanes.size) throw this.invalid('', 'there is not one caption in it.');
    // Images that say nothing at all are told by who needs a caption of each (references) or not (candidates).
    const empty = this.#empty.filter(({ image }) => image.captions.length);
    const places = [...new Set(empty.map(({ where }) => where))];
    const left = empty.length
      ? [
          `${this.file}: ${empty.length} empty ${empty.length > 1 ? 'captions are' : 'caption is'} left out (${examples(places, 'places')}).`,
        ]
      : [];
    return {
      layout: this.layout,
      images: [...this.#images.values()],
      lanes: new Map([...this.#lanes].map(([name, images]) => [name, [...images.values()]])),
      notes: [...notes, ...left],
    };
  }
}

const text = (value: unknown): string[] => {
  const said = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
  return said ? [said] : [];
};

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Usual names of what holds captions. */
export const captionKeys = [
  'captions',
  'caption',
  'references',
  'refs',
  'sentences',
  'raw',
  'text',
  'sentence',
  'comment',
];
/** The caption or captions of an object that holds them under a usual name. */
export function captionOf(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  const key = captionKeys.find((known) => Object.hasOwn(value, known));
  if (key !== undefined) return value[key] ?? null;
  return Array.isArray(value.tokens) ? value.tokens.join(' ') : undefined;
}

/** Captions that a value holds: a text, a list, an object with one under a usual name. What a decoder said is none. */
export function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return value.trim() ? [value.trim()] : [];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return isObject(value) && typeof value.decoder !== 'string' ? textsOf(captionOf(value)) : [];
}
