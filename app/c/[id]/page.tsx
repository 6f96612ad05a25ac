import { Studio } from '../../components/studio';

/** A comparison at its own address: shown again from the database, or joined while it runs. */
export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <Studio serverId={(await params).id} />;
}
