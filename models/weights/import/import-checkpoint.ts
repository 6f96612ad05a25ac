import { assetKeys } from '../../decoders/asset';
import { decoders as allDecoders } from '../../decoders/registry';
import { StudioError, throwIfAborted } from '../../errors';
import type { Said } from '../../said';
import type { CheckpointFile } from '../../files/types';
import { type Manifest, manifestSchema } from '../../manifest';
import { importKind } from './kinds';
import { importSteps } from './steps';
import type { FileRole, ImportedPart, ImportFiles, ImportKind, ImportSink } from './types';
import { SinkWriter } from './write';

export type ImportProgress = { what: Said; done: number; total: number };
export type ImportRequest = {
  /** An id of `importKinds`. */
  kind: string;
  /** All files, in any order: each finds its role by its name. */
  files: readonly CheckpointFile[];
  /** Name of the new family: lower-case letters, digits and - _ . */
  name: string;
  /** Manifest of the family whose space the decoder reads; all its files and decoders are taken over. */
  base?: Manifest;
  options?: Record<string, number | string | boolean>;
  sink: ImportSink;
  embedTexts?: (texts: readonly string[]) => Promise<Float32Array[]>;
  onProgress?: (progress: ImportProgress) => void;
  signal?: AbortSignal;
};

/**
 * Turns published files into a family: writes its files through the sink, tensor by tensor, and manifest.json last. A
 * decoder joins the
 * files and decoders of `base`. What was written when it fails is for the caller to remove.
 * @throws option-invalid (kind, name, option, a file without a role), weights-invalid (the checkpoint is another),
 *   embedding-mismatch (the
 * base's space is another), weights-missing (no base where one is needed), cancelled
 */
export async function importCheckpoint(request: ImportRequest): Promise<Manifest> {
  const { base, sink, signal } = request;
  const kind = importKind(request.kind);
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(request.name))
    throw new StudioError(
      'option-invalid',
      `"${request.name}" cannot name a family. Use up to 64 lower-case letters, digits, dots, dashes and underscores, for example ${kind.id}.`,
    );
  const files = assignRoles(kind, request.files);
  const options = importOptions(kind, request.options ?? {});
  checkBase(kind, base);
  throwIfAborted(signal);

  const total = request.files.reduce((sum, { source }) => sum + source.size, 0);
  const progress = (what: Said, done: number, of: number) => request.onProgress?.({ what, done, total: of });
  const writer = new SinkWriter(
    sink,
    (bytes) => progress({ sentence: importSteps.writing }, Math.min(bytes, total), total),
    signal,
  );
  const part = await kind.run({ files, base, options, writer, embedTexts: request.embedTexts, progress, signal });
  const manifest =
    kind.merge && base
      ? manifestSchema.parse(kind.merge(request.name, base, part, writer.files))
      : merged(request.name, kind, base, part, writer.files);
  for (const [key, { path }] of Object.entries(manifest.files)) if (!writer.files[key]) await sink.keep(path);
  const file = await sink.create('manifest.json');
  await file.write(new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`));
  await file.close();
  return manifest;
}

/** The files by their roles. @throws option-invalid for a file without one or a role without a file */
export function assignRoles(kind: ImportKind, given: readonly CheckpointFile[]): ImportFiles {
  const files: ImportFiles = {};
  const expected = kind.files.map(({ title, required }) => `${title}${required ? '' : ' (optional)'}`).join('; ');
  for (const file of given) {
    const role = kind.files.find((one) => one.matches(file.name.split(/[\\/]/).pop()!));
    if (!role)
      throw new StudioError(
        'option-invalid',
        `${file.name} is none of the files that ${kind.id} takes. Expected: ${expected}.`,
      );
    (files[role.role] ??= []).push(file);
  }
  const missing = kind.files.find(({ role, required }) => required && !files[role]);
  if (missing)
    throw new StudioError(
      'option-invalid',
      `${kind.title} also needs ${missing.title}. Name it beside the others. Expected: ${expected}.`,
    );
  return files;
}

function importOptions(
  kind: ImportKind,
  given: Record<string, number | string | boolean>,
): Record<string, number | string | boolean> {
  for (const [name, value] of Object.entries(given)) {
    const spec = kind.options.find((one) => one.name === name);
    if (!spec)
      throw new StudioError(
        'option-invalid',
        `${kind.id} has no option "${name}". It knows ${kind.options.map((one) => one.name).join(', ') || 'none'}.`,
      );
    if (typeof value !== typeof spec.default || (spec.choices && !spec.choices.includes(String(value))))
      throw new StudioError(
        'option-invalid',
        `${kind.id}: option ${name} is ${JSON.stringify(value)}; expected ${spec.choices?.join(' or ') ?? `a ${typeof spec.default}`}. ${spec.help}`,
      );
  }
  return Object.fromEntries(kind.options.map((spec) => [spec.name, given[spec.name] ?? spec.default]));
}

function checkBase(kind: ImportKind, base: Manifest | undefined): void {
  if (kind.adds === 'space') return;
  const wanted = kind.published[0]?.needs;
  if (!base)
    throw new StudioError(
      'weights-missing',
      `${kind.title} reads the embeddings of a space and has none of its own. ${wanted ? `Install ${wanted} first (models pull ${wanted}), then import again` : 'Name an installed family'} with --base NAME.`,
    );
  if (base.closed && !kind.anyBase)
    throw new StudioError(
      'embedding-mismatch',
      `${kind.title} cannot join ${base.family}, whose space ${base.space.name} is of the studio's own: ` +
        `${kind.dims ? 'it was trained on embeddings of CLIP' : 'published decoders join published spaces'}.${wanted ? ` Its space is ${wanted}.` : ''}`,
    );
  if (kind.dims && !kind.dims.includes(base.space.dim))
    throw new StudioError(
      'embedding-mismatch',
      `${kind.title} reads embeddings of ${kind.dims.join(' or ')} values, and the space ${base.space.name} of ${base.family} has ${base.space.dim}. ` +
        `Spaces do not mix: a vector of one means nothing in another.${wanted ? ` Its space is ${wanted}.` : ''}`,
    );
}

function merged(
  name: string,
  kind: ImportKind,
  base: Manifest | undefined,
  part: ImportedPart,
  written: Manifest['files'],
): Manifest {
  const space = part.space ?? base?.space;
  if (!space) throw new StudioError('internal', `${kind.id} brought no space.`);
  const join = (...texts: (string | undefined)[]) => [...new Set(texts.filter(Boolean))].join('; ');
  // Files of a decoder that is replaced are left behind.
  const graphs = { ...base?.graphs, ...part.graphs };
  const files = { ...base?.files, ...written };
  const replaced = Object.keys(part.decoders ?? {});
  const manifest = {
    family: name,
    version: '1',
    space,
    files,
    graphs,
    decoders: { ...base?.decoders, ...part.decoders },
    licence: join(base?.licence, part.licence),
    trainedOn: join(base?.trainedOn, part.trainedOn),
    source: join(base?.source, part.source),
    metrics: Object.fromEntries(Object.entries(base?.metrics ?? {}).filter(([decoder]) => !replaced.includes(decoder))),
  };
  const used = usedFiles(manifest as unknown as Manifest);
  manifest.files = Object.fromEntries(Object.entries(files).filter(([key]) => used.has(key) || written[key]));
  return manifestSchema.parse(manifest);
}

/** Keys of files that a graph, a tokenizer or a decoder still needs. */
function usedFiles(manifest: Manifest): Set<string> {
  const { graphs, space, decoders } = manifest;
  const keys = new Set(Object.values(graphs).flatMap((graph) => graph.files));
  keys.add(space.text.tokenizer ?? 'tokenizer');
  for (const decoder of Object.values(decoders)) if (decoder.languageModel) keys.add(decoder.languageModel.tokenizer);
  for (const decoder of allDecoders)
    if (decoders[decoder.name]) for (const key of assetKeys(manifest, decoder)) keys.add(key);
  return keys;
}

export type { FileRole, ImportKind };
