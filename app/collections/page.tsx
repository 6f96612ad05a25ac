import type { Metadata } from 'next';
import { requestTranslate } from '../languages/request';
import { CollectionsView } from './collections-view';

export async function generateMetadata(): Promise<Metadata> {
  const t = await requestTranslate();
  return { title: `${t('Collections')} · Caption Studio` };
}

/** Folders, archives and tables that were captioned as a whole. */
export default function Page() {
  return <CollectionsView />;
}
