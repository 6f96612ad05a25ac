/**
 * What spreadsheets take for the beginning of a formula, once full-width and small forms are made plain (NFKC): one of
 * = + - @ (or the minus sign) behind any white space and what cannot be seen, and a tab or a line's end itself.
 */
const formula = /^(?:[\t\r\n]|[\s\p{C}\p{Z}]*[=+\-@\u2212])/u;

/** Text of a cell as it was before `csvCell` guarded it. */
export const unguarded = (cell: string) =>
  cell.startsWith("'") && formula.test(cell.slice(1).normalize('NFKC')) ? cell.slice(1) : cell;

/** A cell (RFC 4180). Text that a spreadsheet would take for a formula is preceded by an apostrophe. */
export function csvCell(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  const safe = formula.test(value.normalize('NFKC')) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
