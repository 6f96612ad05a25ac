import { StudioError } from '../../errors';
import type { CheckpointFile } from '../../files/types';
import type { Runner } from '../../runtime/scheduler';
import { cosine, type Embedding } from '../../spaces/embedding';
import type { Space } from '../../spaces/space';
import { drawnKinds, drawnNames, drawPicture } from './drawn-pictures';

const asFineTuned = 'import it as coca with --base clip-vit-b32, whose space then scores its captions';
const override = 'Where you know better, import it with the option contrast=unchecked.';
/** `mscoco_finetuned_CoCa-…`, as the hub, its cache and a clone call the folder, or what somebody called it. */
const fineTuned = /mscoco[_-]?fine-?_?tuned|fine-?_?tuned[_-]coca|coca[^/\\]*fine-?_?tuned/i;

/**
 * Refuses a file that lies in a folder called after the fine-tuned repositories, or is called so itself: that needs no
 * guess. @throws weights-invalid
 */
export function checkPlace(files: readonly CheckpointFile[]): void {
  for (const { name, folder = '' } of files) {
    const told = fineTuned.exec(`${folder}/${name}`)?.[0];
    if (told === undefined) continue;
    throw new StudioError(
      'weights-invalid',
      `${name} is the file that was fine-tuned on captions, by the name of its folder or its own (${told}), and its contrastive half is no joint space any more: ${asFineTuned}. ${override}`,
    );
  }
}

/**
 * Deviations by which pictures must be nearer to their own names than by chance. Were cosines normal and of equal
 * variance, a space that names 60 % of ImageNet's thousand classes, as base models do, would reach 7.9 (give or take
 * 0.3), one that names 0.8 % of them, as the fine-tuned ViT-B/32, 2.9 (give or take 0.9: 5 once in two hundred times).
 * No published weights were there to measure; pocket's own, far weaker, reach 3.5 of the colours.
 */
const least = 5;

/** Raw embeddings of the drawn pictures, each as a picture and as its name. */
export async function drawnEmbeddings(
  space: Space,
  lane: Runner,
): Promise<{ images: Embedding[]; texts: Embedding[] }> {
  const texts = await space.encodeTexts(drawnNames, lane);
  const images: Embedding[] = [];
  for (const name of drawnNames) images.push((await space.encodeImage(drawPicture(name), lane)).embedding);
  return { images, texts };
}

/**
 * How much nearer pictures are to their own texts than to texts of their kind dealt out at random: in standard
 * deviations of the sum of cosines over all ways to deal them (Hoeffding 1951: the squares of a kind's table without
 * its rows' and columns' means, over n - 1). A text that is near to every picture changes nothing, nor does a space
 * that only tells the kinds apart.
 * @param kinds how many of them, in their order, are of one kind
 */
export function alignment(images: readonly Embedding[], texts: readonly Embedding[], kinds: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  let [trace, variance, from] = [0, 0, 0];
  for (const n of kinds) {
    const mine = texts.slice(from, from + n);
    const table = images.slice(from, from + n).map((image) => mine.map((text) => cosine(image, text)));
    const rows = table.map(mean);
    const columns = mine.map((_, j) => mean(table.map((row) => row[j]!)));
    const centred = table.map((row, i) => row.map((value, j) => value - rows[i]! - columns[j]! + mean(rows)));
    variance += centred.flat().reduce((sum, value) => sum + value ** 2, 0) / (n - 1);
    trace += centred.reduce((sum, row, i) => sum + row[i]!, 0);
    from += n;
  }
  return variance > 0 ? trace / Math.sqrt(variance) : 0;
}

/**
 * Refuses a contrastive half that cannot tell what even drawings show: nothing in the file of a CoCa that was
 * fine-tuned on captions alone tells it from the base model that it was, but what it says does. @throws weights-invalid
 */
export async function checkContrast(space: Space, lane: Runner): Promise<void> {
  const { images, texts } = await drawnEmbeddings(space, lane);
  const found = alignment(images, texts, drawnKinds);
  if (found >= least) return;
  throw new StudioError(
    'weights-invalid',
    `This is no joint space: ${images.length} drawn pictures (plain colours, flags) are nearer to their own names than by chance by ${found.toFixed(1)} deviations only, and a base model of CoCa should reach ${least} or more. ` +
      `It is the file that was fine-tuned on captions, perhaps, which has the same tensors: ${asFineTuned}. ${override}`,
  );
}
