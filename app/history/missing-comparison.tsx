'use client';
import { useQuery } from '@tanstack/react-query';
import { FileQuestion, Trash2, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { ProblemText } from '../languages/problem';
import type { Problem } from '../languages/problem-text';
import { useTranslation } from '../languages/use-translation';
import { Ownership } from './ownership';
import type { Absence } from '../comparisons/absence';
import type { Address } from '../comparisons/address';
import { problemOf, useStudioClient } from '../client/client';
import { changeLocal } from '../comparisons/local-comparisons';
import { mainAction, NothingHere, WaysOn } from '../controls/nothing-here';

/** In place of a comparison that its address names and that cannot be shown. */
export function MissingComparison({ address: { where, id }, absence }: { address: Address; absence: Absence }) {
  const { t } = useTranslation();
  const client = useStudioClient();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const owner = useQuery({ queryKey: ['owner'], queryFn: () => client.owner.info.query() });
  const showAgain = () => window.location.reload();
  const restore = async () => {
    setProblem(undefined);
    setBusy(true);
    try {
      if (where === 'browser') await changeLocal(id, { deletedAt: undefined });
      else await client.history.restore.mutate({ ids: [id] });
      showAgain();
    } catch (error) {
      setProblem(problemOf(error));
      setBusy(false);
    }
  };
  if (absence === 'deleted')
    return (
      <NothingHere
        icon={Trash2}
        title={t('This comparison is deleted')}
        actions={
          <>
            <button type="button" className={mainAction} disabled={busy} onClick={() => void restore()}>
              <Undo2 size={15} aria-hidden /> {t('Bring it back')}
            </button>
            <WaysOn />
          </>
        }
      >
        <p>{t('You deleted it. For a week from then it can be brought back, as it was.')}</p>
        {problem && (
          <p className="text-danger">
            <ProblemText of={problem} />
          </p>
        )}
      </NothingHere>
    );
  if (where === 'browser')
    return (
      <NothingHere icon={FileQuestion} title={t('This comparison is not in this browser')} actions={<WaysOn />}>
        <p>
          {t(
            'Its lanes ran in a browser, so only that browser keeps it, and it was never sent anywhere. Here there is none of this address: it is another browser, its storage was cleared, or the address is not whole.',
          )}
        </p>
        <p>
          {t(
            'Open the address in the browser that made it. To show it to others, or to have it here, export it there and import the file under History.',
          )}
        </p>
      </NothingHere>
    );
  return (
    <NothingHere
      icon={FileQuestion}
      title={t('There is no such comparison for you')}
      actions={
        <>
          <WaysOn />
          {owner.data?.kind === 'browser' && <Ownership label={t('Restore an ownership key')} onRestored={showAgain} />}
        </>
      }
    >
      <p>
        {owner.data?.kind === 'browser'
          ? t('The address is not whole, the comparison was deleted for good, or it belongs to another browser.')
          : t(
              'The address is not whole, the comparison was deleted for good, or it is in the database of another studio.',
            )}
      </p>
      {owner.data?.kind === 'browser' ? (
        <p>
          {t(
            'In this studio each browser sees its own comparisons alone. If it is yours, restore your ownership key here, and it opens. If somebody sent you the address, ask for a link from Share: that one shows it to anybody.',
          )}
        </p>
      ) : (
        <p>
          {t(
            'Look for it in the history. If somebody sent you the address, ask for the comparison as a file from Share or Export: the JSON can be imported under History.',
          )}
        </p>
      )}
    </NothingHere>
  );
}
