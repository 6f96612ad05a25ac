/** The sample pictures, drawn by the studio's own code; the first is meant where none is named. */
export const sampleNames = ['dog', 'skier', 'cat'] as const;
export type SampleName = (typeof sampleNames)[number];
