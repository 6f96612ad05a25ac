const weight = 2.5;

/**
 * CLIPScore (Hessel et al. 2021): 2.5 · max(cosine, 0). The paper's space is CLIP ViT-B/32 with the prompt "A photo
 * depicts "; in another space the number is not comparable.
 */
export function clipScore(cosine: number): number {
  return weight * Math.max(cosine, 0);
}

/** RefCLIPScore: harmonic mean of CLIPScore and the largest (unscaled) cosine of the caption to a reference. */
export function refClipScore(cosine: number, referenceCosines: readonly number[]): number {
  const image = clipScore(cosine);
  const text = Math.max(0, ...referenceCosines);
  return image + text > 0 ? (2 * image * text) / (image + text) : 0;
}
