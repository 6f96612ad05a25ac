import { StudioError } from '../../../models/errors';
import { isAddress, isPictureName } from './pictures';

/** Usual names of the column that names a photo, the surest first. */
const usual = [
  'image',
  'image_path',
  'file_name',
  'filename',
  'image_name',
  'filepath',
  'file',
  'img',
  'path',
  'url',
  'image_url',
  'jpg',
  'png',
  'webp',
  'image_bytes',
];

/**
 * The column that names the photos of a table. @param wanted `--column` @param names those that the table has
 * @throws option-invalid that says which there are
 */
export function columnOf(file: string, names: readonly string[], wanted: string | undefined): string {
  const has = names.length
    ? `It has ${names.slice(0, 30).join(', ')}${names.length > 30 ? ' …' : ''}.`
    : 'It has none.';
  if (wanted !== undefined) {
    if (names.includes(wanted)) return wanted;
    throw new StudioError('option-invalid', `${file} has no column "${wanted}". ${has}`);
  }
  const found = usualColumn(names);
  if (found !== undefined) return found;
  throw new StudioError(
    'option-invalid',
    `${file} has no column that is known to name photos (${usual.slice(0, 4).join(', ')} …). ${has} Name it by --column.`,
  );
}

/** The column that is usually called so. */
export const usualColumn = (names: readonly string[]): string | undefined =>
  usual.flatMap((name) => names.find((one) => one.trim().toLowerCase() === name) ?? [])[0];

/** Whether a cell is by itself a photo's path or address, as where a table has no names of columns. */
export const namesPhoto = (cell: string): boolean => isAddress(cell) || isPictureName(cell);
