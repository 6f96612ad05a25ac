import { Dialog } from 'radix-ui';
import type { ComponentProps } from 'react';
import { laneTitle } from './looks';
import { Panels } from './panels';
import { useNarrow } from './use-narrow';

/**
 * How the captions came to be: panels below the lanes, or on a narrow screen a sheet that comes from below. The sheet keeps the focus
 * inside, closes by its button, Escape or a tap beside it, and gives the focus back.
 */
export function Inspection(props: ComponentProps<typeof Panels>) {
  const narrow = useNarrow();
  const lane = props.lanes.find(({ id }) => id === props.focus) ?? props.lanes[0];
  if (!lane) return null;
  if (!narrow) return <Panels {...props} />;
  return (
    <Dialog.Root>
      <div className="v-sheet-bar">
        <Dialog.Trigger className="v-sheet-open">Look inside {laneTitle(lane)}</Dialog.Trigger>
      </div>
      <Dialog.Portal>
        <Dialog.Overlay className="v-sheet-shade" />
        <Dialog.Content className="v-sheet" aria-describedby={undefined}>
          <header>
            <Dialog.Title>How the captions came to be</Dialog.Title>
            <Dialog.Close className="v-sheet-close">Close</Dialog.Close>
          </header>
          <Panels {...props} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
