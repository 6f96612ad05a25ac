'use client';
import { type FormEvent, useState } from 'react';
import { useTranslation } from '../languages/use-translation';
import type { useModels } from './use-models';

/** Why models cannot be changed in this browser, and the way to the right. */
export function AdministratorForm({ models }: { models: ReturnType<typeof useModels> }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const show = (event: FormEvent) => {
    event.preventDefault();
    void models
      .attempt(() => models.client.models.administer.mutate({ key: typed }))
      .then((well) => (well ? setTyped('') : undefined));
  };
  return (
    <div className="space-y-2 rounded-md border border-line p-3 text-sm" data-testid="locked">
      <p role="note">
        {t(
          'This studio is open to others, so models are changed on its own machine, or in a browser that shows an administrator’s key. The machine’s command line makes one: npm run -s studio -- models key new',
        )}
      </p>
      <form onSubmit={show} className="flex flex-wrap items-center gap-2">
        <label htmlFor="administrator-key">{t('Administrator’s key')}</label>
        <input
          id="administrator-key"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          autoComplete="off"
          spellCheck={false}
          className="min-w-48 flex-1 rounded-md border border-line bg-page px-2 py-1 font-mono text-xs"
        />
        <button
          type="submit"
          disabled={!typed.trim()}
          className="rounded-md border border-line px-3 py-1 disabled:opacity-60"
        >
          {t('Show it')}
        </button>
      </form>
    </div>
  );
}
