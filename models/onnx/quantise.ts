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
