import type { Said } from '../../said';

/** How a published model's licence is told: by whom, and what the hub's page says of it. */
export const licenceSentences = {
  byAuthors: '{{licence}}, as {{address}} says',
  byAuthorsAlone: '{{licence}}, as {{address}} says; the hub states none',
  notOnHub: '{{licence}}; the hub states none',
  otherwise: '{{licence}}; the hub’s page states {{tag}}',
  byAuthorsOtherwise: '{{licence}}, as {{address}} says; the hub’s page states {{tag}}',
} as const;

/**
 * A licence with the address of the authors' repository that states it (`licenceAt`) and what the hub's own page states
 * (`licenceOnHub`: a tag; null: nothing; undefined: not asked).
 */
export function licenceSaid(of: { licence: string; licenceAt?: string; licenceOnHub?: string | null }): Said {
  const { licence, licenceAt: address, licenceOnHub: tag } = of;
  const values = { licence, ...(address ? { address } : {}), ...(tag ? { tag } : {}) };
  const say = (kind: keyof typeof licenceSentences): Said => ({ sentence: licenceSentences[kind], values });
  if (tag === null) return say(address ? 'byAuthorsAlone' : 'notOnHub');
  if (tag && !licence.toLowerCase().includes(tag.toLowerCase()))
    return say(address ? 'byAuthorsOtherwise' : 'otherwise');
  return address ? say('byAuthors') : { sentence: licence };
}
