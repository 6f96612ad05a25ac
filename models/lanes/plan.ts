import { resolveOptions } from '../decoders/options';
import { decoderNamed } from '../decoders/named';
import { decoders } from '../decoders/registry';
import type { OptionValues } from '../decoders/option-spec';
import type { Decoder } from '../decoders/types';
import { StudioError } from '../errors';
import { type Embedding, norm } from '../spaces/embedding';
import type { Space } from '../spaces/space';
import { languageModelOf, type Manifest } from '../manifest';
import { nameLanes } from './names';
import type { LaneRequest } from './request';

/** A lane as it is asked for: without an id it is called by its decoder, with a number where that is taken. */
export type LaneWish = Omit<LaneRequest, 'id'> & { id?: string };
/** A lane that can run: its decoder is known and has weights, its options are whole. */
export type Planned = { id: string; decoder: Decoder; options: OptionValues };
type Trained = Pick<Manifest, 'family' | 'decoders' | 'languageModel'>;

/**
 * Wishes become lanes that can run. It happens here alone, for page, server, command line and worker: names are made
 * and checked, decoders known and trained, options whole, and a caption's beginning of words that the family knows.
 * `beside` are the lanes that there are already: no name that is made here is one of theirs.
 * @throws decoder-unknown, option-invalid
 */
export function planLanes(wishes: readonly LaneWish[], family: Trained, beside: Iterable<string> = []): Planned[] {
  if (!wishes.length) throw new StudioError('option-invalid', 'The comparison has no lane. Name at least one decoder.');
  return nameLanes(wishes, beside).map(({ id, decoder: name, options: given = {} }) => {
    const decoder = decoderNamed(name);
    const trained = trainedDecoders(family);
    if (!trained.includes(decoder))
      throw new StudioError(
        'decoder-unknown',
        `The family ${family.family} has no ${name}. It has: ${trained.map((has) => has.name).join(', ') || 'none'}.`,
      );
    const options = resolveOptions(name, decoder.options, given, family.decoders[name]!.defaults);
    checkRefused(name, options, family);
    checkPrefix(name, options, family);
    return { id, decoder, options };
  });
}

/** What was planned, as a request that plans to the same. */
export function requestOf({ id, decoder, options }: Planned): LaneRequest & { options: OptionValues } {
  return { id, decoder: decoder.name, options };
}

/** The decoders that a family has weights for, in the registry's order, so that each always stands in its place. */
export function trainedDecoders(family: Pick<Manifest, 'decoders'>): Decoder[] {
  return decoders.filter(({ name }) => Object.hasOwn(family.decoders, name));
}

/** Refuses an option above 0 that the weights cannot serve. @throws option-invalid, saying why */
function checkRefused(decoder: string, options: OptionValues, { family, decoders }: Trained): void {
  for (const [option, why] of Object.entries(decoders[decoder]?.refused ?? {}))
    if (Number(options[option]) > 0)
      throw new StudioError(
        'option-invalid',
        `${decoder} of ${family}: option "${option}" is ${String(options[option])}; expected 0. ${why}`,
        { details: { option } },
      );
}

/** @throws option-invalid */
function checkPrefix(decoder: string, options: OptionValues, family: Trained): void {
  const languageModel = languageModelOf(family, decoder);
  const tokens = options.prefixTokens as readonly number[];
  const refuse = (message: string) =>
    new StudioError('option-invalid', `${decoder}: option "prefixTokens" ${message}`, {
      details: { option: 'prefixTokens' },
    });
  const strange = tokens.find(
    (id) => id >= languageModel.vocabulary || id === languageModel.bos || id === languageModel.eos,
  );
  if (strange !== undefined)
    throw refuse(
      `holds ${strange}; expected ids of words, below ${languageModel.vocabulary} and neither the begin token (${languageModel.bos}) nor the end token (${languageModel.eos}).`,
    );
  if (tokens.length >= Number(options.maxTokens))
    throw refuse(
      `has ${tokens.length} tokens and maxTokens is ${String(options.maxTokens)}: nothing is left to decode. Raise maxTokens, or give fewer.`,
    );
}

/** @throws embedding-mismatch, embedding-invalid */
export function checkEmbedding({ space: name, values }: Embedding, space: Space): void {
  if (name !== space.name)
    throw new StudioError(
      'embedding-mismatch',
      `The embedding is of the space ${name}, these decoders read ${space.name}. Spaces do not mix: encode the input with ${space.name}.`,
    );
  if (values.length !== space.dim)
    throw new StudioError(
      'embedding-mismatch',
      `The embedding has ${values.length} values, the space ${space.name} has ${space.dim}. It comes from another model.`,
    );
  if (!(norm(values) > 0) || !values.every(Number.isFinite))
    throw new StudioError(
      'embedding-invalid',
      `The embedding is zero or not finite; expected ${space.dim} finite numbers.`,
    );
}
