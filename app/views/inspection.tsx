import { type ComponentProps, useState } from 'react';
import { useTranslation } from '../languages/use-translation';
import { laneTitle } from './looks';
import { Panels } from './panels';
import { Sheet } from './sheet';
import { useNarrow } from './use-narrow';

/** How the captions came to be: panels below the lanes, or on a narrow screen a sheet that comes from below. */
export function Inspection(looked: Omit<ComponentProps<typeof Panels>, 'tab' | 'onTab'>) {
  const { t } = useTranslation();
  const narrow = useNarrow();
  // Stays when the window is made narrow or wide, and when the sheet is opened again.
  const [tab, setTab] = useState('tokens');
  const props = { ...looked, tab, onTab: setTab };
  const [open, setOpen] = useState(false);
  const lane = props.lanes.find(({ id }) => id === props.focus) ?? props.lanes[0];
  if (!lane) return null;
  if (!narrow) return <Panels {...props} />;
  return (
    <>
      <div className="v-sheet-bar">
        <button type="button" aria-haspopup="dialog" className="v-sheet-open" onClick={() => setOpen(true)}>
          {t('Look inside {{lane}}', { lane: laneTitle(lane) })}
        </button>
      </div>
      {open && (
        <Sheet title={t('How the captions came to be')} onClose={() => setOpen(false)}>
          <Panels {...props} />
        </Sheet>
      )}
    </>
  );
}
