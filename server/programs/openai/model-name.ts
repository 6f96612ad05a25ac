import { StudioError } from '../../../models/errors';
import type { Call } from '../operation';

/** A decoder of a family, as a program names it. */
export type Model = { id: string; family: string; decoder: string };

/** Every decoder of every family that works: `FAMILY/DECODER`. */
export async function modelsOf({ studio }: Pick<Call, 'studio'>): Promise<Model[]> {
  const { families } = await studio.info();
  return families
    .filter(({ problem }) => !problem)
    .flatMap(({ name, decoders }) => decoders.map((decoder) => ({ id: `${name}/${decoder}`, family: name, decoder })));
}

/**
 * The model of a name: `FAMILY/DECODER`, a decoder of the first family that has it, or a family (its first decoder).
 * @throws not-found with the names that there are
 */
export async function modelOf(call: Pick<Call, 'studio'>, name: string): Promise<Model> {
  const models = await modelsOf(call);
  const found =
    models.find(({ id }) => id === name) ??
    models.find(({ decoder }) => decoder === name) ??
    models.find(({ family }) => family === name);
  if (found) return found;
  const names = models.map(({ id }) => id).join(', ');
  throw new StudioError(
    'not-found',
    names
      ? `There is no model "${name.slice(0, 100)}" here. There are: ${names}.`
      : 'This studio has no family that can caption. Pull or import one under Models.',
    { details: { param: 'model' } },
  );
}
