import type { RowType } from '../../models/vectors/kernel';
import type { Hit } from '../../models/vectors/row-share';

/** Rows of a file that a thread holds. */
export type ShareOfFile = {
  path: string;
  /** Of the file's first row, in bytes. */
  offset: number;
  first: number;
  rows: number;
  dim: number;
  type: RowType;
};

/** What is asked of a thread that searches rows. */
export type SearchCalls = {
  load: { asks: ShareOfFile; answers: { lost: number } };
  search: { asks: { query: Float32Array; most: number }; answers: Hit[] };
};
