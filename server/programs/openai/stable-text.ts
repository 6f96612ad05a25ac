import type { EventOf } from '../../../models/events';

/**
 * How much of a lane's caption cannot change any more while it is decoded: what all beams that are still weighed, and
 * all that ended, begin with alike. Streams of text can take nothing back, and a beam search changes its mind.
 */
export class StableText {
  #live: string[] = [''];
  #ended: string[] = [];
  /** Words of steps cannot be put together to the text that the decoder shows, or it writes whole captions anew. */
  #blind = false;

  /** @returns what all agree on after this step, up to the last whole word; it never shrinks below an earlier answer */
  after({ beams, leader, partial, pass, whole }: EventOf<'step'>): string {
    if (whole || pass || beams.length === 0) this.#blind = true;
    if (this.#blind) return '';
    const texts = beams.map(({ parent, text }) => `${this.#live[parent] ?? ''}${text}`);
    // Where the decoder's own text is another than its tokens' put together, nothing is known before the end.
    if (leader === undefined || texts[leader]?.trim() !== partial.trim()) {
      this.#blind = true;
      return '';
    }
    this.#live = texts.filter((_, i) => !beams[i]!.finished);
    this.#ended.push(...texts.filter((_, i) => beams[i]!.finished));
    const common = commonStart([...this.#live, ...this.#ended].map((text) => text.trimStart()));
    return common.slice(0, common.lastIndexOf(' ') + 1).trimEnd();
  }
}

function commonStart(texts: readonly string[]): string {
  const [first = '', ...others] = texts;
  let length = first.length;
  for (const text of others) while (!text.startsWith(first.slice(0, length))) length--;
  return first.slice(0, length);
}
