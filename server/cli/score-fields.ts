import type { Fields } from './fields';

/** Scores of a set of captions, as the COCO evaluation computes them. */
export const scoreFields: Fields = {
  n: 'captions that were scored',
  bleu1: 'BLEU-1, of the whole set',
  bleu2: 'BLEU-2',
  bleu3: 'BLEU-3',
  bleu4: 'BLEU-4',
  rougeL: 'ROUGE-L, mean',
  cider: 'CIDEr as its paper has it',
  ciderD: 'CIDEr-D, which the COCO evaluation prints as CIDEr',
  distinct: 'different captions among them',
};

/** The same of a lane that captioned them. */
export const laneScoreFields: Fields = {
  ...scoreFields,
  similarity: "mean cosine of caption and photo in the family's space",
  msPerImage: "mean of the lane's own time on the device",
};

/** What every command that captions a set tells beside the scores. */
export const setFields: Fields = {
  family: 'whose decoders captioned',
  familyHash: 'SHA-256 of its files: the same hash, the same weights',
  failed: 'photos that could not be read or captioned',
  device: 'what did the work',
  deviceReason: 'why that device, where there is something to say',
  precision: 'fp32, fp16 or q8',
  'fault.code': 'where the photos ended early: what went wrong, for programs',
  'fault.message': 'the same in words',
  'fault.details.offset': 'byte of the archive',
};
