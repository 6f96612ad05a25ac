import { decodeHTML } from 'entities';

/**
 * Text as OpenAI's CLIP and open_clip clean it before they tokenise (`basic_clean`, `whitespace_clean`, lower case):
 * ftfy's repairs of entities, ligatures, widths, quotes, line breaks and control characters until nothing changes, HTML
 * entities twice, white space made single. Text that was read in a wrong encoding (`â€™` for an apostrophe) is not
 * guessed at here; ftfy does that by statistics of its own.
 */
export function cleanClipText(text: string): string {
  return unescapeHtml(unescapeHtml(repaired(text)))
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();
}

/** ftfy works line by line; from the first `<` on, entities are left alone, for the text is HTML then. */
function repaired(text: string): string {
  let isHtml = false;
  return (text.match(/[^\n]*\n|[^\n]+$/g) ?? [])
    .map((line) => {
      isHtml ||= line.includes('<');
      let before;
      do {
        before = line;
        line = repairedOnce(line, isHtml);
      } while (line !== before);
      return line;
    })
    .join('');
}

function repairedOnce(line: string, isHtml: boolean): string {
  const text = isHtml ? line : line.replace(/&#?[0-9A-Za-z]{1,24};/g, wholeEntity);
  return (
    text
      .replace(/[\u0080-\u009f]/g, windows1252)
      // Digraphs and ligatures of Latin letters.
      .replace(/[\u0132\u0133\u0149\u01c4-\u01cc\u01f1-\u01f3\ufb00\ufb01\ufb02\ufb03\ufb04\ufb06]/g, compatible)
      .replace(/\ufb05/g, '\u017ft')
      // Full-width Latin, half-width katakana and hangul, the ideographic space.
      .replace(/[\uff01-\uffef\u3000]/g, compatible)
      .replace(/[\u201c-\u201f]/g, '"')
      .replace(/[\u02bc\u2018-\u201b]/g, "'")
      .replace(/\r\n|[\r\u2028\u2029\u0085]/g, '\n')
      .replace(/\p{Surrogate}/gu, '\ufffd')
      .replace(terminalEscapes, '')
      .replace(controls, '')
      .normalize('NFC')
  );
}

const compatible = (character: string) => character.normalize('NFKC');
/** Windows-1252 from 80 to 9F; Node's decoder of that name reads Latin-1. */
const windows = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';
const windows1252 = (character: string) => windows[character.charCodeAt(0) - 0x80]!;
// Written by number: they have no sign of their own.
const range = (from: number, to: number) => `${String.fromCharCode(from)}-${String.fromCharCode(to)}`;
const terminalEscapes = new RegExp(`${String.fromCharCode(0x1b)}\\[[\\d;]*[a-zA-Z]`, 'g');
const controls = new RegExp(`[${range(0, 8)}\u000b${range(0x0e, 0x1f)}\u007f\u206a-\u206f\ufeff\ufff9-\ufffc]`, 'g');

/** An entity with its semicolon; names in capitals too, where the name is not one of its own (`&EACUTE;`). */
function wholeEntity(entity: string): string {
  const decoded = unescapeHtml(entity);
  if (!decoded.includes(';')) return decoded;
  if (entity !== entity.toUpperCase() || decoded !== entity) return entity;
  const lower = unescapeHtml(entity.toLowerCase());
  return lower.includes(';') ? entity : lower.toUpperCase();
}

/** Python's `html.unescape`: HTML 5's names, some without their semicolon, and references by number. */
function unescapeHtml(text: string): string {
  return text.replace(/&(?:#(\d+);?|#[xX]([\da-fA-F]+);?|[^\t\n\f <&#;]{1,32};?)/g, (entity, decimal, hexadecimal) => {
    if (decimal === undefined && hexadecimal === undefined) return decodeHTML(entity);
    return isDropped(decimal === undefined ? parseInt(String(hexadecimal), 16) : Number(decimal))
      ? ''
      : decodeHTML(entity);
  });
}

/** References that name no character: most controls and the places that Unicode gives to none. */
const isDropped = (code: number) =>
  (code >= 1 && code <= 8) ||
  code === 0x0b ||
  (code >= 0x0e && code <= 0x1f) ||
  code === 0x7f ||
  (code >= 0xfdd0 && code <= 0xfdef) ||
  (code <= 0x10ffff && (code & 0xfffe) === 0xfffe);
