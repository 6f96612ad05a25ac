/** What is said and shown of a decoder, without its engine: the scripts of a first visit hold it. */
export type DecoderWords = {
  /** Its folder, and its name in requests, options, manifests and records. */
  name: string;
  title: string;
  /** One sentence: how it works. */
  idea: string;
  trainedOn: string;
  /** What it accepts, in words. */
  accepts: string;
  /** Its hue on a light and on a dark page: text of it passes AA there. */
  hue: { light: string; dark: string };
  /** Tells it apart without colour. */
  letter: string;
  /** Said in place of what lies behind a caption, where nothing does. */
  noInsight?: string;
};
