'use client';
import { Header } from '../../frame/header';
import { MissingComparison } from '../../history/missing-comparison';
import { useTranslation } from '../../languages/use-translation';

/** For an address that cannot be one of a comparison: it is answered with 404. */
export default function NotFound() {
  const { t } = useTranslation();
  return (
    <div className="min-h-dvh">
      <Header device="" comparison={false} skip={{ to: '#lanes', what: t('Skip to the message') }} />
      <div id="lanes" tabIndex={-1}>
        <MissingComparison address={{ where: 'server', id: '' }} absence="unknown" />
      </div>
    </div>
  );
}
