/**
 * The graphs that manifests meant which named none: those of the embedded family, before its own named them. Each with
 * its network, files and sizes; the token table is shared, so `lm` comes along where text is read or written.
 */
const unnamed: readonly (readonly [name: string, network: string, files: string, sizes?: Record<string, number>])[] = [
  ['image-tower', 'pocket-image-tower', 'joint'],
  ['text-tower', 'pocket-text-tower', 'joint lm'],
  ['lm', 'pocket-gpt', 'lm'],
  ['clipcap.mapper', 'pocket-mlp-mapper', 'clipcap'],
  ['clipcap.lm', 'pocket-gpt', 'clipcap lm'],
  ['capdec.mapper', 'pocket-mlp-mapper', 'capdec'],
  ['capdec.lm', 'pocket-gpt', 'capdec lm'],
  ['decap.mapper', 'pocket-linear-mapper', 'decap'],
  ['decap.lm', 'pocket-gpt', 'decap lm'],
  ['coca.pooler', 'pocket-pooler', 'coca', { tokens: 49, channels: 1280 }],
  ['coca.cross', 'pocket-coca-cross', 'coca lm', { imageTokens: 16 }],
  ['coca.contrast', 'pocket-pooler-contrast', 'coca', { tokens: 49, channels: 1280 }],
  ['coca.text', 'pocket-coca-text', 'coca lm'],
  ['coca.pooler-map', 'pocket-pooler-map', 'coca', { tokens: 49, channels: 1280 }],
  ['coca.decoder-map', 'pocket-coca-decoder-map', 'coca lm', { imageTokens: 16 }],
  ['coca.decoder', 'pocket-coca-decoder', 'coca lm', { imageTokens: 16 }],
];

type Old = { files?: object; graphs?: unknown; decoders?: Record<string, object> };

/** A manifest that names no graphs, with those that it meant, as far as it has their files; any other as it is. */
export function withGraphs(json: unknown): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return json;
  const { files, graphs, decoders } = json as Old;
  if (graphs !== undefined || typeof files !== 'object' || files === null) return json;
  const has = (key: string) => Object.hasOwn(files, key);
  const own = decoders?.capdec;
  return {
    ...json,
    closed: true,
    graphs: Object.fromEntries(
      unnamed
        .map(([name, network, keys, settings = {}]) => [name, { network, files: keys.split(' '), settings }] as const)
        .filter(([, graph]) => graph.files.every(has)),
    ),
    // Its offset lay beside the mapper.
    ...(own ? { decoders: { ...decoders, capdec: { ...own, assets: { capdecOffset: 'capdec' } } } } : {}),
  };
}
