'use client';
import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from '../languages/use-translation';

/** A secret that is told once, to be copied now. `attempt` tells what goes wrong. */
export function CopyField({
  label,
  value,
  testId,
  attempt,
}: {
  label: string;
  value: string;
  testId: string;
  attempt: (work: () => Promise<unknown>) => void;
}) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState<string>();
  const done = copied === value;
  return (
    <div className="rounded-md border border-accent p-3">
      <p className="mb-2 text-quiet">{t('Copy it now: it is shown this once.')}</p>
      <div className="flex items-center gap-2">
        <input
          readOnly
          value={value}
          aria-label={label}
          data-testid={testId}
          className="min-w-0 flex-1 rounded border border-line bg-page px-2 py-1 font-mono text-xs"
          onFocus={(event) => event.target.select()}
        />
        <button
          type="button"
          className="flex items-center gap-1.5 rounded-md border border-line bg-card px-3 py-1.5 text-sm"
          onClick={() => attempt(() => navigator.clipboard.writeText(value).then(() => setCopied(value)))}
        >
          {done ? <Check size={15} aria-hidden /> : <Copy size={15} aria-hidden />} {done ? t('Copied') : t('Copy')}
        </button>
        <span role="status" className="sr-only">
          {done ? t('{{label}}: copied.', { label }) : ''}
        </span>
      </div>
    </div>
  );
}
