import type { Metadata } from 'next';
import { requestTranslate } from '../languages/request';
import { HistoryView } from './history-view';

export async function generateMetadata(): Promise<Metadata> {
  const t = await requestTranslate();
  return { title: `${t('History')} · Caption Studio` };
}

/** Everything that was compared and kept, on the server and in this browser. */
export default function Page() {
  return <HistoryView />;
}
