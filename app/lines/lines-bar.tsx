'use client';
import { Columns3, Copy, WholeWord } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import { useCopiedWords, useCopying } from '../controls/copy-button';
import { msg } from '../languages/msg';
import { useNumbers } from '../languages/numbers';
import { useTranslation } from '../languages/use-translation';
import { useChoices } from './choices';
import { better, type Column, columns, type Row, type Sort } from './columns';
import { copied as copyOf, type CopyFormat, copyFormats } from './copy-formats';

const formats: Record<CopyFormat, string> = {
  text: msg('Text'),
  markdown: msg('Markdown table'),
  json: msg('JSON with all numbers'),
};

/**
 * What is done with all lines at once: which numbers stand there, by what they are sorted, what is copied. What a
 * button opens stands below it: no caption is covered.
 */
export function LinesBar({
  rows,
  shown,
  sortable,
  children,
}: {
  rows: readonly Row[];
  shown: readonly Column[];
  sortable: boolean;
  /** What else is done with lanes. */
  children?: ReactNode;
}) {
  const { t } = useTranslation();
  const { words, choose } = useChoices();
  const [open, setOpen] = useState<'columns' | 'copy'>();
  const place = useId();
  const [columnsToggle, copyToggle] = (['columns', 'copy'] as const).map((what) => ({
    type: 'button' as const,
    className: 'v-button',
    'aria-expanded': open === what,
    'aria-controls': open === what ? place : undefined,
    onClick: () => setOpen(open === what ? undefined : what),
  }));
  return (
    <div className="v-lines-bar" role="group" aria-label={t('What is shown of the lanes')}>
      {sortable && <SortChoice shown={shown} />}
      <button type="button" className="v-button" aria-pressed={words} onClick={() => choose({ words: !words })}>
        <WholeWord size={15} aria-hidden /> {t('Shared words')}
      </button>
      <button {...columnsToggle}>
        <Columns3 size={15} aria-hidden /> {t('Columns')}
      </button>
      <button {...copyToggle} disabled={!rows.some(({ lane, said }) => lane?.caption || said)}>
        <Copy size={15} aria-hidden /> {t('Copy all')}
      </button>
      {children && <span className="v-lines-bar-end">{children}</span>}
      {open && (
        <div id={place} className="v-lines-opened">
          {open === 'columns' ? <ColumnChoice /> : <CopyChoice rows={rows} shown={shown} />}
        </div>
      )}
    </div>
  );
}

function SortChoice({ shown }: { shown: readonly Column[] }) {
  const { t } = useTranslation();
  const { sort, choose } = useChoices();
  const by = useId();
  return (
    <span className="v-sort">
      <label htmlFor={by}>{t('sort by')}</label>
      <select
        id={by}
        className="v-select"
        value={sort ? JSON.stringify({ key: sort.key, down: sort.down }) : ''}
        onChange={({ target: { value } }) => choose({ sort: value ? (JSON.parse(value) as Sort) : undefined })}
      >
        <option value="">{t('as they stand')}</option>
        {shown.map((column) => {
          const down = better(column);
          return [down, !down].map((each) => (
            <option key={`${column.key} ${each}`} value={JSON.stringify({ key: column.key, down: each })}>
              {t(column.name)} {each ? '↓' : '↑'}
            </option>
          ));
        })}
      </select>
    </span>
  );
}

/** Which numbers stand in the lines. */
function ColumnChoice() {
  const { t } = useTranslation();
  const { columns: chosen, choose } = useChoices();
  return columns.map(({ key, title, name, help, optional }) => (
    <label key={key} className="v-choice" title={t(help)}>
      <input
        type="checkbox"
        checked={chosen.includes(key)}
        onChange={({ target }) =>
          choose({ columns: target.checked ? [...chosen, key] : chosen.filter((other) => other !== key) })
        }
      />
      <span>
        {t(name)}
        {name !== title && <span className="v-quiet"> {t(title)}</span>}
        {optional && key !== 'stars' && <span className="v-quiet"> {t('with references')}</span>}
      </span>
    </label>
  ));
}

/** As what the captions are copied. */
function CopyChoice({ rows, shown }: { rows: readonly Row[]; shown: readonly Column[] }) {
  const { t } = useTranslation();
  const numbers = useNumbers();
  const { copied, copy } = useCopying();
  const said = useCopiedWords(copied);
  return (
    <>
      {copyFormats.map((format) => (
        <button
          key={format}
          type="button"
          className="v-button"
          onClick={() => copy(copyOf(format, rows, { shown, t, numbers }))}
        >
          {t(formats[format])}
        </button>
      ))}
      <span role="status" className="v-note">
        {said}
      </span>
    </>
  );
}
