import { StudioError } from '../models/errors';
import type { ComparisonView } from './comparison';

export const exportFormats = ['json', 'csv', 'coco', 'txt', 'svg', 'png', 'html'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/**
 * Comparisons of one file of their own kind: pictures are in memory as a whole, and so is an HTML file with all its
 * steps.
 */
export const mostExported: Record<ExportFormat, number> = {
  json: 1_000,
  csv: 10_000,
  coco: 10_000,
  txt: 10_000,
  svg: 20,
  png: 20,
  html: 50,
};

/** @throws option-invalid for none, or more than a file of the format holds */
export function refuseTooMany(count: number, format: ExportFormat): void {
  if (!count) throw new StudioError('option-invalid', 'Nothing to export: choose at least one comparison.');
  if (count > mostExported[format])
    throw new StudioError(
      'option-invalid',
      `${count} comparisons are too many for one ${format.toUpperCase()} file; at most ${mostExported[format]}. Export them in parts.`,
    );
}

/** A name for files on any system, from a title that may be anything. */
export function fileNameOf({ title, createdAt }: Pick<ComparisonView, 'title' | 'createdAt'>): string {
  const plain = title
    .replace(/\.(jpe?g|png|webp|gif|avif|tiff?)$/i, '')
    .normalize('NFKD')
    .replace(/[^\w-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  return plain || `comparison-${createdAt.toISOString().slice(0, 16).replace(/[T:]/g, '-')}`;
}
