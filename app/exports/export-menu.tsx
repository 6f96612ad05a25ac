'use client';
import { Download, LoaderCircle } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import { type ExportFormat, mostExported } from '@/kept/export-formats';
import type { Problem } from '../languages/problem-text';
import { useTranslation } from '../languages/use-translation';
import { problemOf, useStudioClient } from '../client/client';
import type { Address } from '../comparisons/address';
import { downloadExport } from './download-export';
import { type ExportWish } from './fetch-export';

export type Exportable = {
  address: Address;
  lanes: readonly { id: string; decoder: string; caption: string | null }[];
};
const item =
  'block cursor-pointer rounded px-2.5 py-1.5 text-sm outline-none data-disabled:cursor-default data-disabled:text-quiet data-highlighted:bg-page';

/**
 * One or more comparisons as a file. Where one is in this browser alone the file is made here, and nothing is sent.
 * `compact`: an icon in a
 * row. `onOpen`: the menu was opened; its entries may follow.
 */
export function ExportMenu({
  entries,
  onProblem,
  compact,
  onOpen,
}: {
  entries: readonly Exportable[];
  onProblem: (text: Problem | undefined) => void;
  compact?: boolean;
  onOpen?: () => void;
}) {
  const speech = useTranslation();
  const { t } = speech;
  const client = useStudioClient();
  const [making, setMaking] = useState(false);
  const addresses = entries.map(({ address }) => address);
  const count = addresses.length;
  const here = addresses.filter(({ where }) => where === 'browser').length;
  const one = count === 1;
  // Lanes that every chosen comparison has a caption of: by id where there is one, else by decoder.
  const captioned = (lane: string) =>
    entries.every(({ lanes }) =>
      lanes.some(({ id, decoder, caption }) => caption !== null && (id === lane || decoder === lane)),
    );
  const lanes = [...new Set(entries.flatMap(({ lanes: all }) => all.flatMap(({ id, decoder }) => [id, decoder])))]
    .filter(captioned)
    .slice(0, 12);
  const get = (wish: Pick<ExportWish, 'format' | 'lane'>) => {
    onProblem(undefined);
    setMaking(true);
    downloadExport(client, speech, { addresses, ...wish })
      .catch((error: unknown) => onProblem(problemOf(error)))
      .finally(() => setMaking(false));
  };
  const over = (format: ExportFormat) => !count || count > mostExported[format];
  const limit = (format: ExportFormat, help: string) =>
    count > mostExported[format] ? t('At most {{count}} in one file', { count: mostExported[format] }) : help;
  return (
    <DropdownMenu.Root onOpenChange={(open) => open && onOpen?.()}>
      <DropdownMenu.Trigger
        aria-busy={making}
        className={
          compact
            ? 'rounded-md border border-line bg-card p-1.5'
            : 'flex items-center gap-1.5 rounded-md border border-line bg-card px-3 py-1.5 text-sm'
        }
        {...(compact ? { 'aria-label': t('Export'), title: t('Export') } : {})}
      >
        {making ? (
          <LoaderCircle size={15} aria-hidden className="animate-spin motion-reduce:animate-none" />
        ) : (
          <Download size={15} aria-hidden />
        )}{' '}
        {!compact && (making ? t('Exporting …') : t('Export'))}
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          className="z-30 max-h-[70dvh] w-72 overflow-auto rounded-md border border-line bg-card p-1 text-ink shadow-lg"
        >
          <DropdownMenu.Label className="px-2.5 py-1 text-xs text-quiet">
            {one ? t('This comparison') : t('{{count}} comparisons', { count })}
            {here > 0 &&
              `; ${one ? t('it is in this browser, so the file is made here and nothing is sent') : t('{{count}} of them are in this browser, so the file is made here and nothing is sent', { count: here })}`}
          </DropdownMenu.Label>
          <Choice
            title={t('One HTML file')}
            help={limit(
              'html',
              one
                ? t('Every view, with no server and no model')
                : t('All of them with every view, with no server and no model'),
            )}
            disabled={over('html')}
            onSelect={() => get({ format: 'html' })}
          />
          <Choice
            title={t('Picture, PNG')}
            help={limit('png', t('A figure on white, for a slide'))}
            disabled={over('png')}
            onSelect={() => get({ format: 'png' })}
          />
          <Choice
            title={t('Picture, SVG')}
            help={limit('svg', t('The same, for a paper'))}
            disabled={over('svg')}
            onSelect={() => get({ format: 'svg' })}
          />
          <DropdownMenu.Separator className="my-1 h-px bg-line" />
          <Choice
            title={t('JSON')}
            help={limit('json', t('All of it; can be imported again'))}
            disabled={over('json')}
            onSelect={() => get({ format: 'json' })}
          />
          <Choice title={t('CSV')} help={t('A lane a row')} disabled={!count} onSelect={() => get({ format: 'csv' })} />
          <Choice
            title={t('Captions')}
            help={t('Plain text')}
            disabled={!count}
            onSelect={() => get({ format: 'txt' })}
          />
          {lanes.length > 0 && (
            <DropdownMenu.Sub>
              <DropdownMenu.SubTrigger className={item}>
                {t('COCO results …')}
                <span className="block text-xs text-quiet">{t('One caption a picture: choose the lane')}</span>
              </DropdownMenu.SubTrigger>
              <DropdownMenu.Portal>
                <DropdownMenu.SubContent
                  collisionPadding={8}
                  className="z-30 rounded-md border border-line bg-card p-1 text-ink shadow-lg"
                >
                  {lanes.map((lane) => (
                    <DropdownMenu.Item
                      key={lane}
                      className={`${item} font-mono`}
                      onSelect={() => get({ format: 'coco', lane })}
                    >
                      {lane}
                    </DropdownMenu.Item>
                  ))}
                </DropdownMenu.SubContent>
              </DropdownMenu.Portal>
            </DropdownMenu.Sub>
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function Choice({
  title,
  help,
  disabled,
  onSelect,
}: {
  title: string;
  help: string;
  disabled?: boolean;
  onSelect: () => void;
}) {
  return (
    <DropdownMenu.Item className={item} disabled={disabled} onSelect={onSelect}>
      {title}
      <span className="block text-xs text-quiet">{help}</span>
    </DropdownMenu.Item>
  );
}
