import { useId, useState } from 'react';
import type { OptionSpec, OptionValue } from '@/models/decoders/option-spec';
import type { DecoderCard } from '@/kept/answers';
import type { Translate } from '../languages/translator';
import { type Numbers, useNumbers } from '../languages/numbers';
import { useTranslation } from '../languages/use-translation';
import type { LaneConfig, OptionSet } from './benches';
import { field } from './option-field';
import { newLanes, readValues, sweepable, sweepLanes, type SweepProblem } from './sweep';

type Props = {
  lane: LaneConfig;
  card: DecoderCard;
  defaults: OptionSet;
  /** Options that the family's weights cannot serve. */ refused?: Record<string, string>;
  /** All lanes, and how many there may be. */ lanes: readonly LaneConfig[];
  most: number;
  /** Makes the lanes and runs them; undefined without an input. */ onSweep?: (lanes: LaneConfig[]) => void;
};

/** One option over several values: a lane for each, beside the lane. */
export function SweepForm({ lane, card, defaults, refused = {}, lanes, most, onSweep }: Props) {
  const { t } = useTranslation();
  const numbers = useNumbers();
  const comma = numbers.fixed(0.5, 1).includes(',');
  const id = useId();
  const specs = sweepable(card.options, defaults, lane.options).filter(({ name }) => !Object.hasOwn(refused, name));
  const [option, setOption] = useState<string>();
  const [text, setText] = useState('');
  const [ticked, setTicked] = useState<readonly string[]>([]);
  const spec = specs.find(({ name }) => name === option) ?? specs.find(({ name }) => name === 'beam') ?? specs[0];
  if (!spec) return null;
  const read =
    spec.kind === 'number'
      ? readValues(spec, text, { to: t('to'), step: t('step'), comma })
      : { values: spec.kind === 'choice' ? ticked : [true, false] };
  const values: readonly OptionValue[] = 'values' in read ? read.values : [];
  const made = sweepLanes(lane, spec.name, values, lanes);
  const over = lanes.length + newLanes(made, lanes) - most;
  return (
    <details className="border-t border-line pt-2 text-sm">
      <summary className="min-h-6 cursor-pointer font-medium">{t('Sweep: one option, several values')}</summary>
      <form
        className="mt-2 space-y-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (made.length && over <= 0) onSweep?.(made);
        }}
      >
        <div>
          <label htmlFor={`${id}-option`}>{t('Option to sweep')}</label>
          <select
            id={`${id}-option`}
            className={`${field} mt-1 w-full`}
            value={spec.name}
            onChange={(event) => {
              setOption(event.target.value);
              setText('');
              setTicked([]);
            }}
          >
            {specs.map(({ name, title }) => (
              <option key={name} value={name}>
                {t(title)} ({name})
              </option>
            ))}
          </select>
        </div>
        {spec.kind === 'number' && (
          <div>
            <label htmlFor={`${id}-values`}>{t('Its values')}</label>
            <input
              id={`${id}-values`}
              aria-describedby={`${id}-help`}
              aria-invalid={'problem' in read || undefined}
              autoComplete="off"
              spellCheck={false}
              className={`${field} mt-1 w-full aria-invalid:border-danger`}
              placeholder={exampleOf(spec, numbers)}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          </div>
        )}
        {spec.kind === 'choice' && (
          <fieldset className="space-y-1">
            <legend>{t('Its values')}</legend>
            {spec.choices.map((choice) => (
              <label key={choice} className="flex min-h-6 items-center gap-2 font-mono text-xs">
                <input
                  type="checkbox"
                  checked={ticked.includes(choice)}
                  onChange={(event) =>
                    // In the order of the option's own list.
                    setTicked(
                      spec.choices.filter((each) => (each === choice ? event.target.checked : ticked.includes(each))),
                    )
                  }
                />
                {choice}
              </label>
            ))}
          </fieldset>
        )}
        <p id={`${id}-help`} className={`text-xs ${'problem' in read || over > 0 ? 'text-danger' : 'text-quiet'}`}>
          {'problem' in read
            ? problemText(t, read.problem, spec)
            : over > 0
              ? t('{{most}} lanes are the most: take {{over}} values away, or remove lanes.', { most, over })
              : spec.kind === 'number'
                ? t('A list (1, 3, 5), or a range with its step (1..5 step 2); {{min}} to {{max}}.', {
                    min: spec.min,
                    max: spec.max,
                  })
                : spec.kind === 'boolean'
                  ? t('With it and without it.')
                  : t('Two values or more.')}
        </p>
        <button
          type="submit"
          className="min-h-7 rounded border border-accent px-2 font-medium disabled:border-line disabled:opacity-60"
          disabled={!onSweep || !made.length || over > 0}
        >
          {made.length ? t('Run {{count}} lanes', { count: made.length }) : t('Run the lanes')}
        </button>
      </form>
    </details>
  );
}

/** Three values that this option may have. */
function exampleOf(
  { integer, min, max, default: usual }: Extract<OptionSpec, { kind: 'number' }>,
  { exact }: Numbers,
): string {
  const near = integer ? [usual, usual + 2, usual + 4] : [usual / 2, usual, usual * 2];
  const values = near.map((value) => Math.min(max, Math.max(min, Number(value.toPrecision(3)))));
  return [...new Set(values)].map(exact).join(', ');
}

function problemText(t: Translate, problem: SweepProblem, spec: OptionSpec): string {
  const bounds = spec.kind === 'number' ? { min: spec.min, max: spec.max } : { min: '', max: '' };
  switch (problem.code) {
    case 'unread':
      return t('“{{part}}” is no number and no range. Write 1, 3, 5 or 1..5 step 2.', { part: problem.part });
    case 'outside':
      return t('{{value}} is outside {{min}} to {{max}}.', { value: problem.value, ...bounds });
    case 'fraction':
      return t('{{value}} is not a whole number, which this option needs.', { value: problem.value });
    case 'backwards':
      return t('“{{part}}” runs backwards: write the smaller value first.', { part: problem.part });
    case 'endless':
      return t('“{{part}}” has too many values: give it a greater step.', { part: problem.part });
  }
}
