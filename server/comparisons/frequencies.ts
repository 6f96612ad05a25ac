import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decoders } from '../../models/decoders/registry';
import { StudioError } from '../../models/errors';
import { ngramCounts } from '../../models/metrics/ngrams';
import { ptbTokens } from '../../models/metrics/ptb-tokenizer';
import { parseManifest } from '../../models/manifest';
import { type FamilyDirs, familyFolder } from '../weights/folders';
import type { Frequencies } from '../../kept/frequencies';

type Counted = { sentences: number; counts: Map<string, number> };
const counted = new Map<string, Promise<Counted>>();

/**
 * Document frequencies for CIDEr-D of a single photo. Its own references would give every n-gram the weight log(1/1) =
 * 0, so the
 * sentences of the family's text memory stand in, each as one document. The numbers rank captions of one photo; they
 * are not comparable
 * with published CIDEr-D, whose frequencies come from a whole test set. @throws family-unknown, weights-missing (a
 * family without a memory)
 */
export async function memoryFrequencies(
  family: string,
  grams: readonly string[],
  dirs: FamilyDirs,
): Promise<Frequencies> {
  let pending = counted.get(family);
  if (!pending) {
    pending = countMemory(family, dirs);
    counted.set(family, pending);
    pending.catch(() => counted.delete(family));
  }
  const { sentences, counts } = await pending;
  return {
    images: sentences,
    counts: Object.fromEntries(grams.map((gram) => [gram, counts.get(gram) ?? 0])),
    source: `the ${sentences.toLocaleString('en')} sentences of ${family}’s text memory, each as one document`,
  };
}

async function countMemory(family: string, dirs: FamilyDirs): Promise<Counted> {
  const { folder, manifest } = await familyFolder(family, dirs);
  const { files } = parseManifest(manifest, folder);
  const entry = decoders.flatMap(({ sentences }) => (sentences && files[sentences]) || [])[0];
  if (!entry)
    throw new StudioError(
      'weights-missing',
      `The family ${family} has no text memory to count words in, so CIDEr-D cannot be given. BLEU and ROUGE-L need none.`,
    );
  const sentences = (await readFile(join(folder, entry.path), 'utf8')).trimEnd().split('\n');
  const counts = new Map<string, number>();
  for (const sentence of sentences)
    for (const byGram of ngramCounts(ptbTokens(sentence)))
      for (const gram of byGram.keys()) counts.set(gram, (counts.get(gram) ?? 0) + 1);
  return { sentences: sentences.length, counts };
}
