'use client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type DragEvent, type FormEvent, useRef, useState } from 'react';
import type { CollectionCard, ErrorBody } from '@/kept/answers';
import { errorOf, problemOf, unreachable, useStudioClient } from '../client/client';
import { ProblemText } from '../languages/problem';
import { useTranslation } from '../languages/use-translation';

const button = 'rounded-md border border-line bg-card px-2.5 py-1 text-sm disabled:opacity-60';

const example = 'image,caption\nbeach.jpg,two people walk along the sea';

/** What a collection is scored against, if anything. */
function useReferences(id: string, done?: number) {
  const client = useStudioClient();
  return useQuery({
    queryKey: ['collections', 'references', id, ...(done === undefined ? [] : [done])],
    queryFn: () => client.collection.references.query({ id }),
    placeholderData: (before) => before,
  });
}
/** Whether there is anything to score against. */
export const useScored = (id: string): boolean => Boolean(useReferences(id).data);

/** What people wrote of the photos of a collection: pasted, dropped or chosen, in any layout that `score` reads. */
export function CollectionReferences({ card }: { card: CollectionCard }) {
  const { t } = useTranslation();
  const client = useStudioClient();
  const queries = useQueryClient();
  const [text, setText] = useState('');
  const file = useRef<HTMLInputElement>(null);
  const { id } = card;
  const known = useReferences(id, card.done);
  const onSuccess = () => {
    setText('');
    return queries.invalidateQueries({ queryKey: ['collections'] });
  };
  const give = useMutation({
    mutationFn: async ({ name, content }: { name: string; content: Blob | string }) => {
      const address = `/api/collections/${id}/references?name=${encodeURIComponent(name)}`;
      const answer = await fetch(address, { method: 'POST', body: content }).catch(() => undefined);
      if (!answer) throw new Error(unreachable);
      if (!answer.ok)
        throw errorOf((await answer.json().catch(() => undefined)) as ErrorBody | undefined, answer.status);
    },
    onSuccess,
  });
  const drop = useMutation({ mutationFn: () => client.collection.unreference.mutate({ id }), onSuccess });
  const take = (given: File | undefined) => given && give.mutate({ name: given.name, content: given });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) give.mutate({ name: t('pasted references'), content: text });
  };
  const told = known.data;
  const error = give.error ?? drop.error;
  return (
    <details
      className="text-sm"
      data-testid="references"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event: DragEvent) => {
        event.preventDefault();
        take(event.dataTransfer.files[0]);
      }}
    >
      <summary className="w-fit cursor-pointer text-quiet">
        {told
          ? t('Scored against references of {{count}} photos', { count: told.photos })
          : t('Score against reference captions')}
      </summary>
      <div className="mt-2 max-w-3xl space-y-2 rounded-lg border border-line bg-card p-3">
        {told && (
          <div className="space-y-1">
            <p className="flex flex-wrap items-center gap-2">
              <span className="font-mono text-xs break-all">{told.file}</span>
              {told.without > 0 && (
                <span className="text-quiet">{t('{{count}} photos have none', { count: told.without })}</span>
              )}
              <button type="button" className={button} disabled={drop.isPending} onClick={() => drop.mutate()}>
                {t('Take away')}
              </button>
            </p>
            {told.unknownCount > 0 && (
              <p className="break-words">
                {t('{{count}} names in it are of no photo here:', { count: told.unknownCount })}{' '}
                <span className="font-mono text-xs">
                  {told.unknown.join(', ')}
                  {told.unknownCount > told.unknown.length ? ' …' : ''}
                </span>
              </p>
            )}
            {told.notes.map((note) => (
              <p key={note} lang="en" className="break-words text-quiet">
                {note}
              </p>
            ))}
          </div>
        )}
        <form onSubmit={submit} className="space-y-2">
          <label className="block">
            <span className="block text-xs text-quiet">
              {t(
                'Paste or drop a file: COCO, Karpathy, JSON, JSON lines, CSV, Flickr’s token lists. Photos are found by name or id.',
              )}
            </span>
            <textarea
              value={text}
              onChange={(event) => setText(event.target.value)}
              rows={3}
              spellCheck={false}
              aria-label={t('Reference captions')}
              placeholder={example}
              className="mt-1 block w-full rounded-md border border-line bg-page px-2 py-1.5 font-mono text-xs placeholder:text-quiet"
            />
          </label>
          <div className="flex flex-wrap gap-2">
            <button type="submit" className={button} disabled={give.isPending || !text.trim()}>
              {give.isPending ? t('Reading them …') : t('Score')}
            </button>
            <button type="button" className={button} disabled={give.isPending} onClick={() => file.current?.click()}>
              {t('Choose a file')}
            </button>
            <input
              ref={file}
              type="file"
              accept=".json,.jsonl,.csv,.tsv,.txt,.token"
              aria-label={t('File of references')}
              tabIndex={-1}
              className="sr-only"
              onChange={({ target }) => {
                take(target.files?.[0]);
                target.value = '';
              }}
            />
          </div>
        </form>
        {error && (
          <p role="alert" className="break-words text-danger">
            <ProblemText of={problemOf(error)} />
          </p>
        )}
      </div>
    </details>
  );
}
