import { StudioError } from '../../errors';
import { type Checkpoint } from '../../files/types';
import { renamed } from '../../files/checkpoint';

/**
 * What training saves beside the weights: the optimiser's moments, loss scaling, schedules, loops, random states and
 * settings. The first word of a key tells them.
 */
const trainingState =
  /^(optimi[sz]ers?|optim|lr_?schedulers?|schedulers?|(grad_?)?scaler|amp|loops|callbacks|hyper_parameters|hparams|args|config|rng|random|(torch|cuda|numpy|python)_rng|epoch|(global_)?step|iteration|metrics?|loss)(_|\.|$)/i;

/**
 * The weights of a network out of a checkpoint of its training, under the network's own names. What wraps them is told
 * by where a tensor of the network lies, so any chain of wrappers is read:
 *
 * | who saved it | keys |
 * |---|---|
 * | the network itself | `visual.conv1.weight` |
 * | DataParallel, DistributedDataParallel | `module.*` |
 * | open_clip's training | `state_dict.module.*`, `optimizer.state.*`, `scaler.*` |
 * | Lightning | `state_dict.model.*` (the attribute's name), `optimizer_states.*`, `callbacks.*`, `loops.*` |
 * | a training loop by hand | `model_state_dict.*` or `model.*`, `optimizer_state_dict.*` |
 * | torch.compile | `_orig_mod.*` |
 *
 * State of the training is left out; a tensor that is neither stays, for the check of the network to name.
 * @param landmarks names that the network has, one for each layout; the first that is there counts
 * @throws weights-invalid when the network is there more than once (an average beside the weights)
 */
export function unwrapped(checkpoint: Checkpoint, landmarks: readonly string[], what: string): Checkpoint {
  const names = checkpoint.names().filter((name) => !trainingState.test(name));
  const under = (landmark: string) =>
    names
      .filter((name) => name === landmark || name.endsWith(`.${landmark}`))
      .map((name) => name.slice(0, -landmark.length));
  const prefixes = landmarks.map(under).find((found) => found.length) ?? [''];
  if (prefixes.length > 1)
    throw new StudioError(
      'weights-invalid',
      `The checkpoint holds ${what} ${prefixes.length} times, under ${prefixes.map((prefix) => `"${prefix}"`).join(' and ')} (an average beside the weights, perhaps). Save the one that is meant: torch.save(its state_dict, file).`,
    );
  const [prefix = ''] = prefixes;
  const kept = new Set(names);
  return renamed(checkpoint, (name) =>
    kept.has(name) ? (name.startsWith(prefix) ? name.slice(prefix.length) : name) : undefined,
  );
}
