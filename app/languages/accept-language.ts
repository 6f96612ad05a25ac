import Negotiator from 'negotiator';
import { bestLanguage, type Language } from './languages';

/**
 * The language for an Accept-Language header, whatever stands in it. Only the order of its tags is negotiator's:
 * matching them as well, it would
 * take English for `de-AT, en;q=0.9, de;q=0.8`, because the exact `de` weighs less there.
 */
export const acceptedLanguage = (header: string): Language =>
  bestLanguage(new Negotiator({ headers: { 'accept-language': header } }).languages());
