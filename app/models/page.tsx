import type { Metadata } from 'next';
import { Models } from '../components/models/models';

export const metadata: Metadata = { title: 'Models · Caption Studio' };

export default function Page() {
  return <Models />;
}
