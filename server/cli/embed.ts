import { writeFile } from 'node:fs/promises';
import { StudioError } from '../../models/errors';
import { norm } from '../../models/spaces/embedding';
import { writeNpy } from '../../models/files/npy';
import { writeSafetensors } from '../../models/files/safetensors';
import { engineSettings, parse, text } from './args';
import type { Command } from './command';
import { pathOf, sayJson, tell } from './io';
import { readPhoto } from './photo';

const flags = {
  text: { type: 'string' },
  out: { type: 'string' },
  family: { type: 'string' },
  device: { type: 'string' },
  precision: { type: 'string' },
  'families-dir': { type: 'string' },
  json: { type: 'boolean' },
} as const;

export const embed: Command = {
  summary: 'the embedding of a photo or a text',
  help: `npm run -s studio -- embed PHOTO [flags]
npm run -s studio -- embed --text "a dog runs" [flags]

The raw embedding, as the tower gives it, on standard output as JSON or in a file.

  --out FILE         .npy, .json or .safetensors
  --family NAME      whose space; \`models list\` shows what is installed   (pocket)
  --device NAME      auto, cpu, cuda, webgpu, coreml, dml   (auto)
  --precision P      fp32, fp16 or q8   (fp32)
  --families-dir DIR folder of the embedded families   (models)`,
  async run(args, io) {
    const { values, positionals } = parse(args, flags);
    const words = text(values.text);
    if ((words === undefined) === (positionals.length === 0) || positionals.length > 1)
      throw new StudioError('option-invalid', 'Name one photo, or give --text "words".');
    const out = text(values.out);
    if (out !== undefined && !/\.(npy|json|safetensors)$/.test(out))
      throw new StudioError(
        'option-invalid',
        `--out ${out}: expected a name that ends in .npy, .json or .safetensors.`,
      );
    const engine = await io.openEngine(engineSettings(values, io));
    try {
      const family = text(values.family) ?? 'pocket';
      const embedding =
        words === undefined
          ? await engine.embedImage(family, await readPhoto(io, positionals[0]!))
          : (await engine.embedTexts(family, [words]))[0]!;
      const json = {
        space: embedding.space,
        modality: embedding.modality,
        state: embedding.state,
        dim: embedding.values.length,
        norm: norm(embedding.values),
        values: Array.from(embedding.values),
      };
      if (out === undefined) await sayJson(io, json);
      else {
        const { values: row } = embedding;
        await writeFile(
          pathOf(io, out),
          out.endsWith('.npy')
            ? writeNpy([row])
            : out.endsWith('.json')
              ? JSON.stringify(json)
              : writeSafetensors({ embedding: { dims: [row.length], values: row } }),
        );
        tell(
          io,
          `${out}: ${json.modality} embedding of ${json.space}, ${json.dim} values, norm ${json.norm.toFixed(3)}`,
        );
      }
      return 0;
    } finally {
      await engine.close();
    }
  },
};
