'use client';
import type { OptionSpec, OptionValue } from '@/models/decoders/types';
import type { DecoderCard } from '@/server/trpc/types';

type Values = Record<string, OptionValue>;

/** A decoder's options as its own list describes them; what is not touched keeps its default. */
export function LaneOptions({ card, defaults, values, onChange }: { card: DecoderCard; defaults: Values; values: Values; onChange: (values: Values) => void }) {
  const changed = Object.keys(values).length;
  return (
    <details className="border-t border-line px-3 py-2 text-sm">
      <summary className="cursor-pointer text-quiet">Options{changed ? ` (${changed} changed)` : ''}</summary>
      <div className="mt-2 space-y-2.5">
        {card.options.filter(({ kind }) => kind !== 'tokens').map((spec) => (
          <Field
            key={spec.name}
            id={`${card.name}-${spec.name}`}
            spec={spec}
            fallback={defaults[spec.name] ?? spec.default}
            value={values[spec.name]}
            onChange={(value) => {
              const { [spec.name]: _old, ...rest } = values;
              onChange(value === undefined ? rest : { ...rest, [spec.name]: value });
            }}
          />
        ))}
        {changed > 0 && (
          <button type="button" className="rounded border border-line px-2 py-1" onClick={() => onChange({})}>
            Back to defaults
          </button>
        )}
      </div>
    </details>
  );
}

function Field({ id, spec, fallback, value, onChange }: { id: string; spec: OptionSpec; fallback: OptionValue; value?: OptionValue; onChange: (value?: OptionValue) => void }) {
  const field = 'w-full rounded border border-line bg-page px-2 py-1 font-mono text-xs text-ink';
  return (
    <div>
      <label htmlFor={id} className="font-mono text-xs">
        {spec.name}
      </label>
      {spec.kind === 'boolean' && <input id={id} aria-describedby={`${id}-help`} type="checkbox" className="ml-2 align-middle" checked={(value ?? fallback) === true} onChange={(e) => onChange(e.target.checked === fallback ? undefined : e.target.checked)} />}
      {spec.kind === 'choice' && (
        <select id={id} aria-describedby={`${id}-help`} className={field} value={String(value ?? fallback)} onChange={(e) => onChange(e.target.value === fallback ? undefined : e.target.value)}>
          {spec.choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      )}
      {spec.kind === 'number' && (
        <input
          id={id}
          aria-describedby={`${id}-help`}
          type="number"
          className={field}
          min={spec.min}
          max={spec.max}
          step={spec.integer ? 1 : 'any'}
          placeholder={String(fallback)}
          value={typeof value === 'number' ? value : ''}
          onChange={(e) => onChange(e.target.value === '' ? undefined : Number(e.target.value))}
        />
      )}
      <p id={`${id}-help`} className="text-xs text-quiet">
        {spec.help} {spec.kind === 'number' ? `${spec.min} to ${spec.max}, default ${String(fallback)}.` : `Default ${String(fallback)}.`}
      </p>
    </div>
  );
}
