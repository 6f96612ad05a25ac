import { useCallback, useMemo } from 'react';
import type { FamilyCard } from '@/kept/answers';
import { useTranslation } from '../languages/use-translation';
import { sumOf, type Term, type WrittenTerm } from './arithmetic';
import type { StudioClient } from '../client/client';
import type { GivenEmbedding } from './embedding-io';
import { type Input, type Source, sourceName } from './inputs';
import type { LocalRuns } from '../comparisons/local-runs';
import type { ServerComparisons } from '../comparisons/server-comparisons';

type Needs = {
  client: StudioClient;
  server: ServerComparisons;
  local: LocalRuns;
  inputs: readonly Input[];
  /** Changes with the stores. */
  version: string;
  family: FamilyCard | undefined;
  sourceOf: (input: Input) => Source | undefined;
  attempt: (what: string, work: () => Promise<void>) => Promise<void>;
  giveOne: (source: Source) => Promise<void>;
  /** The family that captions. @throws family-unknown */
  usable: () => Promise<FamilyCard>;
};

/** Sums of embeddings: which inputs may be named in one, and decoding one. Only its texts go to the server. */
export function useSums({ client, server, local, inputs, version, family, sourceOf, attempt, giveOne, usable }: Needs) {
  const { t } = useTranslation();
  /** The embedding of an input in the family's space, once it is known. */
  const embeddingOf = useCallback(
    (input: Input): { values: readonly number[]; modality: 'image' | 'text' } | undefined => {
      const source = sourceOf(input);
      if (source?.kind === 'embedding') return { values: source.values, modality: source.modality ?? 'image' };
      const encoded = [server.shown(input.serverId)?.state, ...local.states(input.localId)].find(
        (state) => state?.encoded?.values && state.encoded.space === family?.space,
      )?.encoded;
      return encoded?.values && { values: encoded.values, modality: 'image' };
    },
    [family?.space, local, server, sourceOf],
  );
  const summable = useMemo(
    () =>
      inputs.flatMap((input) => (embeddingOf(input) ? [{ key: input.key, name: sourceName(sourceOf(input), t) }] : [])),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the stores tell by their version that something changed
    [embeddingOf, inputs, sourceOf, t, version],
  );
  const giveSum = useCallback(
    async (written: readonly WrittenTerm[]) => {
      let sum: GivenEmbedding | undefined;
      await attempt(t('the terms'), async () => {
        const texts = written.flatMap((term) => (term.kind === 'text' ? [term.text] : []));
        const vectors = texts.length
          ? await client.studio.embedTexts.mutate({ family: (await usable()).name, texts })
          : [];
        sum = sumOf(
          written.map((term): Term => {
            if (term.kind === 'text')
              return { name: `“${term.text}”`, weight: term.weight, modality: 'text', values: vectors.shift()! };
            const input = inputs.find(({ key }) => key === term.key)!;
            return { name: sourceName(sourceOf(input)), weight: term.weight, ...embeddingOf(input)! };
          }),
        );
      });
      if (sum) await giveOne({ kind: 'embedding', ...sum });
    },
    [attempt, client, embeddingOf, giveOne, inputs, sourceOf, t, usable],
  );
  return { summable, giveSum };
}
