/** An image of a file of captions: what names it, and what is said of it, in the order of the file. */
export type CaptionedImage = {
  /** File names, with or without folders. */
  readonly names: string[];
  readonly ids: string[];
  readonly captions: string[];
  /** Where the file first speaks of it, as a person finds it: `line 3`. */
  readonly where: string;
  /** `train`, `val`, `test` …, where the file tells. */
  split?: string;
};

/** What a file of captions holds, whoever wrote it. */
export type CaptionFile = {
  /** What the file was told to be, in the field's words. */
  layout: string;
  images: CaptionedImage[];
  /**
   * Captions by lane, of files in which several decoders caption the same images; `images` then has their references,
   * where there are any.
   */
  lanes: Map<string, CaptionedImage[]>;
  /** What a person should know of how it was read: sentences that name the file. */
  notes: string[];
};

/** What one entry of a file says, before anything is checked. */
export type Entry = {
  names?: unknown[];
  ids?: unknown[];
  /** A string, a list of them, or objects that hold one; null and '' are left out. */
  captions: unknown;
  split?: unknown;
  lane?: string;
};
