import { type Effect, verdictOf } from '@/models/weights/effects';
import { msg } from '../languages/msg';
import type { Numbers } from '../languages/numbers';
import type { Translate } from '../languages/translator';

const verdicts = {
  'helps much': msg('it helps much'),
  helps: msg('it helps'),
  harms: msg('it harms'),
  unknown: msg('no difference that can be told from chance'),
};

/** A measured effect in a sentence: what helps surely, what harms, and what cannot be told from chance. */
export function effectText(t: Translate, effect: Effect, decimals: Numbers['decimals']): string {
  const signed = (x: number) => `${x < 0 ? '' : '+'}${decimals(x, 3)}`;
  return t('{{without}} without, {{with}} with ({{difference}}, 95 % from {{low}} to {{high}}): {{verdict}}.', {
    without: decimals(effect.without, 3),
    with: decimals(effect.with, 3),
    difference: signed(effect.difference),
    low: signed(effect.low),
    high: signed(effect.high),
    verdict: t(verdicts[verdictOf(effect)]),
  });
}
