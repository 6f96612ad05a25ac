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
  'diversity.vocabulary': 'different words',
  'diversity.distinct1': 'different words among all words',
  'diversity.distinct2': 'different pairs of words among all pairs',
  'diversity.length': 'mean number of words',
  'diversity.novelty': 'with --novelty: share of captions that are not on the list',
  'diversity.images': 'images that have several captions, of which the next are',
  'diversity.div1': 'Div-1: different words of an image by its words',
  'diversity.div2': 'Div-2: the same of pairs',
  'diversity.mBleu1': "BLEU-1 of captions against the image's others",
  'diversity.mBleu2': 'BLEU-2',
  'diversity.mBleu3': 'BLEU-3',
  'diversity.mBleu4': 'BLEU-4',
  'diversity.selfCider': 'Self-CIDEr: 0 where all say the same',
  'clip.space': 'with --clip: whose space',
  'clip.n': 'captions whose image was there',
  'clip.clipScore': 'CLIPScore, mean',
  'clip.refClipScore': 'RefCLIPScore, mean',
  'clip.optimised': 'true where the search optimised that very cosine: it ranks nothing',
  'clip.sameSpace': 'true where the decoders read embeddings of that very space',
  'chair.chairI': 'with --chair: share of mentioned objects that are not there',
  'chair.chairS': 'share of captions that mention one',
  'chair.recall': 'share of the objects that are mentioned',
  'chair.mentions': 'objects that are mentioned',
};

/** Of two systems, with --bootstrap. */
export const differenceFields: Fields = {
  'differences[].first': 'with --bootstrap: a system',
  'differences[].second': 'another',
  'differences[].images': 'images that both captioned',
  'differences[].metric': 'by which score',
  'differences[].difference': 'of the first over the second',
  'differences[].low': 'where 95 of 100 draws begin',
  'differences[].high': 'and where they end',
  'differences[].p': 'two-sided: how often draws say the contrary',
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
