import type { Answered, AnsweredRow } from './types';

/** A row of a table: one photo and one lane. A photo that could not be read has one, without a lane. */
export type TableRow = {
  key: string;
  path: string;
  caption: string | undefined;
  captions: string[] | undefined;
  similarity: number | undefined;
  similarities: number[] | undefined;
  decoder: string | undefined;
  lane: string | undefined;
  family: string;
  familyHash: string;
  /** JSON. */
  options: string | undefined;
  seed: number | undefined;
  error: string | undefined;
};

export const tableColumns = [
  'key',
  'path',
  'caption',
  'captions',
  'similarity',
  'similarities',
  'decoder',
  'lane',
  'family',
  'familyHash',
  'options',
  'seed',
  'error',
] as const satisfies readonly (keyof TableRow)[];

/** The lane that a person's own caption is told as. */
export const personLane = 'person';

export function tableRows({ key, path, family, familyHash, rows, own, error }: Answered): TableRow[] {
  const row = (lane: Partial<AnsweredRow>): TableRow => ({
    key,
    path,
    caption: lane.caption,
    captions: lane.captions ?? (lane.caption === undefined ? undefined : [lane.caption]),
    similarity: lane.similarity,
    similarities: lane.similarities ?? (lane.similarity === undefined ? undefined : [lane.similarity]),
    decoder: lane.decoder,
    lane: lane.lane,
    family,
    familyHash,
    options: lane.options && JSON.stringify(lane.options),
    seed: lane.seed,
    error: lane.error && `${lane.error.code}: ${lane.error.message}`,
  });
  const person = own ? [row({ lane: personLane, caption: own.caption })] : [];
  return [...(error ? [row({ error })] : rows.map(row)), ...person];
}
