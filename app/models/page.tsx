import type { Metadata } from 'next';
import { requestTranslate } from '../languages/request';
import { Models } from './models';

export async function generateMetadata(): Promise<Metadata> {
  const t = await requestTranslate();
  return { title: `${t('Models')} · Caption Studio` };
}

export default function Page() {
  return <Models />;
}
