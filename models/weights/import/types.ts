import type { Manifest } from '../../manifest';
import type { Runner } from '../../runtime/scheduler';
import type { Said } from '../../said';
import type { Space } from '../../spaces/space';
import type { CheckpointFile } from '../../files/types';

/** Where an import writes to: a folder on a server (server/weights/import-family.ts). */
export interface ImportSink {
  /** Starts a file of the new family. */
  create(path: string): Promise<ImportWriter>;
  /** Takes over a file of the base family as it is: by a hard link where the disk can, else by a copy. */
  keep(path: string): Promise<void>;
}
export interface ImportWriter {
  write(bytes: Uint8Array): Promise<void>;
  /** @returns size and SHA-256 of what was written */
  close(): Promise<{ bytes: number; sha256: string }>;
}

/** A file that a kind takes, told by its name. */
export type FileRole = {
  role: 'weights' | 'tokenizer' | 'config' | 'offset' | 'captions' | 'embeddings';
  title: string;
  required: boolean;
  /** Whether a file of this name plays the role. */
  matches(name: string): boolean;
};

/** A file on the hub: repository and path. `mirrors` have it too, and are asked in their order where it is gone. */
export type PublishedFile = {
  repository: string;
  path: string;
  bytes?: number;
  mirrors?: { repository: string; path: string }[];
};

/** Where a checkpoint was published, for people and for `pull`. */
export type PublishedSource = {
  /** Name to pull by, and of the family that comes of it. */
  name: string;
  title: string;
  /** Files on the hub. Empty where it can only be downloaded by hand. */
  files: PublishedFile[];
  /** A page for people, where there is no hub repository. */
  page?: string;
  /** Name of the published source that must be installed first (a space). */
  needs?: string;
  licence: string;
  /** The repository of its authors that states this licence (or has none), where the hub's page states none. */
  licenceAt?: string;
  note?: string;
  /** A sentence: where its authors keep the files, told where the hub does not have them. */
  elsewhere?: string;
  options?: Record<string, number | string | boolean>;
};

export type ImportOptionSpec = {
  name: string;
  help: string;
  default: number | string | boolean;
  choices?: readonly string[];
};

/** A kind of checkpoint that the studio turns into a family. */
export type ImportKind = {
  id: string;
  title: string;
  /** One sentence: what it is good for. */
  goodAt: string;
  /** `space`: a family of its own. `decoder`: joins a base family, whose space it reads. */
  adds: 'space' | 'decoder';
  /** Of a decoder: embedding sizes of the spaces that it can read, the first being that of the published weights. */
  dims?: readonly number[];
  /** It is made by the base's own towers: any family will do, also one of a space of the studio's own. */
  anyBase?: boolean;
  files: readonly FileRole[];
  options: readonly ImportOptionSpec[];
  licence: string;
  /** Repository and version whose layout and behaviour are followed. */
  source: string;
  published: readonly PublishedSource[];
  /** Main tensors and their shapes, for people: what a file must hold. */
  shapes: readonly string[];
  run(context: ImportContext): Promise<ImportedPart>;
  /** How the family comes of its base and the part, where it is not the usual way. */
  merge?(name: string, base: Manifest, part: ImportedPart, written: Manifest['files']): unknown;
  /** Tries the space that was written, unless an option of this name is `unchecked`. @throws weights-invalid */
  check?: { option: string; run(space: Space, lane: Runner): Promise<void> };
};

export type ImportFiles = { [role in FileRole['role']]?: CheckpointFile[] };

export type ImportContext = {
  files: ImportFiles;
  base: Manifest | undefined;
  options: Record<string, number | string | boolean>;
  writer: FamilyWriter;
  /** Raw text embeddings in the base family's space, for a text memory. */
  embedTexts?: (texts: readonly string[]) => Promise<Float32Array[]>;
  progress(what: Said, done: number, total: number): void;
  signal?: AbortSignal;
};

/** Writes files of the new family and keeps their entries of the manifest. */
export interface FamilyWriter {
  bytes(key: string, path: string, content: Uint8Array): Promise<void>;
  tensors(key: string, path: string, tensors: readonly OutTensor[]): Promise<void>;
}

/** A tensor that is made when its turn comes. */
export type OutTensor = {
  name: string;
  type: string;
  dims: readonly number[];
  byteLength: number;
  bytes(): Uint8Array;
};

/** What a kind gives the manifest. A space brings all of `space`; a decoder only its own. */
export type ImportedPart = {
  space?: Manifest['space'];
  graphs: Manifest['graphs'];
  decoders?: Record<
    string,
    Partial<Manifest['decoders'][string]> & { defaults: Record<string, number | boolean | string> }
  >;
  licence: string;
  trainedOn: string;
  source: string;
};
