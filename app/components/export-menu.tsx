'use client';
import { Download } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { downloadExport, type ExportWish } from '../lib/download-export';

type Exportable = { id: string; where: 'server' | 'browser'; lanes: { id: string; decoder: string; caption: string | null }[] };
const item = 'block cursor-pointer rounded px-2.5 py-1.5 text-sm outline-none data-disabled:cursor-default data-disabled:text-quiet data-highlighted:bg-page';

/** One or more comparisons as a file. What is in this browser alone must be saved first. `compact`: an icon in a row. */
export function ExportMenu({ entries, onProblem, compact }: { entries: readonly Exportable[]; onProblem: (text: string | undefined) => void; compact?: boolean }) {
  const kept = entries.filter(({ where }) => where === 'server');
  const ids = kept.map(({ id }) => id);
  const elsewhere = entries.length - kept.length;
  const one = ids.length === 1;
  // Lanes that every chosen comparison has a caption of: by id where there is one, else by decoder.
  const captioned = (lane: string) => kept.every(({ lanes }) => lanes.some(({ id, decoder, caption }) => caption !== null && (id === lane || decoder === lane)));
  const lanes = [...new Set(kept.flatMap(({ lanes: all }) => all.flatMap(({ id, decoder }) => [id, decoder])))].filter(captioned).slice(0, 12);
  const get = (wish: Omit<ExportWish, 'ids'>) => {
    onProblem(undefined);
    downloadExport({ ids, ...wish }).catch((error: unknown) => onProblem(error instanceof Error ? error.message : String(error)));
  };
  const many = `${ids.length} comparisons`;
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className={compact ? 'rounded-md border border-line bg-card p-1.5' : 'flex items-center gap-1.5 rounded-md border border-line bg-card px-3 py-1.5 text-sm'} {...(compact ? { 'aria-label': 'Export', title: 'Export' } : {})}>
        <Download size={15} aria-hidden /> {!compact && 'Export'}
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="end" sideOffset={4} collisionPadding={8} className="z-30 max-h-[70dvh] w-72 overflow-auto rounded-md border border-line bg-card p-1 text-ink shadow-lg">
          <DropdownMenu.Label className="px-2.5 py-1 text-xs text-quiet">
            {one ? 'This comparison' : many}
            {elsewhere > 0 && `, without ${elsewhere} that ${elsewhere === 1 ? 'is' : 'are'} in this browser only (save ${elsewhere === 1 ? 'it' : 'them'} first)`}
          </DropdownMenu.Label>
          {one && (
            <>
              <Choice title="One HTML file" help="Every view, with no server and no model" onSelect={() => get({ format: 'html' })} />
            </>
          )}
          <Choice title="Picture, PNG" help="A figure on white, for a slide" disabled={!ids.length || ids.length > 20} onSelect={() => get({ format: 'png' })} />
          <Choice title="Picture, SVG" help="The same, for a paper" disabled={!ids.length || ids.length > 20} onSelect={() => get({ format: 'svg' })} />
          <DropdownMenu.Separator className="my-1 h-px bg-line" />
          <Choice title="JSON" help="All of it; can be imported again" disabled={!ids.length} onSelect={() => get({ format: 'json' })} />
          <Choice title="CSV" help="A lane a row" disabled={!ids.length} onSelect={() => get({ format: 'csv' })} />
          <Choice title="Captions" help="Plain text" disabled={!ids.length} onSelect={() => get({ format: 'txt' })} />
          {lanes.length > 0 && (
            <DropdownMenu.Sub>
              <DropdownMenu.SubTrigger className={item}>
                COCO results …<span className="block text-xs text-quiet">One caption a picture: choose the lane</span>
              </DropdownMenu.SubTrigger>
              <DropdownMenu.Portal>
                <DropdownMenu.SubContent collisionPadding={8} className="z-30 rounded-md border border-line bg-card p-1 text-ink shadow-lg">
                  {lanes.map((lane) => (
                    <DropdownMenu.Item key={lane} className={`${item} font-mono`} onSelect={() => get({ format: 'coco', lane })}>
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

function Choice({ title, help, disabled, onSelect }: { title: string; help: string; disabled?: boolean; onSelect: () => void }) {
  return (
    <DropdownMenu.Item className={item} disabled={disabled} onSelect={onSelect}>
      {title}
      <span className="block text-xs text-quiet">{help}</span>
    </DropdownMenu.Item>
  );
}
