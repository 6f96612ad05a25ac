import { type FormEvent, useState } from 'react';
import { useTranslation } from '../languages/use-translation';
import { type Entry, entryName } from './entries';

/** Title and note of an entry, to be changed in its place. */
export function EditForm({
  entry,
  onSave,
  onClose,
}: {
  entry: Entry;
  onSave: (title: string, note: string) => Promise<unknown>;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [title, setTitle] = useState(entry.title);
  const [note, setNote] = useState(entry.note);
  const [saving, setSaving] = useState(false);
  const field = 'w-full rounded-md border border-line bg-page px-2 py-1 text-sm text-ink placeholder:text-quiet';
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setSaving(true);
    try {
      await onSave(title, note);
      onClose();
    } catch {
      // Told above the list; what was typed stays.
      setSaving(false);
    }
  };
  return (
    <form
      onSubmit={(event) => void save(event)}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
      className="space-y-2"
    >
      <label className="block text-xs text-quiet">
        {t('Title')}
        {/* Opened by the person to type in it. */}
        <input
          autoFocus
          className={field}
          value={title}
          maxLength={200}
          placeholder={entryName({ title: '', fallback: entry.fallback }, t)}
          onChange={(event) => setTitle(event.target.value)}
        />
      </label>
      <label className="block text-xs text-quiet">
        {t('Note (yours alone; a shared link does not show it)')}
        <textarea
          className={field}
          rows={3}
          value={note}
          maxLength={10_000}
          onChange={(event) => setNote(event.target.value)}
        />
      </label>
      <div className="flex gap-2">
        <button
          type="submit"
          disabled={saving}
          className="rounded-md border border-accent px-3 py-1 text-sm font-medium disabled:opacity-60"
        >
          {saving ? t('Saving …') : t('Save')}
        </button>
        <button type="button" onClick={onClose} className="rounded-md border border-line px-3 py-1 text-sm">
          {t('Cancel')}
        </button>
      </div>
    </form>
  );
}
