/** Weights of one matrix product in the layout of com.microsoft.MatMulNBits, 8 bit. */
export type BlockQuantised = {
  /** [out, blocks, block] uint8; 128 stands for zero (symmetric, so no zero points are stored). */
  values: Uint8Array;
  /** [out, blocks] fp32: weight = (value - 128) * scale. */
  scales: Float32Array;
  blocks: number;
  /** Weights that share a scale. */
  block: number;
};

/**
 * Symmetric 8-bit quantisation of a matrix [out, in] in blocks along the input axis (a power of two, at least 16):
 * scale = max|w| / 127.
 * A short last block is padded with zeros. `strides` lets a matrix stored as [in, out] be read in place.
 */
export function quantiseBlocks(
  weight: Float32Array,
  out: number,
  inputs: number,
  block: number,
  strides: { out: number; in: number } = { out: inputs, in: 1 },
): BlockQuantised {
  const blocks = Math.ceil(inputs / block);
  const values = new Uint8Array(out * blocks * block).fill(128);
  const scales = new Float32Array(out * blocks);
  for (let row = 0; row < out; row++) {
    for (let index = 0; index < blocks; index++) {
      const start = index * block;
      const end = Math.min(inputs, start + block);
      let largest = 0;
      for (let i = start; i < end; i++) {
        const magnitude = Math.abs(weight[row * strides.out + i * strides.in]!);
        if (magnitude > largest) largest = magnitude;
      }
      const cell = row * blocks + index;
      const scale = Math.fround(largest / 127);
      scales[cell] = scale;
      if (scale === 0) continue;
      const target = cell * block - start;
      for (let i = start; i < end; i++)
        values[target + i] = 128 + Math.round(weight[row * strides.out + i * strides.in]! / scale);
    }
  }
  return { values, scales, blocks, block };
}

/** The matrix [out, in] that the quantised weights stand for. */
export function dequantiseBlocks(quantised: BlockQuantised, out: number, inputs: number): Float32Array {
  const { block } = quantised;
  const weight = new Float32Array(out * inputs);
  for (let row = 0; row < out; row++)
    for (let i = 0; i < inputs; i++) {
      const cell = row * quantised.blocks + Math.floor(i / block);
      weight[row * inputs + i] = (quantised.values[cell * block + (i % block)]! - 128) * quantised.scales[cell]!;
    }
  return weight;
}

/** Weights of one matrix product as integers with a scale for each output. */
export type ChannelQuantised = {
  /** [in, out] int8, as MatMulInteger takes them. */
  values: Int8Array;
  /** [out]: weight = value * scale. */
  scales: Float32Array;
};

/**
 * Symmetric 8-bit quantisation of a matrix [out, in] with a scale for each output: scale = max|w| / 127. With
 * activations that are rounded row by row this is the "vector-wise" product of arXiv 2208.07339. `strides` as above.
 */
export function quantiseChannels(
  weight: Float32Array,
  out: number,
  inputs: number,
  strides: { out: number; in: number } = { out: inputs, in: 1 },
): ChannelQuantised {
  const values = new Int8Array(out * inputs);
  const largest = new Float32Array(out);
  // By the order in which the weights lie, so that large matrices are read once and straight through.
  const each = (visit: (row: number, i: number, value: number) => void) => {
    const [outer, inner] = strides.in === 1 ? [out, inputs] : [inputs, out];
    for (let a = 0, at = 0; a < outer; a++)
      for (let b = 0; b < inner; b++, at++) visit(strides.in === 1 ? a : b, strides.in === 1 ? b : a, weight[at]!);
  };
  each((row, _i, value) => {
    const magnitude = Math.abs(value);
    if (magnitude > largest[row]!) largest[row] = magnitude;
  });
  const scales = largest.map((value) => Math.fround(value / 127));
  each((row, i, value) => {
    const scale = scales[row]!;
    if (scale !== 0) values[i * out + row] = Math.round(value / scale);
  });
  return { values, scales };
}
