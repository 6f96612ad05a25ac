import { StudioError } from '../../models/errors';

/** The number of the line that a place of a text lies in, from 1. */
export function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < index; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

/**
 * The text of a file: UTF-8, UTF-16 behind its byte order mark, and what is neither as Windows-1252 (Latin-1), which
 * is told with its first line. @throws references-invalid for what is no text
 */
export function textOf(file: string, bytes: Uint8Array): { text: string; notes: string[] } {
  const wide =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : '';
  if (wide) return checked(file, new TextDecoder(wide).decode(bytes), [`${file} is read as UTF-16.`]);
  if (bytes.subarray(0, 4096).includes(0))
    throw new StudioError(
      'references-invalid',
      `${file} is no text in UTF-8: it holds zero bytes. Expected captions as JSON, lines or a table; save it as UTF-8.`,
    );
  try {
    return checked(file, new TextDecoder('utf-8', { fatal: true }).decode(bytes), []);
  } catch {
    const text = new TextDecoder('windows-1252').decode(bytes);
    return {
      text,
      notes: [
        `${file}, line ${lineAt(text, firstInvalid(bytes))}: not UTF-8. The file is read as Latin-1 (Windows-1252); save it as UTF-8 if letters look wrong.`,
      ],
    };
  }
}

/** U+FFFD stands where somebody's program could not read a letter: it would be scored as one. */
function checked(file: string, text: string, notes: string[]) {
  const lost = text.indexOf('\ufffd');
  return lost < 0
    ? { text, notes }
    : {
        text,
        notes: [
          ...notes,
          `${file}, line ${lineAt(text, lost)}: letters were lost before (U+FFFD), and count as they stand. Write the file anew from its source.`,
        ],
      };
}

/** The first byte that is not UTF-8; Windows-1252 has one character a byte, so it is the place in its text too. */
function firstInvalid(bytes: Uint8Array): number {
  let [from, to] = [0, bytes.length];
  // The longest beginning that decodes; a character that is cut at its end is none yet (`stream`).
  while (from < to) {
    const middle = Math.ceil((from + to) / 2);
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      from = middle;
    } catch {
      to = middle - 1;
    }
  }
  return from;
}
