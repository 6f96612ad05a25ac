'use client';
import { useQuery } from '@tanstack/react-query';
import { KeyRound, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useNumbers } from '../languages/numbers';
import { useTranslation } from '../languages/use-translation';
import { CopyField } from '../controls/copy-field';
import { useStudioClient } from '../client/client';

const button =
  'flex items-center gap-1.5 rounded-md border border-line bg-card px-3 py-1.5 text-sm disabled:opacity-60';

/** The keys to this history: made, shown once, listed with when they were last used, revoked one by one. */
export function OwnershipKeys({
  attempt,
  say,
  onRevoked,
}: {
  attempt: (work: () => Promise<unknown>) => void;
  say: (text: string) => void;
  onRevoked: () => unknown;
}) {
  const { t } = useTranslation();
  const { moment } = useNumbers();
  const client = useStudioClient();
  const [made, setMade] = useState<{ id: string; key: string }>();
  const keys = useQuery({ queryKey: ['owner-keys'], queryFn: () => client.owner.keys.query() });
  const make = async () => {
    setMade(await client.owner.makeKey.mutate());
    await keys.refetch();
  };
  const revoke = async (id: string) => {
    await client.owner.revokeKey.mutate({ id });
    if (made?.id === id) setMade(undefined);
    say(t('The key is revoked; browsers that came by it are strangers again.'));
    await keys.refetch();
    await onRevoked();
  };
  return (
    <>
      {made ? (
        <CopyField label={t('Ownership key')} value={made.key} testId="ownership-key" attempt={attempt} />
      ) : (
        <button type="button" className={button} onClick={() => attempt(make)}>
          <KeyRound size={15} aria-hidden /> {t('Make a key')}
        </button>
      )}
      {keys.data && keys.data.length > 0 && (
        <ul className="mt-3 divide-y divide-line border-t border-line" aria-label={t('Ownership keys')}>
          {keys.data.map((key) => (
            <li key={key.id} className="flex items-center gap-3 py-2">
              <span className="mr-auto min-w-0">
                {t('Made {{moment}}', { moment: moment(key.createdAt) })}
                {key.id === made?.id && ` ${t('(the one above)')}`}
                <span className="block text-xs text-quiet">
                  {key.lastUsedAt ? t('last used {{moment}}', { moment: moment(key.lastUsedAt) }) : t('never used')}
                  {key.current && t('; this browser came by it, and loses this history when it is revoked')}
                </span>
              </span>
              <button
                type="button"
                className={button}
                aria-label={t('Revoke the key of {{moment}}', { moment: moment(key.createdAt) })}
                onClick={() => attempt(() => revoke(key.id))}
              >
                <Trash2 size={15} aria-hidden /> {t('Revoke')}
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
