import type { Metadata } from 'next';
import { requestTranslate } from '../languages/request';
import { Programs } from './programs';

export async function generateMetadata(): Promise<Metadata> {
  const t = await requestTranslate();
  return { title: `${t('For programs')} · Caption Studio` };
}

export default function Page() {
  return <Programs />;
}
