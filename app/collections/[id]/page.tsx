import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { id } from '@/kept/fields';
import { requestTranslate } from '../../languages/request';
import { CollectionView } from '../collection-view';

export async function generateMetadata(): Promise<Metadata> {
  const t = await requestTranslate();
  return { title: `${t('Collection')} · Caption Studio` };
}

/** A collection as a table: a row for each photo, a column for each lane. */
export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const named = id.safeParse((await params).id);
  if (!named.success) notFound();
  return <CollectionView id={named.data} />;
}
