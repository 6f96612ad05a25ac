import { type ComponentProps, useEffect, useRef, useState } from 'react';
import { laneTitle } from './looks';
import { Panels } from './panels';
import { useNarrow } from './use-narrow';

/**
 * How the captions came to be: panels below the lanes, or on a narrow screen a sheet that comes from below. The sheet is the browser's own
 * modal dialog: it keeps the focus inside, closes by its button, Escape or a tap beside it, and gives the focus back. (A library's dialog
 * would write a style element, which the policy of a shared file forbids.)
 */
export function Inspection(looked: Omit<ComponentProps<typeof Panels>, 'tab' | 'onTab'>) {
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
          Look inside {laneTitle(lane)}
        </button>
      </div>
      {open && <Sheet {...props} onClose={() => setOpen(false)} />}
    </>
  );
}

function Sheet({ onClose, ...props }: ComponentProps<typeof Panels> & { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      className="v-sheet"
      aria-labelledby="sheet-title"
      onClose={onClose}
      // Beside the sheet is the dialog's own backdrop.
      onClick={(event) => event.target === event.currentTarget && dialog.current?.close()}
      // Escape closes the sheet and stops nothing behind it.
      onKeyDown={(event) => event.key === 'Escape' && event.stopPropagation()}
    >
      <div className="v-sheet-inside">
        <header>
          <h2 id="sheet-title">How the captions came to be</h2>
          <button type="button" className="v-sheet-close" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </header>
        <Panels {...props} />
      </div>
    </dialog>
  );
}
