import { Studio } from '../../components/studio';

/** A comparison that is kept in the visitor's own browser; the server only sends the page. */
export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <Studio localId={(await params).id} />;
}
