import type { Metadata } from 'next';
import { SharedView } from './shared-view';

export const metadata: Metadata = { title: 'Shared comparison · Caption Studio', robots: { index: false, follow: false } };

/** A comparison as whoever has its link sees it. */
export default async function Page({ params }: { params: Promise<{ token: string }> }) {
  return <SharedView token={(await params).token} />;
}
