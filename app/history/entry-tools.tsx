import { Pencil, Trash2, Undo2 } from 'lucide-react';
import type { Problem } from '../languages/problem-text';
import { useTranslation } from '../languages/use-translation';
import { ExportMenu } from '../exports/export-menu';
import { ReplayDialog } from '../replay/replay-dialog';
import { ShareDialog } from '../sharing/share-dialog';
import type { Entry } from './entries';

/**
 * What can be done with an entry; the same object for all rows and as long as the page stands, so that a row is drawn
 * again only when it changes.
 */
export type RowActions = {
  select: (entry: Entry, on: boolean, range: boolean) => void;
  edit: (entry: Entry, title: string, note: string) => Promise<unknown>;
  remove: (entry: Entry) => void;
  restore: (entry: Entry) => void;
  problem: (problem: Problem | undefined) => void;
  changed: () => void;
};
const icon = 'rounded-md border border-line bg-card p-1.5 text-ink disabled:opacity-50';

/** What is done with one entry; of a deleted one, that it is brought back. */
export function EntryTools({
  entry,
  name,
  actions,
  onEdit,
}: {
  entry: Entry;
  name: string;
  actions: RowActions;
  onEdit: () => void;
}) {
  const { t } = useTranslation();
  return (
    <div className="flex gap-1.5">
      {entry.deleted ? (
        <button
          type="button"
          className={`${icon} flex items-center gap-1 px-2.5 text-sm`}
          onClick={() => actions.restore(entry)}
          aria-label={t('Restore {{name}}', { name })}
        >
          <Undo2 size={15} aria-hidden /> {t('Restore')}
        </button>
      ) : (
        <>
          <button
            type="button"
            className={icon}
            onClick={onEdit}
            aria-label={t('Rename or annotate {{name}}', { name })}
            title={t('Rename, note')}
          >
            <Pencil size={15} aria-hidden />
          </button>
          <ReplayDialog address={entry.address} name={name} onDone={actions.changed} />
          <ShareDialog address={entry.address} saved={entry.savedId} name={name} onChanged={actions.changed} />
          <ExportMenu entries={[entry]} onProblem={actions.problem} compact />
          <button
            type="button"
            className={icon}
            onClick={() => actions.remove(entry)}
            aria-label={t('Delete {{name}}', { name })}
            title={t('Delete')}
          >
            <Trash2 size={15} aria-hidden />
          </button>
        </>
      )}
    </div>
  );
}
