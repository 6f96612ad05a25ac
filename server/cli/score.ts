import * as z from 'zod';
import { StudioError } from '../../models/errors';
import { score } from '../../models/metrics/score';
import { parse, text } from './args';
import type { Command } from './command';
import { type Io, say, sayJson, tell } from './io';
import { readBytes } from './photo';
import { readReferences } from './references';

const candidatesSchema = z.record(z.string(), z.union([z.string(), z.array(z.string()).min(1)]));

export const scoreCommand: Command = {
  summary: "scores anybody's captions against references",
  help: `npm run -s studio -- score --candidates FILE.json --references FILE.jsonl [--tokenizer ptb|none] [--json]

Candidates: {"image": ["caption"]}; of several the first is scored. References: one JSON object a line, {"image", "captions": [...]}. BLEU-1..4, ROUGE-L, CIDEr and
CIDEr-D as the COCO evaluation computes them.

  --tokenizer ptb|none   Penn Treebank words, or words split at spaces (tokenised already)   (ptb)
  --json                 machine-readable output`,
  async run(args, io) {
    const { values } = parse(
      args,
      {
        candidates: { type: 'string' },
        references: { type: 'string' },
        tokenizer: { type: 'string' },
        json: { type: 'boolean' },
      },
      { positionals: 0 },
    );
    const file = text(values.candidates);
    const referenceFile = text(values.references);
    const tokenizer = text(values.tokenizer) ?? 'ptb';
    if (file === undefined || referenceFile === undefined)
      throw new StudioError('option-invalid', 'Name both: score --candidates FILE.json --references FILE.jsonl');
    if (tokenizer !== 'ptb' && tokenizer !== 'none')
      throw new StudioError('option-invalid', `--tokenizer is "${tokenizer}"; expected ptb or none.`);
    const candidates = await readCandidates(io, file);
    const references = await readReferences(io, referenceFile);
    const missing = Object.keys(candidates).filter((image) => !references.has(image));
    if (missing.length)
      throw new StudioError(
        'references-invalid',
        `${missing.length} of ${Object.keys(candidates).length} candidates have no reference, the first is ${missing[0]}. Names must be equal in both files.`,
      );
    const unanswered = references.size - Object.keys(candidates).length;
    if (unanswered)
      tell(io, `${unanswered} of ${references.size} images with references have no candidate; the others are scored.`);
    const items = Object.entries(candidates).map(([image, caption]) => ({
      caption: Array.isArray(caption) ? caption[0]! : caption,
      references: references.get(image)!,
    }));
    const scores = score(items, tokenizer);
    if (values.json) await sayJson(io, { ...scores, tokenizer });
    else
      for (const [name, value] of Object.entries(scores))
        await say(io, `${name.padEnd(9)} ${Number.isInteger(value) ? value : value.toFixed(4)}`);
    return 0;
  },
};

async function readCandidates(io: Io, file: string): Promise<z.infer<typeof candidatesSchema>> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(await readBytes(io, file)));
  } catch (error) {
    if (error instanceof StudioError) throw error;
    throw new StudioError('references-invalid', `${file} is not JSON. Expected {"image": ["caption"]}.`, {
      cause: error,
    });
  }
  const parsed = candidatesSchema.safeParse(json);
  if (!parsed.success || !Object.keys(parsed.data).length)
    throw new StudioError(
      'references-invalid',
      `${file}: expected {"image": ["caption"], ...} with at least one image.`,
    );
  return parsed.data;
}
