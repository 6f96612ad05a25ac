/**
 * Marks a sentence that is translated where it is shown, so that the catalogs' test finds it; `context`: the one with
 * which it is then said.
 */
export const msg = <Sentence extends string>(sentence: Sentence, _context?: string): Sentence => sentence;
