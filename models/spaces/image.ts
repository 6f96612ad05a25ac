/** A decoded photo: oriented, 8-bit sRGB, no alpha. `data` is [height, width, 3]. */
export type RgbImage = { width: number; height: number; data: Uint8Array };
