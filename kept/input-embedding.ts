import type { ComparisonView } from './comparison';

/**
 * The embedding of what was compared, as the engine told it or as it was given; undefined where it is not kept.
 * `space`: where the engine named it.
 */
export function inputEmbedding({
  items,
  embedding,
}: Pick<ComparisonView, 'items' | 'embedding'>): { values: readonly number[]; space?: string } | undefined {
  for (const item of items)
    if (item.kind === 'event' && item.event.type === 'encoded' && item.event.values)
      return { values: item.event.values, space: item.event.space };
  return embedding ? { values: embedding } : undefined;
}
