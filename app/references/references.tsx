'use client';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useRef } from 'react';
import { gramsOf } from '@/models/metrics/ngrams';
import { useNumbers } from '../languages/numbers';
import { ProblemText } from '../languages/problem';
import type { Problem } from '../languages/problem-text';
import { useTranslation } from '../languages/use-translation';
import { problemOf, useStudioClient } from '../client/client';
import { frequenciesFrom } from './frequencies';
import { useGivenReferences } from './use-given-references';
import { linesOf } from './references-state';
import type { LaneFilm } from '../views/film';
import { type ReferenceScores, scoreAgainst } from '../views/words';

/** Scores of lanes' captions, and of a person's own, against reference captions, which are lines of a text. */
export function useScores(
  lanes: readonly LaneFilm[],
  own: readonly { id: string; text: string }[],
  family: string | undefined,
  text: string,
) {
  const client = useStudioClient();
  // Plain text stands for both, so that what is derived changes only with them.
  const said = JSON.stringify([
    ...lanes.flatMap(({ id, result }) => (result ? [[id, result.caption]] : [])),
    ...own.map(({ id, text: words }) => [id, words]),
  ]);
  const references = useMemo(() => linesOf(text), [text]);
  const captions = useMemo(() => JSON.parse(said) as [string, string][], [said]);
  const grams = useMemo(
    () => (references.length ? gramsOf([...references, ...captions.map(([, caption]) => caption)]) : []),
    [captions, references],
  );
  const frequencies = useQuery({
    queryKey: ['studio.frequencies', family, grams],
    queryFn: () => frequenciesFrom(client, family!, grams),
    enabled: Boolean(family) && grams.length > 0,
    staleTime: Infinity,
    placeholderData: (before) => before,
  });
  const scores = useMemo(() => {
    if (!references.length) return undefined;
    return new Map<string, ReferenceScores>(
      captions.map(([id, caption]) => [id, scoreAgainst(caption, references, frequencies.data)]),
    );
  }, [captions, frequencies.data, references]);
  return {
    count: references.length,
    scores,
    source: frequencies.data && family !== undefined ? { images: frequencies.data.images, family } : undefined,
    problem: frequencies.error ? problemOf(frequencies.error) : undefined,
  };
}

/** Reference captions that the person pastes or gives as a file, and by what they are scored. */
export function References({
  text,
  onText,
  onRest,
  scored: { count, source, problem },
  kept,
  unkept,
  name,
}: {
  text: string;
  onText: (text: string) => void;
  /** The person has done with the field. */
  onRest: () => void;
  scored: ReturnType<typeof useScores>;
  /** They are kept with the comparison, or why they could not be. */
  kept: boolean;
  unkept: Problem | undefined;
  /** What the input is called: of a file of many images its own references are taken. */
  name: string;
}) {
  const { t } = useTranslation();
  const given = useGivenReferences(name, onText);
  const file = useRef<HTMLInputElement>(null);
  const { whole } = useNumbers();
  return (
    <details className="text-sm">
      <summary className="cursor-pointer text-quiet">
        {count ? t('Scored against {{count}} reference captions', { count }) : t('Score against reference captions')}
      </summary>
      <label className="mt-2 block">
        <span className="block text-xs text-quiet">
          {t('One caption a line.')}{' '}
          {count > 0 && kept ? t('Kept with this comparison.') : t('They are kept with this comparison.')}
        </span>
        <textarea
          lang="en"
          aria-label={t('Reference captions')}
          value={text}
          onChange={(event) => onText(event.target.value)}
          onPaste={(event) => {
            const pasted = event.clipboardData.getData('text');
            const { selectionStart, selectionEnd } = event.currentTarget;
            const plain = () => onText(text.slice(0, selectionStart) + pasted + text.slice(selectionEnd));
            if (given.givePasted(pasted, plain)) event.preventDefault();
          }}
          onDrop={(event) => {
            const [dropped] = event.dataTransfer.files;
            if (!dropped) return;
            // Elsewhere on the page a file is an input of its own.
            event.preventDefault();
            void given.giveFile(dropped);
          }}
          onBlur={onRest}
          rows={4}
          className="mt-1 block w-full max-w-2xl rounded border border-line bg-card p-2"
          placeholder={t('a brown dog runs over the grass')}
        />
      </label>
      <p className="mt-1 max-w-2xl text-xs text-quiet">
        <button type="button" className="underline" onClick={() => file.current?.click()}>
          {t('Take them from a file')}
        </button>{' '}
        {t(
          'COCO annotations, Karpathy splits, token.txt, tables and JSON are read, pasted or dropped here too; of many images the one of this name counts.',
        )}
        <input
          ref={file}
          type="file"
          hidden
          aria-label={t('File to take them from')}
          onChange={(event) => {
            const [chosen] = event.target.files ?? [];
            if (chosen) void given.giveFile(chosen);
            event.target.value = '';
          }}
        />
      </p>
      {given.notes.map((note) => (
        <p key={note} lang="en" className="mt-1 max-w-2xl text-xs text-quiet">
          {note}
        </p>
      ))}
      {given.problem && (
        <p role="alert" className="mt-1 max-w-2xl text-xs text-danger">
          <ProblemText of={given.problem} />
        </p>
      )}
      {unkept && (
        <p role="alert" className="mt-1 max-w-2xl text-xs text-danger">
          {t('They could not be kept:')} <ProblemText of={unkept} />
        </p>
      )}
      {count > 0 && (
        <p className="mt-1 max-w-2xl text-xs text-quiet">
          {t('BLEU and ROUGE-L as the COCO evaluation computes them.')}{' '}
          {t('CIDEr-D needs document frequencies, and those of one photo’s own references weigh every word 0.')}{' '}
          {source ? (
            t(
              'Here they are those of {{source}}. So it ranks captions of this photo, and is not comparable with published figures.',
              {
                source: t('the {{sentences}} sentences of {{family}}’s text memory, each as one document', {
                  sentences: whole(source.images),
                  family: source.family,
                }),
              },
            )
          ) : problem ? (
            <>
              {t('Here there are none:')} <ProblemText of={problem} />
            </>
          ) : (
            t('The studio is asked for them …')
          )}
        </p>
      )}
    </details>
  );
}
