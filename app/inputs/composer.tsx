'use client';
import { Minus, Plus, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from '../languages/use-translation';
import type { WrittenTerm } from './arithmetic';

type Props = {
  /** Inputs whose embedding is known. */ inputs: readonly { key: string; name: string }[];
  active?: string;
  busy: boolean;
  onDecode: (terms: WrittenTerm[]) => void;
};

const most = 8;
type Row = { id: number; sign: 1 | -1; /** As it is typed. */ weight: string; from: string; text: string };
const fresh: readonly Row[] = [
  { id: 0, sign: 1, weight: '1', from: 'active', text: '' },
  { id: 1, sign: -1, weight: '1', from: 'text', text: '' },
  { id: 2, sign: 1, weight: '1', from: 'text', text: '' },
];

/** Sums of embeddings: a photo, less one text, and another. The sum is decoded like any embedding. */
export function Composer({ inputs, active, busy, onDecode }: Props) {
  const { t } = useTranslation();
  const [rows, setRows] = useState<readonly Row[]>(fresh);
  const known = (key: string | undefined) => inputs.some((input) => input.key === key);
  const patch = (id: number, change: Partial<Row>) =>
    setRows((all) => all.map((row) => (row.id === id ? { ...row, ...change } : row)));
  const fromOf = ({ from }: Row) =>
    from === 'active'
      ? known(active)
        ? active!
        : (inputs[0]?.key ?? 'text')
      : from === 'text' || known(from)
        ? from
        : 'text';
  const terms = rows.flatMap((row): WrittenTerm[] => {
    const from = fromOf(row);
    const weight = row.sign * Number(row.weight);
    // A term of weight 0 is none.
    if (!weight || !Number.isFinite(weight)) return [];
    if (from !== 'text') return [{ weight, kind: 'input', key: from }];
    return row.text.trim() ? [{ weight, kind: 'text', text: row.text.trim() }] : [];
  });
  const field = 'min-w-0 rounded border border-line bg-page px-2 py-1 text-sm';
  return (
    <details className="rounded-md border border-line bg-card px-3 py-2 text-sm">
      <summary className="cursor-pointer text-quiet">{t('Add and take away meanings')}</summary>
      <form
        className="mt-2 space-y-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (terms.length) onDecode(terms);
        }}
      >
        <p className="text-xs text-quiet">
          {t(
            'Say, the photo − “a dog” + 0.5 × “a cat”. Each term is first brought to length 1, so that a weight of 1 means as much for a photo as for a text; the sum is brought to length 1 again, so only the ratios of the weights matter. A lane that needs the photo itself stays out.',
          )}
        </p>
        {rows.map((row, i) => {
          const from = fromOf(row);
          return (
            <div
              key={row.id}
              role="group"
              aria-label={t('Term {{number}}', { number: i + 1 })}
              className="grid grid-cols-[auto_3.25rem_minmax(0,1fr)_auto] items-center gap-1.5"
            >
              <button
                type="button"
                onClick={() => patch(row.id, { sign: row.sign === 1 ? -1 : 1 })}
                aria-label={row.sign === 1 ? t('Added; take it away instead') : t('Taken away; add it instead')}
                className="rounded border border-line p-1.5"
              >
                {row.sign === 1 ? <Plus size={13} aria-hidden /> : <Minus size={13} aria-hidden />}
              </button>
              <input
                type="number"
                aria-label={t('Weight of term {{number}}', { number: i + 1 })}
                title={t('How much of it')}
                min={0}
                max={10}
                step={0.1}
                value={row.weight}
                onChange={(event) => patch(row.id, { weight: event.target.value })}
                className={`${field} font-mono`}
              />
              <div className="grid min-w-0 gap-1">
                {(inputs.length > 0 || from !== 'text') && (
                  <select
                    aria-label={t('What term {{number}} is', { number: i + 1 })}
                    value={from}
                    onChange={(event) => patch(row.id, { from: event.target.value })}
                    className={field}
                  >
                    <option value="text">{t('a text')}</option>
                    {inputs.map(({ key, name }) => (
                      <option key={key} value={key}>
                        {key === active ? t('this one: {{name}}', { name }) : name}
                      </option>
                    ))}
                  </select>
                )}
                {from === 'text' && (
                  <input
                    aria-label={t('Text of term {{number}}', { number: i + 1 })}
                    value={row.text}
                    maxLength={400}
                    placeholder={row.sign < 0 ? t('a dog') : t('a cat')}
                    onChange={(event) => patch(row.id, { text: event.target.value })}
                    className={field}
                  />
                )}
              </div>
              <button
                type="button"
                disabled={rows.length === 1}
                onClick={() => setRows((all) => all.filter(({ id }) => id !== row.id))}
                aria-label={t('Remove term {{number}}', { number: i + 1 })}
                className="rounded border border-line p-1.5 disabled:opacity-40"
              >
                <X size={13} aria-hidden />
              </button>
            </div>
          );
        })}
        <div className="flex flex-wrap gap-2">
          <button
            type="submit"
            disabled={busy || !terms.length}
            className="rounded-md border border-accent px-3 py-1 font-medium disabled:opacity-60"
          >
            {t('Decode the sum')}
          </button>
          <button
            type="button"
            disabled={rows.length >= most}
            onClick={() =>
              setRows((all) => [
                ...all,
                { id: Math.max(...all.map(({ id }) => id)) + 1, sign: 1, weight: '1', from: 'text', text: '' },
              ])
            }
            className="rounded-md border border-line px-3 py-1 disabled:opacity-60"
          >
            {t('Add a term')}
          </button>
        </div>
      </form>
    </details>
  );
}
