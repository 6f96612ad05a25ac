import { type Certainty, certaintyOf } from '../certainty';
import { resolveOptions } from '../decoders/options';
import type { OptionValues } from '../decoders/option-spec';
import type { Decoder } from '../decoders/types';
import { StudioError } from '../errors';
import type { Hypothesis } from '../events';
import type { Manifest } from '../manifest';
import type { Found } from '../search/types';
import type { TextScorer } from '../spaces/text-scorer';

/** @throws needs-image */
export function refuseWithoutTokens({ needsGrid, title }: Decoder, hasTokens: boolean): void {
  if (needsGrid && !hasTokens)
    throw new StudioError(
      'needs-image',
      `${title} reads image tokens, and a bare embedding has none. Give it the photo, or leave this decoder out.`,
    );
}

/** What a decoder found, best first, each with its cosine. @throws internal where it found nothing */
export async function withCosines(
  { title }: Decoder,
  found: readonly Found[],
  scorer: TextScorer,
): Promise<[Hypothesis, ...Hypothesis[]]> {
  if (!found.length)
    throw new StudioError(
      'internal',
      `${title} found no caption: its rules forbid every one. Lower minTokens or noRepeat.`,
    );
  const cosines = await similarities(
    found.map(({ caption }) => caption),
    scorer,
  );
  return found.map(({ caption, tokens, logProb, score }, i): Hypothesis => ({
    caption,
    tokens,
    logProb,
    score,
    similarity: cosines[i]!,
  })) as [Hypothesis, ...Hypothesis[]];
}

/**
 * What the cosine says of the caption of a photo. Calibrated on the default search and ranking: another may lift its
 * cosine by itself.
 */
export function certaintyIn(
  { decoders }: Manifest,
  decoder: Decoder,
  options: OptionValues,
  similarity: number,
): Certainty | undefined {
  const { defaults, likelyFrom } = decoders[decoder.name]!;
  const ordinary = resolveOptions(decoder.name, decoder.options, {}, defaults);
  const usual = ['search', 'rerank', 'jointRerank'].every((name) => options[name] === ordinary[name]);
  return usual ? certaintyOf(similarity, likelyFrom) : undefined;
}

/** An empty caption says nothing about any image: its cosine counts as 0. */
async function similarities(captions: readonly string[], scorer: TextScorer): Promise<number[]> {
  const worded = captions.filter((caption) => caption);
  const cosines = await scorer.score(worded);
  let at = 0;
  return captions.map((caption) => (caption ? cosines[at++]! : 0));
}
