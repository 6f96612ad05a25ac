import { StudioError } from '../../models/errors';

/** A fault of the file that somebody imports. */
export const refused = (message: string, cause?: unknown) => new StudioError('import-invalid', message, { cause });

/** An export nests 12 deep; what a parser walks by calling itself must not be deeper than its stack. */
const deepest = 64;
/** Of one comparison with all its steps; its picture is among it. */
export const comparisonLimitBytes = 64 * 1024 ** 2;

/** Where its comparisons lie in a file, and what is around them: JSON with a 0 in the place of each. */
export type SplitExport = { around: string; parts: { from: number; to: number }[] };

const [quote, backslash, openList, closeList, openObject, closeObject] = [...Buffer.from('"\\[]{}')] as [
  number,
  number,
  number,
  number,
  number,
  number,
];

/**
 * Finds the comparisons of an export by its brackets alone, so that one at a time can be parsed and a file of a hundred
 * megabytes is never in memory as values. Whether it is JSON is found out when the parts are parsed.
 * @throws import-invalid for what nests too deep, or has a comparison that is too large
 */
export function splitExport(bytes: Uint8Array): SplitExport {
  const parts: SplitExport['parts'] = [];
  const around: Buffer[] = [];
  let [depth, from, copied, inText] = [0, 0, 0, false];
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (inText) {
      if (byte === backslash) at++;
      else if (byte === quote) inText = false;
    } else if (byte === quote) inText = true;
    else if (byte === openObject || byte === openList) {
      // Of the file and of its list: what begins at depth 2 is a comparison.
      if (depth === 2 && byte === openObject) from = at;
      if (++depth > deepest)
        throw refused(`The file nests more than ${deepest} lists and objects in each other, which no export does.`);
    } else if ((byte === closeObject || byte === closeList) && --depth === 2 && byte === closeObject) {
      if (at + 1 - from > comparisonLimitBytes)
        throw refused(
          `Comparison ${parts.length + 1} of the file is larger than ${comparisonLimitBytes / 1024 ** 2} MB, more than any that was made here.`,
        );
      around.push(Buffer.from(bytes.buffer, bytes.byteOffset + copied, from - copied), Buffer.from('0'));
      copied = at + 1;
      parts.push({ from, to: at + 1 });
    }
  }
  around.push(Buffer.from(bytes.buffer, bytes.byteOffset + copied, bytes.length - copied));
  return { around: Buffer.concat(around).toString('utf8'), parts };
}
