import { notFound } from 'next/navigation';
import { id } from '@/kept/fields';
import { Studio } from '../../studio/studio';

/** A comparison at its own address: shown again from the database, or joined while it runs. */
export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const named = id.safeParse((await params).id);
  if (!named.success) notFound();
  return <Studio opened={{ where: 'server', id: named.data }} />;
}
