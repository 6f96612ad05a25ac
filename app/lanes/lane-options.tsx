'use client';
import { neededOptions } from '@/models/decoders/needed';
import type { OptionSpec, OptionValue } from '@/models/decoders/option-spec';
import type { Effect, Effects } from '@/models/weights/effects';
import type { DecoderCard } from '@/kept/answers';
import { useNumbers } from '../languages/numbers';
import { useTranslation } from '../languages/use-translation';
import { effectText } from './effect-words';
import type { OptionSet } from './use-lanes';

type Props = {
  id: string;
  card: DecoderCard;
  /** What was measured of the family's parts. */ effects?: Effects;
  defaults: OptionSet;
  values: OptionSet;
  /** Options that the family's weights cannot serve, and why. */ refused?: Record<string, string>;
  onChange: (values: OptionSet) => void;
};

/**
 * A lane's options as its decoder's own list describes them: those that have a say in the chosen search, what decides
 * about others first.
 * What is not touched keeps its default; what has no say keeps its value until it has one again.
 */
export function LaneOptions({ id, card, effects, defaults, values, refused = {}, onChange }: Props) {
  const { t } = useTranslation();
  const { decimals } = useNumbers();
  const { prefixTokens, ...own } = values;
  const needed = shownOptions(card, defaults, values).filter(({ name }) => !Object.hasOwn(refused, name));
  const changed = needed.filter(({ name }) => name in own).length;
  const { presets } = card;
  const chosen = changed
    ? presets.find(({ options }) =>
        needed.every(({ name }) => (own[name] ?? defaults[name]) === (options[name] ?? defaults[name])),
      )
    : undefined;
  const mine = effects?.effects.filter(({ decoder }) => decoder === card.name) ?? [];
  const others = mine.filter(({ option }) => option === undefined);
  const unknown = effects?.notMeasured.filter(({ decoder }) => decoder === card.name) ?? [];
  const given = givenTokens(values);
  const keep: OptionSet = prefixTokens === undefined ? {} : { prefixTokens };
  return (
    <div className="space-y-4 text-sm">
      <div className="grid grid-cols-[repeat(auto-fill,minmax(min(13.5rem,100%),1fr))] items-start gap-x-5 gap-y-3">
        <div>
          <label htmlFor={`${id}-preset`} className="font-mono text-xs">
            {t('preset')}
          </label>
          <select
            id={`${id}-preset`}
            aria-describedby={`${id}-preset-help`}
            className={field}
            value={chosen?.name ?? (changed ? 'own' : '')}
            onChange={(event) => {
              const preset = presets.find(({ name }) => name === event.target.value);
              onChange({
                ...keep,
                ...(preset
                  ? Object.fromEntries(
                      Object.entries(preset.options).filter(([name, value]) => defaults[name] !== value),
                    )
                  : {}),
              });
            }}
          >
            <option value="">{t('the family’s defaults')}</option>
            {changed > 0 && !chosen && <option value="own">{t('your own')}</option>}
            {presets.map(({ name }) => (
              <option key={name} value={name}>
                {t(name)}
              </option>
            ))}
          </select>
          <p id={`${id}-preset-help`} className="text-xs text-quiet">
            {chosen ? t(chosen.help) : t('Settings named after where they come from.')}
          </p>
        </div>
        {given > 0 && (
          <p className="text-xs">
            {t('A branch: the first {{count}} tokens are given.', { count: given })}{' '}
            <button type="button" className="underline" onClick={() => onChange(own)}>
              {t('Let it begin freely')}
            </button>
          </p>
        )}
        {[...needed]
          .sort((a, b) => leads(a) - leads(b))
          .map((spec) => (
            <Field
              key={spec.name}
              id={`${id}-${spec.name}`}
              spec={spec}
              fallback={defaults[spec.name] ?? spec.default}
              value={values[spec.name]}
              effect={mine.find(({ option }) => option === spec.name)}
              onChange={(value) => {
                const { [spec.name]: _old, ...rest } = values;
                onChange(value === undefined ? rest : { ...rest, [spec.name]: value });
              }}
            />
          ))}
      </div>
      {/* What a checkpoint says of itself. */}
      {Object.entries(refused).map(([name, why]) => (
        <p key={name} className="border-l-2 border-line pl-3 text-xs text-quiet">
          <span className="font-mono">{name}</span>, {t('not with these weights')}: <span lang="en">{why}</span>
        </p>
      ))}
      {(mine.length > 0 || unknown.length > 0) && (
        <div className="grid gap-x-5 gap-y-1 border-t border-line pt-3 text-xs text-quiet lg:grid-cols-2">
          <p className="col-span-full">{t('Measured: {{what}}.', { what: t(effects!.measured) })}</p>
          {others.map((effect) => (
            <p key={effect.what} className="first-letter:uppercase">
              {t(effect.what)}: {effectText(t, effect, decimals)}
            </p>
          ))}
          {unknown.map(({ what }) => (
            <p key={what}>{t('Not measured: {{what}}.', { what: t(what) })}</p>
          ))}
        </div>
      )}
      <button
        type="button"
        className="rounded border border-line px-2 py-1 disabled:opacity-60"
        disabled={changed === 0}
        onClick={() => onChange(keep)}
      >
        {t('Back to defaults')}
      </button>
    </div>
  );
}

/** Options that have a say in what is chosen; forced tokens are told by themselves. */
const shownOptions = (card: DecoderCard, defaults: OptionSet, values: OptionSet) =>
  neededOptions(card.options, { ...defaults, ...values }).filter(({ kind }) => kind !== 'tokens');
const givenTokens = ({ prefixTokens }: OptionSet) => (Array.isArray(prefixTokens) ? prefixTokens.length : 0);

/** What of a lane's options is not as the family has it, in few words. */
export function OptionsSummary({ card, defaults, values }: Pick<Props, 'card' | 'defaults' | 'values'>) {
  const { t } = useTranslation();
  const changed = shownOptions(card, defaults, values).filter(({ name }) => name in values).length;
  const given = givenTokens(values);
  // Two lanes of a decoder differ by nothing else on their cards.
  const { mode } = values;
  return (
    <>
      {t('Options')}
      {changed ? ` (${t('{{count}} changed', { count: changed })})` : ''}
      {mode === undefined || mode === defaults.mode ? '' : ` · ${String(mode)}`}
      {given ? ` · ${t('begins with {{count}} given tokens', { count: given })}` : ''}
    </>
  );
}

/** The way of decoding, then the search within it, then what they ask for. */
const leads = ({ kind, when }: OptionSpec) => (kind !== 'choice' ? 2 : when ? 1 : 0);

const field = 'w-full rounded border border-line bg-page px-2 py-1 font-mono text-xs text-ink';

function Field({
  id,
  spec,
  fallback,
  value,
  effect,
  onChange,
}: {
  id: string;
  spec: OptionSpec;
  fallback: OptionValue;
  value?: OptionValue;
  effect?: Effect;
  onChange: (value?: OptionValue) => void;
}) {
  const { t } = useTranslation();
  const { decimals } = useNumbers();
  return (
    <div>
      <label htmlFor={id} className={`font-mono text-xs ${value === undefined ? '' : 'font-bold'}`}>
        {spec.name}
      </label>
      {spec.kind === 'boolean' && (
        <input
          id={id}
          aria-describedby={`${id}-help`}
          type="checkbox"
          className="ml-2 align-middle"
          checked={(value ?? fallback) === true}
          onChange={(e) => onChange(e.target.checked === fallback ? undefined : e.target.checked)}
        />
      )}
      {spec.kind === 'choice' && (
        <select
          id={id}
          aria-describedby={`${id}-help`}
          className={field}
          value={String(value ?? fallback)}
          onChange={(e) => onChange(e.target.value === fallback ? undefined : e.target.value)}
        >
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
        {spec.kind === 'choice' ? t(spec.does[String(value ?? fallback)] ?? spec.help) : t(spec.help)}{' '}
        {spec.kind === 'number'
          ? t('{{min}} to {{max}}, default {{value}}.', { min: spec.min, max: spec.max, value: String(fallback) })
          : t('Default {{value}}.', { value: String(fallback) })}
        {effect && ` ${t('Measured on this family:')} ${effectText(t, effect, decimals)}`}
      </p>
    </div>
  );
}
