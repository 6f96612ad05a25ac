import { type Dispatch, type SetStateAction, useCallback } from 'react';
import type { FamilyCard, StudioInfo } from '@/kept/answers';
import { msg } from '../languages/msg';
import type { Problem } from '../languages/problem-text';
import { useTranslation } from '../languages/use-translation';
import { namedPicture } from '../inputs/addresses';
import { fetchImage, problemOf } from '../client/client';
import { isEmbeddingFile, readEmbeddings } from '../inputs/embedding-io';
import { type Input, type Source, sourceName } from '../inputs/inputs';
import { addressOf, type Begun, maxInputs } from './use-turns';

type Needs = {
  attempt: (what: string, work: () => Promise<void>) => Promise<void>;
  begin: (source: Source, wanted: undefined) => Promise<Begun>;
  known: () => Promise<StudioInfo>;
  usable: (studio: StudioInfo) => FamilyCard;
  setAside: () => void;
  stop: () => Promise<unknown>;
  runInTurn: (waiting: readonly Input[]) => Promise<void>;
  /** The input that is shown has lanes at work. */
  running: boolean;
  setInputs: Dispatch<SetStateAction<Input[]>>;
  setActive: (key: string) => void;
  setProblem: (problem: Problem | undefined) => void;
};

/** What the person gives to be described: the sample, files, an address; one at once or several in turn. */
export function useGiving({
  attempt,
  begin,
  known,
  usable,
  setAside,
  stop,
  runInTurn,
  running,
  setInputs,
  setActive,
  setProblem,
}: Needs) {
  const { t } = useTranslation();
  /** Describes one input. What was there stays until the new one is known to be readable. */
  const giveOne = useCallback(
    (source: Source) =>
      attempt(sourceName(source, t), async () => {
        if (running) await stop();
        setAside();
        const { ended: _ended, ...begun } = await begin(source, undefined);
        const input: Input = { key: crypto.randomUUID(), source, ...begun };
        // The sample once more takes the place of the sample before: that one is in the history.
        setInputs((all) =>
          [...all.filter((other) => source.kind !== 'sample' || other.source?.kind !== 'sample'), input].slice(
            -maxInputs,
          ),
        );
        setActive(input.key);
        window.history.pushState(null, '', addressOf(begun));
      }),
    [attempt, begin, running, setActive, setAside, setInputs, stop, t],
  );

  /** Describes several inputs one after the other, each in a comparison of its own. */
  const giveMany = useCallback(
    async (sources: readonly Source[]) => {
      if (sources.length < 2) return sources[0] && giveOne(sources[0]);
      return runInTurn(
        sources.slice(0, maxInputs).map((source): Input => ({ key: crypto.randomUUID(), source, ranOn: {} })),
      );
    },
    [giveOne, runInTurn],
  );
  const giveFiles = useCallback(
    async (files: readonly File[]) => {
      const sources: Source[] = [];
      for (const file of files) {
        if (!isEmbeddingFile(file)) sources.push({ kind: 'photo', name: file.name, blob: file });
        else
          try {
            const { dim, space } = usable(await known());
            sources.push(
              ...(await readEmbeddings(file, dim, space)).map((embedding) => ({
                kind: 'embedding' as const,
                ...embedding,
              })),
            );
          } catch (error) {
            setProblem(problemOf(error));
            return;
          }
      }
      if (!sources.length)
        return setProblem({
          message: msg(
            'There is no picture and no embedding in what was given. Give JPEG, PNG, WebP, GIF or AVIF photos, or embeddings (.npy, .json, .safetensors).',
          ),
        });
      const turns = giveMany(sources);
      if (sources.length > maxInputs)
        setProblem({
          message: msg(
            'The page takes {{most}} inputs at once, and these are {{given}}: the last {{left}} were left out. Give them afterwards, or caption whole folders on the command line (npm run -s studio -- caption).',
          ),
          values: { most: maxInputs, given: sources.length, left: sources.length - maxInputs },
        });
      await turns;
    },
    [giveMany, known, setProblem, usable],
  );

  /**
   * An address that was pasted, dropped or typed. Those of the network are fetched by the studio's server, where it
   * may. @returns whether it was one
   */
  const giveAddress = useCallback(
    (text: string): boolean => {
      const named = namedPicture(text);
      if (named && 'picture' in named) void giveFiles([named.picture]);
      else if (named)
        void (async () => {
          let found: Source | undefined;
          await attempt(t('the picture of the address'), async () => {
            const { id: imageId, url, name } = await fetchImage(named.address);
            found = { kind: 'photo', name, imageId, url };
          });
          if (found) await giveOne(found);
        })();
      return named !== undefined;
    },
    [attempt, giveFiles, giveOne, t],
  );
  return { giveOne, giveFiles, giveAddress };
}
