import { useNumbers } from '../languages/numbers';
import { useTranslation } from '../languages/use-translation';

/** An embedding as a picture: one bar a value, up or down from the middle. */
export function EmbeddingView({ values, name }: { values: readonly number[]; name: string }) {
  const { t } = useTranslation();
  const { fixed } = useNumbers();
  const most = Math.max(...values.map(Math.abs)) || 1;
  return (
    <>
      <svg
        viewBox={`0 0 ${values.length} 100`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t('The embedding {{name}}: {{count}} values, the greatest {{most}}', {
          name,
          count: values.length,
          most: fixed(most, 3),
        })}
        className="size-full text-accent"
        data-testid="embedding"
      >
        {values.map((value, i) => (
          <rect
            key={i}
            x={i}
            width={1}
            y={value > 0 ? 50 - (50 * value) / most : 50}
            height={(50 * Math.abs(value)) / most}
            fill="currentColor"
          />
        ))}
      </svg>
      {/* A sum is told by its terms. */}
      <p
        className="absolute inset-x-0 bottom-0 border-t border-line bg-card px-2 py-1 text-center text-xs [overflow-wrap:anywhere]"
        aria-hidden
      >
        {name}
      </p>
    </>
  );
}
