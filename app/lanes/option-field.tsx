import { RotateCcw } from 'lucide-react';
import type { OptionSpec, OptionValue } from '@/models/decoders/option-spec';
import type { Effect } from '@/models/weights/effects';
import { useNumbers } from '../languages/numbers';
import { useTranslation } from '../languages/use-translation';
import { effectText } from './effect-words';

export const field = 'h-7 rounded border border-line bg-page px-1.5 font-mono text-xs text-ink';

type Props = {
  id: string;
  spec: OptionSpec;
  /** Without the person's choice. */ fallback: OptionValue;
  value?: OptionValue;
  effect?: Effect;
  /** Undefined is the default. */ onChange: (value?: OptionValue) => void;
};

/** An option: its plain name, its technical one, its value, what it does, and the way back to its default. */
export function OptionField({ id, spec, fallback, value, effect, onChange }: Props) {
  const { t } = useTranslation();
  const { decimals } = useNumbers();
  const title = t(spec.title);
  const shared = { id, 'aria-describedby': `${id}-name ${id}-help` };
  const outside =
    spec.kind === 'number' &&
    typeof value === 'number' &&
    (value < spec.min || value > spec.max || (spec.integer && !Number.isInteger(value)));
  return (
    <div data-changed={value === undefined ? undefined : ''}>
      <div className="flex min-h-7 items-center gap-1.5">
        <span className="min-w-0 flex-1">
          <label htmlFor={id} className={value === undefined ? '' : 'font-bold'}>
            {title}
          </label>{' '}
          <span id={`${id}-name`} className="font-mono text-xs text-quiet">
            {spec.name}
          </span>
        </span>
        <button
          type="button"
          className={`grid size-6 shrink-0 place-items-center rounded border border-line ${value === undefined ? 'invisible' : ''}`}
          aria-label={t('{{option}}: back to its default, {{value}}', { option: title, value: String(fallback) })}
          title={t('Back to its default, {{value}}', { value: String(fallback) })}
          onClick={() => {
            onChange(undefined);
            // The button goes.
            document.getElementById(id)?.focus();
          }}
        >
          <RotateCcw size={12} aria-hidden />
        </button>
        {spec.kind === 'boolean' && (
          <input
            {...shared}
            type="checkbox"
            className="size-5 shrink-0"
            checked={(value ?? fallback) === true}
            onChange={(e) => onChange(e.target.checked === fallback ? undefined : e.target.checked)}
          />
        )}
        {spec.kind === 'number' && (
          <input
            {...shared}
            type="number"
            aria-invalid={outside || undefined}
            className={`${field} w-20 shrink-0 aria-invalid:border-danger`}
            min={spec.min}
            max={spec.max}
            step={spec.integer ? 1 : 'any'}
            placeholder={String(fallback)}
            value={typeof value === 'number' ? value : ''}
            onChange={(e) => onChange(e.target.value === '' ? undefined : Number(e.target.value))}
          />
        )}
      </div>
      {spec.kind === 'choice' && (
        <select
          {...shared}
          className={`${field} my-0.5 w-full`}
          value={String(value ?? fallback)}
          onChange={(e) => onChange(e.target.value === fallback ? undefined : e.target.value)}
        >
          {spec.choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      )}
      <p id={`${id}-help`} className="text-xs text-quiet">
        {spec.kind === 'choice' ? t(spec.does[String(value ?? fallback)] ?? spec.help) : t(spec.help)}{' '}
        <span className={outside ? 'font-semibold text-danger' : ''}>
          {spec.kind === 'number'
            ? t('{{min}} to {{max}}, default {{value}}.', { min: spec.min, max: spec.max, value: String(fallback) })
            : t('Default {{value}}.', { value: String(fallback) })}
        </span>
        {effect && ` ${t('Measured on this family:')} ${effectText(t, effect, decimals)}`}
      </p>
    </div>
  );
}
