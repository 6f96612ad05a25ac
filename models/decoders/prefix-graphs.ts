/** Names of the graphs of a decoder that reads a prefix: a mapper makes it, a language model goes on from it. */
export const prefixGraphs = (decoder: string) => ({ mapper: `${decoder}.mapper`, lm: `${decoder}.lm` });

/** A mapper runs once a lane and is as exact as its language model. */
export const mapper = { fallback: 'none', precision: 'family' } as const;
