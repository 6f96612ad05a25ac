'use client';
import { useState } from 'react';
import { useTranslation } from '../languages/use-translation';
import type { ModelsState } from './use-models';
import { PullDialog } from './pull-dialog';

const repository = /^[\w-][\w.-]*\/[\w-][\w.-]*$/;

/** Somebody's own family on the hub, in the studio's format. */
export function RepositoryForm({ models }: { models: ModelsState }) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  return (
    <div className="flex flex-wrap items-end gap-2 rounded-lg border border-line bg-card p-4 text-sm">
      <label className="min-w-0 flex-1 basis-60">
        <span className="block font-medium">{t('Another family on the hub')}</span>
        <span className="block text-quiet">{t('A repository with a manifest.json in the studio’s own format')}</span>
        <input
          value={name}
          onChange={(event) => setName(event.target.value.trim())}
          placeholder={t('owner/repository')}
          spellCheck={false}
          className="mt-1 w-full rounded border border-line bg-page px-2 py-1 font-mono text-xs"
        />
      </label>
      <PullDialog
        name={name}
        title={name}
        models={models}
        disabled={!repository.test(name)}
        trigger="rounded-md border border-line px-3 py-1 disabled:opacity-60"
      >
        {t('Pull this repository …')}
      </PullDialog>
    </div>
  );
}
