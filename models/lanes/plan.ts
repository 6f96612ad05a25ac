import { resolveOptions } from '../decoders/options';
import { decoderNamed } from '../decoders/registry';
import type { Decoder, OptionValues } from '../decoders/types';
import { StudioError } from '../errors';
import { type Embedding, norm } from '../spaces/embedding';
import type { Space } from '../spaces/space';
import type { Family } from '../weights/family';
import type { CompareRequest, LaneRequest } from './request';

/** A lane that can run: its decoder is known and has weights, its options are whole. */
export type Planned = { request: LaneRequest; decoder: Decoder; options: OptionValues };

/** Checks every lane of a request. @throws decoder-unknown, option-invalid */
export function plan(request: CompareRequest, family: Family): Planned[] {
  if (!request.lanes.length)
    throw new StudioError('option-invalid', 'The comparison has no lane. Name at least one decoder.');
  const ids = new Set<string>();
  return request.lanes.map((lane) => {
    if (ids.has(lane.id))
      throw new StudioError('option-invalid', `Two lanes are called "${lane.id}". Give each a name of its own.`);
    ids.add(lane.id);
    const decoder = decoderNamed(lane.decoder);
    const trained = family.manifest.decoders[decoder.name];
    if (!trained)
      throw new StudioError(
        'decoder-unknown',
        `Family ${family.name} has no weights for ${decoder.name}. It has ${Object.keys(family.manifest.decoders).join(', ')}.`,
      );
    const options = resolveOptions(decoder.name, decoder.options, lane.options ?? {}, trained.defaults);
    checkPrefix(decoder.name, options, family);
    return { request: lane, decoder, options };
  });
}

/** @throws option-invalid */
function checkPrefix(decoder: string, options: OptionValues, family: Family): void {
  const languageModel = family.languageModel(decoder);
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
