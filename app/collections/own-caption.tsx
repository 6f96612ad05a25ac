'use client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { CollectionMark, TableRow } from '@/kept/collections/table';
import { problemOf, useStudioClient } from '../client/client';
import { useNumbers } from '../languages/numbers';
import { ProblemText } from '../languages/problem';
import { useTranslation } from '../languages/use-translation';

/** Keeps what a person says of a photo of a collection, and asks for its rows again. */
export function useMark(run: string) {
  const client = useStudioClient();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (mark: CollectionMark) => client.collection.mark.mutate({ id: run, mark }),
    onSettled: () =>
      Promise.all(['rows', 'means'].map((what) => queries.invalidateQueries({ queryKey: ['collections', what, run] }))),
  });
}

/** What a person says of a photo in their own words: apart from what lanes said, and never written over by a run. */
export function OwnCaption({ run, row }: { run: string; row: TableRow }) {
  const { t } = useTranslation();
  const { moment } = useNumbers();
  const mark = useMark(run);
  const [text, setText] = useState(row.own?.caption ?? '');
  const keep = (event: FormEvent) => {
    event.preventDefault();
    mark.mutate({ key: row.key, lane: '', caption: text.trim() || null });
  };
  return (
    <form onSubmit={keep} className="space-y-1 text-sm">
      <label className="block">
        <span className="text-xs text-quiet">{t('Your own caption')}</span>
        <textarea
          value={text}
          onChange={(event) => setText(event.target.value)}
          rows={2}
          maxLength={2000}
          dir="auto"
          className="mt-1 block w-full rounded-md border border-line bg-page px-2 py-1.5"
        />
      </label>
      <div className="flex flex-wrap items-center gap-2">
        <button
          type="submit"
          disabled={mark.isPending || text.trim() === (row.own?.caption ?? '')}
          className="rounded-md border border-line px-2.5 py-1 disabled:opacity-60"
        >
          {t('Keep it')}
        </button>
        <span className="text-xs text-quiet" role="status">
          {row.own && t('Kept {{moment}}; no run writes over it.', { moment: moment(row.own.at) })}
        </span>
      </div>
      {mark.error && (
        <p role="alert" className="text-danger">
          <ProblemText of={problemOf(mark.error)} />
        </p>
      )}
    </form>
  );
}
