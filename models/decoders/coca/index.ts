import { StudioError } from '../../errors';
import { isGuided, search, searchOptions, stepModel } from '../prefix';
import type { Decoder } from '../types';

/** CoCa (arXiv 2205.01917): the caption pooler's image tokens, cross-attended by the upper half of a text decoder. */
export const coca: Decoder = {
  name: 'coca',
  title: 'CoCa',
  idea: 'A text decoder looks at pooled tokens of the image itself through cross-attention, not at the one embedding.',
  trainedOn: 'images and captions, jointly with the contrastive loss',
  accepts: 'a photo',
  needsGrid: true,
  graphs: ['coca.pooler', 'coca.cross', 'coca.decoder'],
  options: searchOptions,
  async *run({ grid }, options, context) {
    if (!grid) throw new StudioError('needs-image', 'CoCa reads image tokens, and a bare embedding has none. Give it the photo, or choose another decoder.');
    const { family, device, lane } = context;
    const start = performance.now();
    const input = family.runtime.tensor('float32', grid.values, [1, grid.tokens, grid.channels]);
    const [pooler, cross] = await Promise.all([family.session('coca.pooler'), family.session('coca.cross')]);
    let constants: Awaited<ReturnType<typeof device.run>> = {};
    try {
      const pooled = await device.run(pooler, { grid: input });
      try {
        constants = await device.run(cross, { image_tokens: pooled.tokens! });
      } finally {
        for (const tensor of Object.values(pooled)) tensor.dispose();
      }
      yield { type: 'stage', lane, stage: 'pool', ms: performance.now() - start };
      const found = yield* search(await stepModel('coca.decoder', { ids: [family.manifest.languageModel.bos], constants }, context), options, context);
      return { found, optimised: isGuided(options.search) };
    } finally {
      input.dispose();
      for (const tensor of Object.values(constants)) tensor.dispose();
    }
  },
};
