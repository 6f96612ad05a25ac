import { writeFile } from 'node:fs/promises';
import { StudioError } from '../../models/errors';
import { score, type Captioned } from '../../models/metrics/score';
import { openEngine } from '../engine/host';
import { decodeImage } from '../media/decode-image';
import { count, decodeFlags, decodeHelp, engineSettings, lanesOf, parse, text } from './args';
import { readFamily } from './family';
import { imageSet } from './image-set';
import { gather } from './lane-output';
import type { Command } from './main';
import { Progress } from './progress';
import { readReferences } from './references';

type Tally = { items: Captioned[]; similarity: number; ms: number };

export const evaluate: Command = {
  summary: 'captions a set of photos and scores the captions against references',
  help: `npm run -s studio -- evaluate --images DIR|TAR --references FILE.jsonl [flags]

References: one JSON object a line, {"image": "name.jpg", "captions": ["...", ...]}. CIDEr-D is in COCO's scale, document frequencies
from the references; words as the Penn Treebank tokenizer splits them.

  --limit N          only the first N photos
  --captions FILE    also writes {"decoder": {"image": "caption"}}
${decodeHelp}`,
  async run(args, signal) {
    const { values } = parse(args, { ...decodeFlags, images: { type: 'string' }, references: { type: 'string' }, limit: { type: 'string' }, captions: { type: 'string' } }, { positionals: false });
    const images = text(values.images);
    const file = text(values.references);
    if (images === undefined || file === undefined) throw new StudioError('option-invalid', 'Name both: evaluate --images DIR|TAR --references FILE.jsonl');
    const references = await readReferences(file);
    const limit = Math.min(count('limit', text(values.limit)) ?? references.size, references.size);
    const lanes = lanesOf(values);
    const tallies = new Map(lanes.map(({ decoder }): [string, Tally] => [decoder, { items: [], similarity: 0, ms: 0 }]));
    const captions: Record<string, Record<string, string>> = Object.fromEntries(lanes.map(({ decoder }) => [decoder, {}]));
    const engine = await openEngine(engineSettings(values));
    const family = text(values.family) ?? 'pocket';
    const progress = new Progress(limit, lanes.length);
    let done = 0;
    let failures = 0;
    let last: Awaited<ReturnType<typeof gather>> | undefined;
    try {
      for await (const { name, bytes } of imageSet(images, new Set(references.keys()))) {
        if (done + failures >= limit) break;
        try {
          last = await gather(engine.compare({ family, input: { kind: 'image', image: (await decodeImage(bytes)).image }, lanes }, { signal }));
          for (const { decoder, result, error } of last.lanes) {
            if (!result) throw new StudioError(error?.code ?? 'internal', `${decoder}: ${error?.message ?? 'no answer'}`);
            const tally = tallies.get(decoder)!;
            tally.items.push({ caption: result.caption, references: references.get(name)! });
            tally.similarity += result.similarity;
            tally.ms += result.deviceMs;
            captions[decoder]![name] = result.caption;
          }
          done++;
        } catch (error) {
          const { code, message } = StudioError.from(error);
          if (!code.startsWith('image-')) throw error;
          failures++;
          progress.note(`${name}: ${message}`);
        }
        progress.update(done + failures);
      }
    } finally {
      await engine.close();
    }
    progress.end(done);
    if (failures && !done) throw new StudioError('image-unreadable', `None of the ${failures} photos in ${images} could be read.`);
    if (done + failures && done + failures < limit) console.error(`${limit - done - failures} of ${limit} photos are not in ${images}; the others are scored.`);
    if (!done) throw new StudioError('references-invalid', `None of the ${references.size} images of ${file} is in ${images}. Names must be equal, for example "1000.jpg".`);
    const scores = Object.fromEntries([...tallies].map(([decoder, { items, similarity, ms }]) => [decoder, { ...score(items), similarity: similarity / items.length, msPerImage: ms / items.length }]));
    const out = text(values.captions);
    if (out !== undefined) await writeFile(out, JSON.stringify(captions, null, 1));
    if (values.json) console.log(JSON.stringify({ decoders: scores, tokenizer: 'ptb', family, familyHash: (await readFamily(family, text(values['families-dir']))).hash, failed: failures, device: last?.device.name, precision: last?.precision }));
    else {
      console.log(`${'decoder'.padEnd(11)}    n  BLEU-1  BLEU-4  ROUGE-L  CIDEr-D    cos  distinct  ms`);
      for (const [decoder, s] of Object.entries(scores))
        console.log(`${decoder.padEnd(11)} ${String(s.n).padStart(4)}  ${s.bleu1.toFixed(4)}  ${s.bleu4.toFixed(4)}   ${s.rougeL.toFixed(4)}   ${s.ciderD.toFixed(4)}  ${s.similarity.toFixed(3)}  ${String(s.distinct).padStart(8)}  ${s.msPerImage.toFixed(0)}`);
    }
    return failures ? 1 : 0;
  },
};
