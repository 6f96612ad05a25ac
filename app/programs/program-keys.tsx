'use client';
import { useQuery } from '@tanstack/react-query';
import { KeyRound, Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { ProgramKeyCard, ProgramScope } from '@/kept/programs';
import { problemOf, useStudioClient } from '../client/client';
import { CopyField } from '../controls/copy-field';
import { useNumbers } from '../languages/numbers';
import { ProblemText } from '../languages/problem';
import type { Problem } from '../languages/problem-text';
import { useTranslation } from '../languages/use-translation';

const button =
  'flex items-center gap-1.5 rounded-md border border-line bg-card px-3 py-1.5 text-sm disabled:opacity-60';

/** The keys of programs: made, shown once, listed with their uses, revoked one by one. */
export function ProgramKeys() {
  const { t } = useTranslation();
  const client = useStudioClient();
  const [made, setMade] = useState<{ id: string; key: string }>();
  const [said, setSaid] = useState('');
  const [problem, setProblem] = useState<Problem>();
  const keys = useQuery({ queryKey: ['programs', 'keys'], queryFn: () => client.programs.keys.query() });
  const attempt = (work: () => Promise<unknown>) => {
    setProblem(undefined);
    setSaid('');
    work().catch((error: unknown) => setProblem(problemOf(error)));
  };
  const make = async (name: string, scope: ProgramScope) => {
    setMade(await client.programs.createKey.mutate({ name, scope }));
    await keys.refetch();
  };
  const revoke = async ({ id, name }: ProgramKeyCard) => {
    await client.programs.revokeKey.mutate({ id });
    if (made?.id === id) setMade(undefined);
    setSaid(t('The key “{{name}}” is revoked.', { name }));
    await keys.refetch();
  };
  return (
    <div className="space-y-3">
      <NewKey onMake={(name, scope) => attempt(() => make(name, scope))} />
      {made && <CopyField label={t('Key for a program')} value={made.key} testId="program-key" attempt={attempt} />}
      {problem && (
        <p role="alert" className="text-sm text-danger">
          <ProblemText of={problem} />
        </p>
      )}
      <p role="status" className="text-sm empty:hidden">
        {said}
      </p>
      {keys.data && keys.data.length > 0 && (
        <ul className="divide-y divide-line border-y border-line" aria-label={t('Keys for programs')}>
          {keys.data.map((key) => (
            <Key key={key.id} of={key} onRevoke={() => attempt(() => revoke(key))} />
          ))}
        </ul>
      )}
    </div>
  );
}

function NewKey({ onMake }: { onMake: (name: string, scope: ProgramScope) => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [scope, setScope] = useState<ProgramScope>('run');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onMake(name, scope);
    setName('');
  };
  return (
    <form onSubmit={submit} className="flex flex-wrap items-end gap-2 text-sm">
      <label className="grow basis-48">
        <span className="mb-1 block">{t('What the key is for')}</span>
        <input
          required
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.target.value)}
          className="w-full rounded-md border border-line bg-card px-2 py-1.5"
        />
      </label>
      <label>
        <span className="mb-1 block">{t('What it may')}</span>
        <select
          value={scope}
          onChange={(event) => setScope(event.target.value as ProgramScope)}
          className="rounded-md border border-line bg-card px-2 py-1.5"
        >
          <option value="run">{t('Run: caption, embed, keep')}</option>
          <option value="read">{t('Read alone')}</option>
        </select>
      </label>
      <button type="submit" className={button}>
        <KeyRound size={15} aria-hidden /> {t('Make a key')}
      </button>
    </form>
  );
}

function Key({ of, onRevoke }: { of: ProgramKeyCard; onRevoke: () => void }) {
  const { t } = useTranslation();
  const { moment } = useNumbers();
  const used = of.lastUsedAt && t('last used {{moment}}', { moment: moment(of.lastUsedAt) });
  return (
    <li className="flex items-center gap-3 py-2 text-sm">
      <span className="mr-auto min-w-0">
        <span className="[overflow-wrap:anywhere]">{of.name}</span>
        <span className="block text-xs text-quiet">
          {of.scope === 'run' ? t('may run') : t('may read')}; {t('made {{moment}}', { moment: moment(of.createdAt) })};{' '}
          {used ? `${used}, ${t('{{count}} requests', { count: of.uses })}` : t('never used')}
        </span>
      </span>
      <button type="button" className={button} aria-label={t('Revoke the key “{{name}}”', of)} onClick={onRevoke}>
        <Trash2 size={15} aria-hidden /> {t('Revoke')}
      </button>
    </li>
  );
}
