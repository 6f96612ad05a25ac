import { licenceSaid } from '@/models/weights/import/licence';
import type { Translate } from '../languages/translator';

/** A published model's licence, whose word it is, and what the hub's page says of it, in the page's language. */
export function licenceText(
  t: Translate,
  { licence, ...of }: { licence: string; licenceAt?: string; licenceOnHub?: string | null },
): string {
  const { sentence, values } = licenceSaid({ licence: t(licence), ...of });
  return t(sentence, values);
}
