import type { Metadata } from 'next';
import { HistoryView } from './history-view';

export const metadata: Metadata = { title: 'History · Caption Studio' };

/** Everything that was compared and kept, on the server and in this browser. */
export default function Page() {
  return <HistoryView />;
}
