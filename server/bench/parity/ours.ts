import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compare } from '../../../models/compare';
import { StudioError } from '../../../models/errors';
import { NodeRuntime } from '../../../models/runtime/node';
import { Scheduler } from '../../../models/runtime/scheduler';
import { Space } from '../../../models/spaces/space';
import { Family } from '../../../models/weights/family';
import { decodeImage } from '../../media/decode-image';
import { folderSource } from '../../weights/folder-families';
import { importFamily } from '../../weights/import-family';

/** The modes that are compared: the decoder, its options, the family that has it, and how it cuts photos. */
export const modes = {
  'clipcap-mlp-beam': { family: 'all', decoder: 'clipcap', options: { mode: 'clipcap-1ad805a-beam' } },
  'clipcap-mlp-top-p': { family: 'all', decoder: 'clipcap', options: { mode: 'clipcap-1ad805a-top-p' } },
  'clipcap-transformer-beam': { family: 'transformer', decoder: 'clipcap', options: { mode: 'clipcap-1ad805a-beam' } },
  'clipcap-transformer-top-p': {
    family: 'transformer',
    decoder: 'clipcap',
    options: { mode: 'clipcap-1ad805a-top-p' },
  },
  capdec: { family: 'all', decoder: 'capdec', options: { mode: 'capdec-4451bfd' } },
  'capdec-offset': { family: 'all', decoder: 'capdec', options: { mode: 'capdec-4451bfd', useOffset: true } },
  decap: { family: 'all', decoder: 'decap', options: { mode: 'decap-1c26934' } },
  magic: { family: 'all', decoder: 'iterative', options: { mode: 'magic-acefac6' } },
  'coca-3.3.0': { family: 'coca', decoder: 'coca', options: { mode: 'open_clip-3.3.0' } },
  'coca-top-p': {
    family: 'coca',
    decoder: 'coca',
    options: { mode: 'open_clip-3.3.0-top-p', topP: 0.8, temperature: 1.3, seed: 3, samples: 1 },
  },
  'coca-top-k': {
    family: 'coca',
    decoder: 'coca',
    options: { mode: 'open_clip-3.3.0-top-k', topK: 7, temperature: 0.7, seed: 3, samples: 1 },
  },
  'coca-main': { family: 'coca', decoder: 'coca', options: { mode: 'open_clip-main' } },
} as const;
export type ModeName = keyof typeof modes;
export const modeNames = Object.keys(modes) as ModeName[];
/** What encodes a mode's photos: CLIP's tower after one of two cuts, or CoCa's own. */
export const towers = ['torchvision', 'hugging-face', 'coca'] as const;
export type Tower = (typeof towers)[number];
export const towerOf = (mode: ModeName): Tower =>
  mode.startsWith('coca') ? 'coca' : mode === 'magic' ? 'hugging-face' : 'torchvision';

export type Said = { tokens: number[]; text: string };

/** The space and the decoders, one import after the other, into `folder`/families; what was there goes. */
export async function importAll(
  folder: string,
  vocabularies: { gpt2: string; clip: string },
  note: (line: string) => void,
): Promise<void> {
  const steps: { kind: string; name: string; base?: string; files: string[]; options?: Record<string, string> }[] = [
    { kind: 'clip-vit-b32', name: 'clip', files: ['pytorch_model.bin', vocabularies.clip] },
    { kind: 'clipcap-mlp', name: 'clipcap', base: 'clip', files: ['coco_weights.pt', vocabularies.gpt2] },
    { kind: 'capdec', name: 'capdec', base: 'clipcap', files: ['capdec_weights.pt', 'offset.pt', vocabularies.gpt2] },
    {
      kind: 'decap',
      name: 'decap',
      base: 'capdec',
      files: ['coco_prefix-009.pt', 'captions.txt', 'memory_embeddings.npy'],
    },
    { kind: 'gpt2', name: 'all', base: 'decap', files: ['magic.bin', vocabularies.gpt2], options: { prompt: '' } },
    {
      kind: 'clipcap-transformer',
      name: 'transformer',
      base: 'clip',
      files: ['transformer_weights.pt', vocabularies.gpt2],
    },
    {
      kind: 'coca-vit-b32',
      name: 'coca',
      files: ['open_clip_pytorch_model.bin', vocabularies.clip],
      // Random weights are no joint space.
      options: { contrast: 'unchecked' },
    },
  ];
  for (const { base, files, ...step } of steps) {
    // Made where open_clip is installed.
    if (step.kind === 'coca-vit-b32' && !existsSync(join(folder, files[0]!))) continue;
    note(`importing ${step.kind}`);
    await importFamily({
      ...step,
      into: join(folder, 'families', step.name),
      ...(base ? { base: join(folder, 'families', base) } : {}),
      files: files.map((file) => ({ path: file.startsWith('/') ? file : join(folder, file) })),
    });
  }
}

/** The families, opened on the CPU in fp32. The caller closes. */
export async function openOurs(folder: string) {
  const runtime = new NodeRuntime({ device: { name: 'cpu' }, threads: 2 });
  const scheduler = new Scheduler();
  const families = new Map<string, Promise<Family>>();
  const open = (name: string) => {
    if (!families.has(name))
      families.set(
        name,
        Family.open({ files: folderSource(join(folder, 'families', name), name), runtime, precision: 'fp32' }),
      );
    return families.get(name)!;
  };
  const picture = async (path: string) => (await decodeImage(await readFile(path))).image;
  return {
    /** Raw embedding of a photo's file. */
    async embed(path: string, tower: Tower = 'torchvision'): Promise<Float32Array> {
      const space = new Space(await open(tower === 'coca' ? 'coca' : 'all'));
      const crop = tower === 'hugging-face' ? tower : 'torchvision';
      return (await space.encodeImage(await picture(path), scheduler.lane(), crop)).embedding.values;
    },
    /** What a mode says of a photo's file. @throws what its lane failed with */
    async say(mode: ModeName, path: string): Promise<Said> {
      const { family, decoder, options } = modes[mode];
      const request = {
        family,
        input: { kind: 'image' as const, image: await picture(path) },
        lanes: [{ id: mode, decoder, options }],
      };
      for await (const event of compare(request, { scheduler, openFamily: open })) {
        if (event.type === 'lane-finished') return { tokens: event.result.tokens, text: event.result.caption };
        if (event.type === 'lane-failed') throw StudioError.fromData(event.error);
      }
      throw new StudioError('internal', `${mode} said nothing of ${path}.`);
    },
    close: () => runtime.close(),
  };
}
