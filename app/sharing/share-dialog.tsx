'use client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Download, Link2Off, Share2 } from 'lucide-react';
import Link from 'next/link';
import { Dialog } from 'radix-ui';
import { useState } from 'react';
import { useNumbers } from '../languages/numbers';
import { ProblemText } from '../languages/problem';
import type { Problem } from '../languages/problem-text';
import { Sentence } from '../languages/sentence';
import { useTranslation } from '../languages/use-translation';
import { problemOf, useStudioClient } from '../client/client';
import { type Address, pathOf } from '../comparisons/address';
import { downloadExport } from '../exports/download-export';
import { CopyField } from '../controls/copy-field';

const button = 'flex items-center gap-1.5 rounded-md border border-line px-3 py-1.5 text-sm disabled:opacity-60';

type Props = {
  address: Address;
  /** Its copy on the server, where it was saved. */ saved?: string;
  /** Without one it is this comparison. */ name?: string;
  onChanged?: () => void;
  onOpen?: () => void;
  /** Shown beside the icon. */ label?: string;
};

/**
 * Gives one comparison to others: as a file that needs nothing, or by a link that can be revoked. What is in this
 * browser alone has no link.
 */
export function ShareDialog({ address, saved, name, onChanged, onOpen, label }: Props) {
  const speech = useTranslation();
  const { t } = speech;
  const { moment } = useNumbers();
  // A link shows what the server keeps.
  const here = address.where === 'browser';
  const linked = here ? saved : address.id;
  const client = useStudioClient();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [made, setMade] = useState<{ id: string; url: string }>();
  const [problem, setProblem] = useState<Problem>();
  const links = useQuery({
    queryKey: ['shares', linked],
    queryFn: () => client.share.list.query({ id: linked! }),
    enabled: open && linked !== undefined,
  });
  const owner = useQuery({ queryKey: ['owner'], queryFn: () => client.owner.info.query(), enabled: open });
  const changed = async () => {
    await queries.invalidateQueries({ queryKey: ['shares', linked] });
    onChanged?.();
  };
  const attempt = (work: () => Promise<unknown>) => {
    setProblem(undefined);
    work().catch((error: unknown) => setProblem(problemOf(error)));
  };
  const make = async () => {
    const link = await client.share.create.mutate({ id: linked! });
    setMade({ id: link.id, url: `${location.origin}${link.path}` });
    await changed();
  };
  const revoke = async (which: string) => {
    await client.share.revoke.mutate({ id: which });
    if (made?.id === which) setMade(undefined);
    await changed();
  };
  return (
    <Dialog.Root open={open} onOpenChange={(opened) => (setOpen(opened), opened && onOpen?.())}>
      <Dialog.Trigger
        className={label ? `${button} bg-card` : 'rounded-md border border-line bg-card p-1.5'}
        {...(label
          ? {}
          : {
              'aria-label': name === undefined ? t('Share this comparison') : t('Share {{name}}', { name }),
              title: t('Share'),
            })}
      >
        <Share2 size={15} aria-hidden /> {label}
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-30 bg-black/40" />
        <Dialog.Content className="fixed top-16 left-1/2 z-40 max-h-[80dvh] w-[min(32rem,calc(100vw-2rem))] -translate-x-1/2 overflow-auto rounded-lg border border-line bg-card p-5 text-sm shadow-lg">
          <Dialog.Title className="font-semibold [overflow-wrap:anywhere]">
            {name === undefined ? t('Share this comparison') : t('Share “{{name}}”', { name })}
          </Dialog.Title>
          <Dialog.Description className="mt-1 mb-4 text-quiet">
            {t('Picture, captions, reference captions and every step are shown; your note and the embedding are not.')}
          </Dialog.Description>
          <section className="mb-5">
            <h3 className="font-medium">{t('A file')}</h3>
            <p className="mb-2 text-quiet">
              {t('One HTML file that replays every view in any browser, with no server and no model.')}{' '}
              {here && t('It is made in this browser; nothing is sent.')}
            </p>
            <button
              type="button"
              className={button}
              onClick={() => attempt(() => downloadExport(client, speech, { addresses: [address], format: 'html' }))}
            >
              <Download size={15} aria-hidden /> {t('Download the file')}
            </button>
          </section>
          <section>
            <h3 className="font-medium">{t('A link')}</h3>
            <p className="mb-2 text-quiet">
              {t('Whoever has it can look, and change nothing.')}{' '}
              {here && saved && t('It shows the copy that was saved on the studio.')}{' '}
              {owner.data?.kind === 'local' &&
                t(
                  'This studio answers on this machine only, so a link works here alone; started with HOST=0.0.0.0 it works in your network.',
                )}
            </p>
            {linked === undefined ? (
              <p data-testid="save-first">
                <Sentence
                  says="This comparison is in this browser alone, and a link shows what the studio keeps. <open>Open it</open> and press <em>Save …</em> first; what is sent is listed there."
                  parts={{ open: <Link href={pathOf(address)} className="underline" />, em: <em /> }}
                />
              </p>
            ) : made ? (
              <CopyField label={t('Link')} value={made.url} testId="share-link" attempt={attempt} />
            ) : (
              <button type="button" className={button} onClick={() => attempt(make)}>
                {t('Make a link')}
              </button>
            )}
            {links.data && links.data.length > 0 && (
              <ul className="mt-3 divide-y divide-line border-t border-line" aria-label={t('Links')}>
                {links.data.map((link) => (
                  <li key={link.id} className="flex items-center gap-3 py-2">
                    <span className="mr-auto">
                      {t('Made {{moment}}', { moment: moment(link.createdAt) })}
                      {link.id === made?.id && ` ${t('(the one above)')}`}
                    </span>
                    <button type="button" className={button} onClick={() => attempt(() => revoke(link.id))}>
                      <Link2Off size={15} aria-hidden /> {t('Revoke')}
                    </button>
                  </li>
                ))}
              </ul>
            )}
          </section>
          {problem && (
            <p role="alert" className="mt-3 rounded-md border border-danger p-2 text-danger">
              <ProblemText of={problem} />
            </p>
          )}
          <Dialog.Close className={`${button} mt-5`}>{t('Close')}</Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
