import { assetKeys } from '../../decoders/asset';
import { decap } from '../../decoders/decap';
import { StudioError } from '../../errors';
import { writeMemory } from './decap-memory';
import { captionsRole } from './roles';
import type { ImportKind } from './types';

/**
 * Another text memory for a family that has DeCap: a family like it, whose DeCap says the words of other sentences.
 * They are embedded by the family's own tower, so any space will do.
 */
export const memoryKind: ImportKind = {
  id: 'decap-memory',
  title: "DeCap's memory",
  goodAt: 'DeCap in the words of your own sentences.',
  adds: 'decoder',
  anyBase: true,
  files: [captionsRole],
  options: [
    { name: 'memoryRows', help: 'Sentences that are taken, evenly spread over the list; 0 is all.', default: 0 },
  ],
  licence: '',
  source: '',
  published: [],
  shapes: [],
  async run(context) {
    const before = context.base!.decoders.decap;
    if (!before)
      throw new StudioError(
        'decoder-unknown',
        `The family ${context.base!.family} has no DeCap, whose memory could be replaced. Name one that has it.`,
      );
    const { rows, captions } = await writeMemory(context);
    const { assets: _, ...same } = before;
    return {
      graphs: {},
      decoders: { decap: { ...same, memory: rows } },
      licence: '',
      trainedOn: `DeCap's memory: ${captions} sentences of somebody's own, ${rows} of them distinct`,
      source: '',
    };
  },
  merge(name, base, part, written) {
    const old = new Set(assetKeys(base, decap));
    const { decap: _, ...metrics } = base.metrics;
    return {
      ...base,
      family: name,
      files: { ...Object.fromEntries(Object.entries(base.files).filter(([key]) => !old.has(key))), ...written },
      decoders: { ...base.decoders, ...part.decoders },
      trainedOn: `${base.trainedOn}; ${part.trainedOn}`,
      metrics,
    };
  },
};
