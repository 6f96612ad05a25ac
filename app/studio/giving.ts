import type { StudioInfo } from '@/kept/answers';
import { fetchImage, problemOf } from '../client/client';
import { type GivenEmbedding, sampleOf, type Source, sourceName } from '../comparisons/source';
import { namedPicture } from '../inputs/addresses';
import { sumOf, type Term, type WrittenTerm } from '../inputs/arithmetic';
import { isEmbeddingFile, readEmbeddings } from '../inputs/embedding-io';
import { type Input, sourceOf } from '../inputs/inputs';
import { addInput, embeddingOf, maxInputs } from '../inputs/inputs-state';
import { decodersOf } from '../families/family-state';
import { placeOf } from '../lanes/devices-state';
import { firstLanes } from '../lanes/lane-config';
import { lanesOf } from '../lanes/lanes-state';
import { isForAll, wishesOf } from '../collections/lanes-here';
import { msg } from '../languages/msg';
import { begin, knownInfo, showAddress, usableFamily } from './begin';
import { now } from './selectors';
import type { Studio } from './store';
import { runInTurn, setAside, stop } from './turns';
import { attempt } from './work-state';

/** Describes one input. What was there stays until the new one is known to be readable. */
export function giveOne(studio: Studio, source: Source): Promise<void> {
  const { store } = studio;
  return attempt(store, { source }, async () => {
    if (now(store.getState()).running) await stop(studio);
    setAside(studio);
    const { comparison } = await begin(studio, source);
    // A sample once more takes the place of the one before: that one is in the history.
    if (source.kind === 'sample')
      store.setState(({ inputs }) => ({
        inputs: inputs.filter(
          (other) => other.source?.kind !== 'sample' || sampleOf(other.source) !== sampleOf(source),
        ),
      }));
    const input: Input = { key: crypto.randomUUID(), source, comparison };
    addInput(store, input);
    store.setState({ active: input.key });
    showAddress(studio, comparison, 'push');
  });
}

/** Describes several inputs one after the other, each in a comparison of its own. */
async function giveMany(studio: Studio, sources: readonly Source[]): Promise<void> {
  if (sources.length < 2) return sources[0] && giveOne(studio, sources[0]);
  return runInTurn(
    studio,
    sources.slice(0, maxInputs).map((source): Input => ({ key: crypto.randomUUID(), source })),
  );
}

/** What a collection is captioned by; undefined where some lane runs in this browser, where its photos stay. */
async function wishOnServer(studio: Studio, info: StudioInfo) {
  const used = usableFamily(studio, info);
  const cards = decodersOf(info, used);
  const state = studio.store.getState();
  const known = lanesOf(state, cards).filter(
    (lane) => isForAll(lane) && cards.some(({ name }) => name === lane.decoder),
  );
  const places = await Promise.all(known.map(({ id }) => placeOf(state, id)));
  if (places.some((place) => place !== 'server')) return undefined;
  return { family: used.name, lanes: wishesOf(known.length ? known : firstLanes(cards), cards) };
}

/**
 * Photos and embeddings that the person gives as files. Several photos are a collection, where all lanes run on the
 * server.
 */
export async function giveFiles(studio: Studio, files: readonly File[]): Promise<void> {
  const { store } = studio;
  const photos = files.filter((file) => !isEmbeddingFile(file));
  let rest = files;
  if (photos.length > 1)
    try {
      const wish = await wishOnServer(studio, await knownInfo(studio));
      if (wish) {
        void studio.sender.send(photos, wish, (await knownInfo(studio)).limits);
        rest = files.filter(isEmbeddingFile);
        if (!rest.length) return;
      }
    } catch (error) {
      return store.setState({ problem: problemOf(error) });
    }
  const sources: Source[] = [];
  for (const file of rest) {
    if (!isEmbeddingFile(file)) sources.push({ kind: 'photo', name: file.name, blob: file });
    else
      try {
        const { dim, space } = usableFamily(studio, await knownInfo(studio));
        const read = await readEmbeddings(file, dim, space);
        sources.push(...read.map((embedding) => ({ kind: 'embedding' as const, ...embedding })));
      } catch (error) {
        return store.setState({ problem: problemOf(error) });
      }
  }
  if (!sources.length)
    return store.setState({
      problem: {
        message: msg(
          'There is no picture and no embedding in what was given. Give JPEG, PNG, WebP, GIF or AVIF photos, or embeddings (.npy, .json, .safetensors).',
        ),
      },
    });
  const turns = giveMany(studio, sources);
  if (sources.length > maxInputs)
    store.setState({
      problem: {
        message: msg(
          'The page takes {{most}} inputs at once, and these are {{given}}: the last {{left}} were left out. Give them afterwards, or caption whole folders on the command line (npm run -s studio -- caption).',
        ),
        values: { most: maxInputs, given: sources.length, left: sources.length - maxInputs },
      },
    });
  await turns;
}

/**
 * An address that was pasted, dropped or typed. Those of the network are fetched by the studio's server, where it may.
 * @returns whether it was one
 */
export function giveAddress(studio: Studio, text: string): boolean {
  const named = namedPicture(text);
  if (named && 'picture' in named) void giveFiles(studio, [named.picture]);
  else if (named)
    void (async () => {
      let found: Source | undefined;
      await attempt(studio.store, { what: 'address' }, async () => {
        const { id: imageId, url, name } = await fetchImage(named.address);
        found = { kind: 'photo', name, imageId, url };
      });
      if (found) await giveOne(studio, found);
    })();
  return named !== undefined;
}

/** Decodes a sum of embeddings. Only its texts go to the server. */
export async function giveSum(studio: Studio, written: readonly WrittenTerm[]): Promise<void> {
  let sum: GivenEmbedding | undefined;
  await attempt(studio.store, { what: 'terms' }, async () => {
    const used = usableFamily(studio, await knownInfo(studio));
    const texts = written.flatMap((term) => (term.kind === 'text' ? [term.text] : []));
    const vectors = texts.length ? await studio.client.studio.embedTexts.mutate({ family: used.name, texts }) : [];
    const { inputs } = studio.store.getState();
    sum = sumOf(
      written.map((term): Term => {
        if (term.kind === 'text')
          return { name: `“${term.text}”`, weight: term.weight, modality: 'text', values: vectors.shift()! };
        const input = inputs.find(({ key }) => key === term.key)!;
        return { name: sourceName(sourceOf(input)), weight: term.weight, ...embeddingOf(input, used.space)! };
      }),
    );
  });
  if (sum) await giveOne(studio, { kind: 'embedding', ...sum });
}
