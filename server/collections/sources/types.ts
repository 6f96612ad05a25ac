import type { AddressRule } from '../../media/fetch-picture';

/** One photo of a collection, not yet read. */
export type Source = {
  /**
   * What it is called in rows, unique in the collection: the path below the folder or in the archive that was given
   * (with `/`), the key of a webdataset, a column's value, COCO's file_name; a file's path as it was given.
   */
  readonly key: string;
  /** Where it lies, as a person finds it: a path as given, `archive.tar:member`, `table.parquet:row 3`, an address. */
  readonly path: string;
  /** The absolute path, of photos that are a file of their own: a sidecar may lie beside it. */
  readonly file?: string;
  /** The absolute path of the list, table or archive that it is of. */
  readonly from?: string;
  /**
   * The bytes of the picture, in a buffer of their own; whether they are one is for decodeImage to say. A fault of one
   * photo, also one of its entry in a list, is thrown here and stops no other. May be asked of many at once.
   * @throws file-unreadable, image-unreadable, image-too-large, forbidden, cancelled
   */
  read(signal?: AbortSignal): Promise<Uint8Array>;
  /** Says without reading it that it is the same as before: size, time of change, offset. */
  readonly stamp: string;
  /** Captions that came with it: json and txt of a webdataset, COCO's annotations, a column. */
  readonly references?: readonly string[];
  /** COCO's image id, where the input has one. */
  readonly imageId?: number | string;
};

/** What a collection is made of, as flags say it, for `openSources(io, wishes)` in open.ts. */
export type SourceWishes = {
  /**
   * Files, folders, archives (.tar, .tar.gz, .tgz), tables (.jsonl, .ndjson, .csv, .tsv, .parquet), COCO (.json),
   * addresses; patterns (`*`, `?`, `**`, `[ab]`) and braces (`{000..012}.tar`) of them; `-` one photo on standard
   * input.
   */
  readonly inputs: readonly string[];
  /** `--list`: a file of paths or addresses, a line each (or parted by zero bytes); `-` is standard input. */
  readonly list?: string;
  /** `--column`: the column of a table that names the photos, or holds them. */
  readonly column?: string;
  /**
   * `--images`: the folder or archive in which lists, tables and COCO find their photos. Without it paths are of the
   * folder that the file lies in, and of the folder in which the person stands for standard input.
   */
  readonly images?: string;
  /** Which addresses may be fetched (`addressRule` of the settings). */
  readonly addresses: AddressRule | 'off';
  /** Milliseconds that one address may take (20,000). */
  readonly addressMs?: number;
};

/** What a collection holds, listed and not yet read. */
export type Sources = {
  /** In a fixed order: of the inputs as given, inside each by name (folders) or as they lie (archives, tables). */
  readonly sources: readonly Source[];
  /** What a person should know of how they were found, a sentence each. */
  readonly tell: readonly string[];
  /** Closes files and takes away what was unpacked. Nothing can be read any more. */
  close(): Promise<void>;
};
