'use client';
import { Download, LoaderCircle } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import type { CollectionCard, ErrorBody } from '@/kept/answers';
import { errorOf, problemOf, unreachable } from '../client/client';
import { msg } from '../languages/msg';
import { ProblemText } from '../languages/problem';
import type { Problem } from '../languages/problem-text';
import { useTranslation } from '../languages/use-translation';

const formats = [
  { format: 'jsonl', title: 'JSON lines', help: msg('A photo a line, all that was said of it') },
  { format: 'csv', title: 'CSV', help: msg('A photo and lane a row') },
  { format: 'parquet', title: 'Parquet', help: msg('The same rows, for programs') },
  { format: 'coco', title: 'COCO results', help: msg('The best caption of each photo') },
  { format: 'webdataset', title: 'webdataset (.tar)', help: msg('Each photo with its captions as .json and .txt') },
] as const;

/** What is done so far as a file: the same that the command line writes. */
export function CollectionExport({ card }: { card: CollectionCard }) {
  const { t } = useTranslation();
  const [making, setMaking] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const get = async (format: string) => {
    const address = `/api/collections/${card.id}/export?format=${format}`;
    setMaking(true);
    setProblem(undefined);
    try {
      // A browser shows nothing of a download that is refused.
      const answer = await fetch(`${address}&check`).catch(() => undefined);
      if (!answer) throw new Error(unreachable);
      if (!answer.ok)
        throw errorOf((await answer.json().catch(() => undefined)) as ErrorBody | undefined, answer.status);
      const link = document.createElement('a');
      link.href = address;
      link.download = '';
      link.click();
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setMaking(false);
    }
  };
  return (
    <>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger
          disabled={!card.done || making}
          aria-busy={making}
          className="flex items-center gap-1.5 rounded-md border border-line bg-card px-2.5 py-1 text-sm disabled:opacity-60"
        >
          {making ? (
            <LoaderCircle size={14} aria-hidden className="animate-spin motion-reduce:animate-none" />
          ) : (
            <Download size={14} aria-hidden />
          )}{' '}
          {t('Export')}
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content
            align="end"
            sideOffset={4}
            collisionPadding={8}
            className="z-30 w-72 rounded-md border border-line bg-card p-1 text-ink shadow-lg"
          >
            {card.status !== 'finished' && (
              <DropdownMenu.Label className="px-2.5 py-1 text-xs text-quiet">
                {t('The {{count}} photos that are done so far', { count: card.done })}
              </DropdownMenu.Label>
            )}
            {formats.map(({ format, title, help }) => (
              <DropdownMenu.Item
                key={format}
                className="cursor-default rounded px-2.5 py-1.5 text-sm outline-none data-highlighted:bg-page"
                onSelect={() => void get(format)}
              >
                {title}
                <span className="block text-xs text-quiet">{t(help)}</span>
              </DropdownMenu.Item>
            ))}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      {problem && (
        <p role="alert" className="w-full text-sm text-danger">
          <ProblemText of={problem} />
        </p>
      )}
    </>
  );
}
