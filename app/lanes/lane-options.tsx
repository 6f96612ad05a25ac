'use client';
import { Play, Square } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { neededOptions } from '@/models/decoders/needed';
import type { OptionSpec, OptionValue } from '@/models/decoders/option-spec';
import type { Effect, Effects } from '@/models/weights/effects';
import type { DecoderCard } from '@/kept/answers';
import { useNumbers } from '../languages/numbers';
import { useTranslation } from '../languages/use-translation';
import { effectText } from './effect-words';
import { field, OptionField } from './option-field';
import type { OptionSet } from './lane-config';

type Props = {
  id: string;
  card: DecoderCard;
  /** What was measured of the family's parts. */ effects?: Effects;
  defaults: OptionSet;
  values: OptionSet;
  /** Options that the family's weights cannot serve, and why. */ refused?: Record<string, string>;
  onChange: (values: OptionSet) => void;
  /** Runs the lane with them; undefined without an input. */ onRun?: () => void;
  /** It is at work. */ onStop?: () => void;
  /** What else can be done with them. */ children?: ReactNode;
};

/**
 * A lane's options as its decoder's own list describes them: those that have a say in the chosen search, the few that
 * are looked at first, then the rest. What is not touched keeps its default; what has no say keeps its value until it
 * has one again.
 */
export function LaneOptions({ id, card, effects, defaults, values, refused = {}, onChange, ...rest }: Props) {
  const { onRun, onStop, children } = rest;
  const { t } = useTranslation();
  const { prefixTokens, ...own } = values;
  const needed = shownOptions(card, defaults, values).filter(({ name }) => !Object.hasOwn(refused, name));
  const isChanged = ({ name }: OptionSpec) => name in own;
  const changed = needed.filter(isChanged).length;
  const mine = effects?.effects.filter(({ decoder }) => decoder === card.name) ?? [];
  const given = givenTokens(values);
  const keep: OptionSet = prefixTokens === undefined ? {} : { prefixTokens };
  const [basic, more] = [needed.filter((spec) => spec.basic), needed.filter((spec) => !spec.basic)];
  const moreChanged = more.filter(isChanged).length;
  const fields = (specs: readonly OptionSpec[]) =>
    [...specs]
      .sort((a, b) => leads(a) - leads(b))
      .map((spec) => (
        <OptionField
          key={spec.name}
          id={`${id}-${spec.name}`}
          spec={spec}
          fallback={defaults[spec.name] ?? spec.default}
          value={values[spec.name]}
          effect={mine.find(({ option }) => option === spec.name)}
          onChange={(value?: OptionValue) => {
            const { [spec.name]: _old, ...rest } = values;
            onChange(value === undefined ? rest : { ...rest, [spec.name]: value });
          }}
        />
      ));
  return (
    <div className="space-y-3 text-sm" data-testid="options">
      <Presets card={card} defaults={defaults} needed={needed} own={own} keep={keep} onChange={onChange} />
      {given > 0 && (
        <p className="text-xs">
          {t('A branch: the first {{count}} tokens are given.', { count: given })}{' '}
          <button type="button" className="underline" onClick={() => onChange(own)}>
            {t('Let it begin freely')}
          </button>
        </p>
      )}
      {fields(basic)}
      {more.length > 0 && (
        <details className="border-t border-line pt-2">
          <summary className="min-h-6 cursor-pointer font-medium">
            {t('More')}
            {moreChanged ? ` (${t('{{count}} changed', { count: moreChanged })})` : ''}
          </summary>
          <div className="mt-2 space-y-3">{fields(more)}</div>
        </details>
      )}
      <div className="flex flex-wrap gap-2 border-t border-line pt-3">
        {onStop ? (
          <button type="button" className={action} onClick={onStop}>
            <Square size={13} aria-hidden /> {t('Stop this lane')}
          </button>
        ) : (
          <button type="button" className={action} disabled={!onRun} onClick={onRun}>
            <Play size={13} aria-hidden /> {t('Run this lane')}
          </button>
        )}
        <button
          type="button"
          className="min-h-7 rounded border border-line px-2 disabled:opacity-60"
          disabled={changed === 0}
          onClick={() => onChange(keep)}
        >
          {t('Back to defaults')}
        </button>
      </div>
      {children}
      {/* What a checkpoint says of itself. */}
      {Object.entries(refused).map(([name, why]) => (
        <p key={name} className="border-l-2 border-line pl-3 text-xs text-quiet">
          <span className="font-mono">{name}</span>, {t('not with these weights')}: <span lang="en">{why}</span>
        </p>
      ))}
      {effects && <Measured decoder={card.name} effects={effects} mine={mine} />}
    </div>
  );
}

const action =
  'flex min-h-7 items-center gap-1.5 rounded border border-accent px-2 font-medium disabled:border-line disabled:opacity-60';

type PresetProps = Pick<Props, 'card' | 'defaults' | 'onChange'> & {
  needed: readonly OptionSpec[];
  /** What the person set, and of it what a preset leaves. */ own: OptionSet;
  keep: OptionSet;
};

/** Settings by name; those at hand are told by theirs where they are one. */
function Presets({ card: { presets }, defaults, needed, own, keep, onChange }: PresetProps) {
  const { t } = useTranslation();
  const id = useId();
  const changed = needed.some(({ name }) => name in own);
  const chosen = changed
    ? presets.find(({ options }) =>
        needed.every(({ name }) => (own[name] ?? defaults[name]) === (options[name] ?? defaults[name])),
      )
    : undefined;
  return (
    <div>
      <label htmlFor={id}>{t('Preset')}</label>
      <select
        id={id}
        aria-describedby={`${id}-help`}
        className={`${field} mt-1 w-full`}
        value={chosen?.name ?? (changed ? 'own' : '')}
        onChange={(event) => {
          const preset = presets.find(({ name }) => name === event.target.value);
          onChange({
            ...keep,
            ...(preset
              ? Object.fromEntries(Object.entries(preset.options).filter(([name, value]) => defaults[name] !== value))
              : {}),
          });
        }}
      >
        <option value="">{t('the family’s defaults')}</option>
        {changed && !chosen && <option value="own">{t('your own')}</option>}
        {presets.map(({ name }) => (
          <option key={name} value={name}>
            {t(name)}
          </option>
        ))}
      </select>
      <p id={`${id}-help`} className="mt-0.5 text-xs text-quiet">
        {chosen ? t(chosen.help) : t('Settings named after where they come from.')}
      </p>
    </div>
  );
}

/** What parts of the decoder were measured to do. */
function Measured({ decoder, effects, mine }: { decoder: string; effects: Effects; mine: readonly Effect[] }) {
  const { t } = useTranslation();
  const { decimals } = useNumbers();
  const unknown = effects.notMeasured.filter((one) => one.decoder === decoder);
  if (!mine.length && !unknown.length) return null;
  return (
    <div className="space-y-1 border-t border-line pt-3 text-xs text-quiet">
      <p>{t('Measured: {{what}}.', { what: t(effects.measured) })}</p>
      {mine
        .filter(({ option }) => option === undefined)
        .map((effect) => (
          <p key={effect.what} className="first-letter:uppercase">
            {t(effect.what)}: {effectText(t, effect, decimals)}
          </p>
        ))}
      {unknown.map(({ what }) => (
        <p key={what}>{t('Not measured: {{what}}.', { what: t(what) })}</p>
      ))}
    </div>
  );
}

/** Options that have a say in what is chosen; forced tokens are told by themselves. */
const shownOptions = (card: DecoderCard, defaults: OptionSet, values: OptionSet) =>
  neededOptions(card.options, { ...defaults, ...values }).filter(({ kind }) => kind !== 'tokens');
const givenTokens = ({ prefixTokens }: OptionSet) => (Array.isArray(prefixTokens) ? prefixTokens.length : 0);

/** The way of decoding, then the search within it, then what they ask for. */
const leads = ({ kind, when }: OptionSpec) => (kind !== 'choice' ? 2 : when ? 1 : 0);
