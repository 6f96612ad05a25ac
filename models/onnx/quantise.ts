/** Weights of one matrix product in the layout of com.microsoft.MatMulNBits, 8 bit. */
export type BlockQuantised = {
  /** [out, blocks, block] uint8; 128 stands for zero (symmetric, so no zero points are stored). */
  values: Uint8Array;
  /** [out, blocks] fp32: weight = (value - 128) * scale. */
  scales: Float32Array;
  blocks: number;
};

export const quantisationBlock = 32;

/**
 * Symmetric 8-bit quantisation of a matrix [out, in] in blocks of 32 along the input axis: scale = max|w| / 127.
 * A short last block is padded with zeros. `strides` lets a matrix stored as [in, out] be read in place.
 */
export function quantiseBlocks(
  weight: Float32Array,
  out: number,
  inputs: number,
  strides: { out: number; in: number } = { out: inputs, in: 1 },
): BlockQuantised {
  const blocks = Math.ceil(inputs / quantisationBlock);
  const values = new Uint8Array(out * blocks * quantisationBlock).fill(128);
  const scales = new Float32Array(out * blocks);
  for (let row = 0; row < out; row++) {
    for (let block = 0; block < blocks; block++) {
      const start = block * quantisationBlock;
      const end = Math.min(inputs, start + quantisationBlock);
      let largest = 0;
      for (let i = start; i < end; i++) {
        const magnitude = Math.abs(weight[row * strides.out + i * strides.in]!);
        if (magnitude > largest) largest = magnitude;
      }
      const cell = row * blocks + block;
      const scale = Math.fround(largest / 127);
      scales[cell] = scale;
      if (scale === 0) continue;
      const target = cell * quantisationBlock - start;
      for (let i = start; i < end; i++) values[target + i] = 128 + Math.round(weight[row * strides.out + i * strides.in]! / scale);
    }
  }
  return { values, scales, blocks };
}

/** The matrix [out, in] that the quantised weights stand for. */
export function dequantiseBlocks(quantised: BlockQuantised, out: number, inputs: number): Float32Array {
  const weight = new Float32Array(out * inputs);
  for (let row = 0; row < out; row++)
    for (let i = 0; i < inputs; i++) {
      const cell = row * quantised.blocks + Math.floor(i / quantisationBlock);
      weight[row * inputs + i] = (quantised.values[cell * quantisationBlock + (i % quantisationBlock)]! - 128) * quantised.scales[cell]!;
    }
  return weight;
}
