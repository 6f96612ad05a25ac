/** Names of CoCa's graphs; the last two tell what they attend to, and run once over a finished caption. */
export const cocaGraphs = {
  image: 'coca.image',
  pooler: 'coca.pooler',
  cross: 'coca.cross',
  decoder: 'coca.decoder',
  contrast: 'coca.contrast',
  text: 'coca.text',
  poolerMap: 'coca.pooler-map',
  decoderMap: 'coca.decoder-map',
} as const;
