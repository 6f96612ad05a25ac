import type { Metadata } from 'next';
import { requestTranslate } from '../../languages/request';
import { SharedView } from './shared-view';

export async function generateMetadata(): Promise<Metadata> {
  const t = await requestTranslate();
  return { title: `${t('Shared comparison')} · Caption Studio`, robots: { index: false, follow: false } };
}

/** A comparison as whoever has its link sees it. */
export default async function Page({ params }: { params: Promise<{ token: string }> }) {
  return <SharedView token={(await params).token} />;
}
