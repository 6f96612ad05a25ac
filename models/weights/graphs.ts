import { StudioError } from '../errors';
import { decoders } from '../decoders/registry';
import { languageModelNetworks } from '../graphs/language-models';
import type { GraphName, GraphSpec, Network } from '../graphs/spec';
import { towerNetworks } from '../graphs/towers';
import type { Manifest } from '../manifest';

/** Every network that a manifest may name: those of spaces, those that decoders share, and each decoder's own. */
const networks: Record<string, Network> = Object.assign(
  {},
  towerNetworks,
  languageModelNetworks,
  ...decoders.map((decoder) => decoder.networks),
);

/** The decoder that a graph belongs to; its own name where it is none's. */
const decoderOf = (graph: GraphName): string =>
  decoders.find(({ graphs, insightGraphs = [] }) => graphs.includes(graph) || insightGraphs.includes(graph))?.name ??
  graph;

/** Names of the graphs that a family has. */
export const graphNamesOf = (manifest: Manifest): GraphName[] => Object.keys(manifest.graphs);

/** All that is told of a graph. @throws weights-invalid when the family has none or names an unknown network */
export function graphOf(manifest: Manifest, name: GraphName): GraphSpec {
  const { graphs, family } = manifest;
  const graph = Object.hasOwn(graphs, name) ? graphs[name] : undefined;
  if (!graph)
    throw new StudioError(
      'weights-invalid',
      `Family ${family} has no graph ${name}; it has ${Object.keys(graphs).join(', ')}.`,
    );
  const network = Object.hasOwn(networks, graph.network) ? networks[graph.network] : undefined;
  if (!network)
    throw new StudioError(
      'weights-invalid',
      `Family ${family} names the network ${graph.network}, which this version of the studio does not know. Update the studio.`,
    );
  const decoder = decoderOf(name);
  return {
    ...graph,
    name,
    decoder,
    fallback: network.fallback,
    precision: network.precision,
    tokenTable: network.tokenTable,
    get cache() {
      return network.cache?.(manifest, decoder);
    },
    get pooled() {
      return network.pooled?.(manifest, decoder);
    },
    build: (weights, options) => network.build(weights, options, graph.settings, manifest),
  };
}
