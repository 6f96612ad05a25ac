'use client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import type { UploadCard } from '@/kept/collections/requests';
import { problemOf, useStudioClient } from '../client/client';
import { action } from '../controls/nothing-here';
import { decodersOf } from '../families/family-state';
import { ProblemText } from '../languages/problem';
import { useTranslation } from '../languages/use-translation';
import { collectionName } from './collection-words';
import { lanesHere, wishesOf } from './lanes-here';

/** Photos that were sent and became no collection: the tab was closed, or the studio left, in between. */
export function SentUploads() {
  const client = useStudioClient();
  const { data } = useQuery({ queryKey: ['collections', 'sent'], queryFn: () => client.collection.sent.query() });
  if (!data?.length) return null;
  return (
    <ul className="my-3 space-y-2">
      {data.map((upload) => (
        <Upload key={upload.id} upload={upload} />
      ))}
    </ul>
  );
}

function Upload({ upload: { id, title, total, here } }: { upload: UploadCard }) {
  const { t } = useTranslation();
  const client = useStudioClient();
  const router = useRouter();
  const queries = useQueryClient();
  const onSettled = () => queries.invalidateQueries({ queryKey: ['collections'] });
  const begin = useMutation({
    mutationFn: async () => {
      const info = await client.studio.info.query();
      const known = lanesHere(info);
      return client.collection.start.mutate({
        of: { kind: 'sent', upload: id },
        ...(known
          ? { family: known.family.name, lanes: wishesOf(known.lanes, decodersOf(info, known.family)) }
          : { lanes: [] }),
      });
    },
    onSuccess: (card) => router.push(`/collections/${card.id}`),
    onSettled,
  });
  const remove = useMutation({ mutationFn: () => client.collection.unsend.mutate({ id }), onSettled });
  const error = begin.error ?? remove.error;
  return (
    <li
      className="flex flex-wrap items-center gap-2 rounded-lg border border-dashed border-line p-3 text-sm"
      data-testid="sent"
    >
      <span className="font-medium">{collectionName({ title, total }, t)}</span>
      <span className="text-quiet">{t('{{here}} of {{count}} photos have arrived', { here, count: total })}</span>
      <span className="ml-auto flex gap-2">
        <button type="button" className={action} disabled={begin.isPending || !here} onClick={() => begin.mutate()}>
          {t('Caption those that are here')}
        </button>
        <button type="button" className={action} disabled={remove.isPending} onClick={() => remove.mutate()}>
          {t('Delete')}
        </button>
      </span>
      {error && (
        <p role="alert" className="w-full text-danger">
          <ProblemText of={problemOf(error)} />
        </p>
      )}
    </li>
  );
}
