import type { Value } from '../onnx/graph';
import type { Layers, LinearKeys, NormKeys } from './layers';
import type { Activation } from './types';

/** One pre-norm residual step: x + f(norm(x)). A transformer is a list of them, so every block order is a list too. */
export type Sublayer = {
  norm: NormKeys;
  /** From normed [batch, tokens, width] to an update of the same shape, whose last bias is left to the residual sum. */
  update: (normed: Value) => { value: Value; bias?: Value };
};

/** Runs the steps over x [batch, tokens, width]; the residual sum and the next norm are one operator. */
export function residualStack(
  layers: Layers,
  x: Value,
  steps: readonly Sublayer[],
  width: number,
  epsilon: number,
): Value {
  let sum = x;
  let pending: { value: Value; bias?: Value } | undefined;
  for (const step of steps) {
    let normed: Value;
    if (pending) ({ sum, normed } = layers.skipLayerNorm(sum, pending.value, pending.bias, step.norm, width, epsilon));
    else normed = layers.layerNorm(sum, step.norm, width, epsilon);
    pending = step.update(normed);
  }
  return pending ? layers.add(layers.graph.node('Add', [sum, pending.value]), pending.bias) : sum;
}

/** Two linear layers with an activation between: width → hidden → width. */
export function mlp(
  layers: Layers,
  keys: { norm: NormKeys; fc: LinearKeys; proj: LinearKeys },
  width: number,
  hidden: number,
  activation: Activation,
): Sublayer {
  return {
    norm: keys.norm,
    update: (normed) => {
      const inner = layers.linear(normed, keys.fc, width, hidden, 'later');
      const active = layers.activation(inner, activation, layers.biasOf(keys.fc, hidden));
      return { value: layers.linear(active, keys.proj, hidden, width, 'later'), bias: layers.biasOf(keys.proj, width) };
    },
  };
}

/** Self-attention through `attend`, which takes qkv [batch, tokens, 3·width] before its bias. */
export function selfAttention(
  layers: Layers,
  keys: { norm: NormKeys; qkv: LinearKeys | readonly LinearKeys[]; out: LinearKeys },
  width: number,
  attend: (qkv: Value, bias: Value | undefined) => Value,
): Sublayer {
  return {
    norm: keys.norm,
    update: (normed) => {
      const qkv = layers.linear(normed, keys.qkv, width, 3 * width, 'later');
      const attended = attend(qkv, layers.biasOf(keys.qkv, 3 * width));
      return { value: layers.linear(attended, keys.out, width, width, 'later'), bias: layers.biasOf(keys.out, width) };
    },
  };
}
