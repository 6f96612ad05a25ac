import type { Runtime, Session, Tensor } from '../runtime/types';
import { forbidden } from './attention-bias';

/** open_clip's `pad_id`: also what CLIP's tokenizer makes of a "!" inside other signs. */
const padding = 0;

/** Whether no token sees the one that stands right after this. */
export const hidesNext = (token: number): boolean => token === padding;

/**
 * The mask of the text half of open_clip's CoCa: causal, and no key is seen that stands right after token 0. It was
 * meant to hide padding, and is off by one place in the weights that are published (`correct_cls_mask` false): the
 * first padding token is seen, the class token after padding is not, and neither is what follows a "!" inside a
 * caption.
 * @param rows token ids of each row, past and new, all of one length @param fresh how many of them are new
 * @returns [rows, 1, fresh, length], to be added to the scores
 */
export function shiftedPaddingMask(rows: readonly (readonly number[])[], fresh: number): Float32Array {
  const length = rows[0]?.length ?? 0;
  const mask = new Float32Array(rows.length * fresh * length);
  rows.forEach((ids, r) => {
    for (let query = 0; query < fresh; query++)
      for (let key = 0; key < length; key++)
        if (key > length - fresh + query || (key > 0 && hidesNext(ids[key - 1]!)))
          mask[(r * fresh + query) * length + key] = forbidden;
  });
  return mask;
}

/** That mask as an input of a graph that has one; nothing for others. The caller disposes it. */
export function paddingMaskFeed(
  session: Session,
  runtime: Runtime,
  rows: () => readonly (readonly number[])[],
  fresh: number,
): Record<string, Tensor> {
  if (!session.inputs.includes('attention_mask')) return {};
  const ids = rows();
  const dims = [ids.length, 1, fresh, ids[0]?.length ?? 0];
  return { attention_mask: runtime.tensor('float32', shiftedPaddingMask(ids, fresh), dims) };
}
