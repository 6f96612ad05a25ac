import { StudioError } from '../../errors';
import { writeSafetensors } from '../safetensors';
import { readCheckpointFile } from '../checkpoint';
import goldens from '../goldens/checkpoints.json';
import { mutated } from './mutate';

/** What the mutants come from: every kind of file that the readers know. */
export function originals(): Uint8Array[] {
  const stored = Object.values(goldens).map(({ file }) =>
    Uint8Array.from(atob(file), (character) => character.charCodeAt(0)),
  );
  const safetensors = writeSafetensors({
    'a.weight': { dims: [3, 4], values: new Float32Array(12).fill(0.5) },
    'a.bias': { dims: [4], values: new Float32Array(4) },
    scalar: { dims: [], values: new Float32Array(1) },
  });
  return [safetensors, safetensors, ...stored];
}

/** `read`: sound all the same. A code: refused with that error. Otherwise a crash, which no file may cause. */
export type Outcome = 'read' | 'refused' | { crash: string };

/** Reads all that a mutant holds. */
export function tryMutant(files: readonly Uint8Array[], seed: number): Outcome {
  const bytes = mutated(files, seed);
  try {
    const checkpoint = readCheckpointFile('mutant', bytes);
    for (const name of checkpoint.names()) {
      const { dims } = checkpoint.info(name);
      const { values } = checkpoint.get(name);
      const count = dims.reduce((product, n) => product * n, 1);
      if (values.length !== count)
        return { crash: `tensor ${name} of [${dims.join(', ')}] has ${values.length} values` };
      checkpoint.raw(name);
    }
    return 'read';
  } catch (error) {
    if (error instanceof StudioError && error.code === 'weights-invalid') return 'refused';
    return { crash: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
