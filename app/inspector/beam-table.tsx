import type { BeamState, DroppedBeam } from '@/models/events';
import { msg } from '../languages/msg';
import { useNumbers } from '../languages/numbers';
import { useTranslation } from '../languages/use-translation';
import type { Step } from '../views/film';

/**
 * Kept and dropped continuations of a step with the language model's score and, where the search asked for it, the
 * joint embedding's.
 */
export function BeamTable({ step, number, whole }: { step: Step; number: number; whole: boolean }) {
  const { t } = useTranslation();
  const { fixed, decimals } = useNumbers();
  const dropped = step.dropped ?? [];
  const cosines = [...step.beams, ...dropped].some(({ similarity }) => similarity !== undefined);
  const line = (beam: BeamState | DroppedBeam, fate: string, key: string) => (
    <tr key={key} className={fate === 'dropped' ? 'v-dropped' : undefined}>
      <th scope="row" lang={beam.text.trim() ? 'en' : undefined}>
        {beam.text.trim() || `■ ${t('end')}`}
      </th>
      <td>{t(fate)}</td>
      <td className="v-number">{decimals(beam.logProb, 2)}</td>
      {cosines && <td className="v-number">{decimals(beam.similarity, 3)}</td>}
      <td className="v-number">{decimals(beam.score, 3)}</td>
      {!whole && <td className="v-number">{beam.parent + 1}</td>}
    </tr>
  );
  return (
    <div className="v-scroll" tabIndex={0} role="region" aria-label={t('Candidates of step {{number}}', { number })}>
      <p className="v-note">
        {whole ? t('Round {{number}}:', { number }) : t('Step {{number}}:', { number })}{' '}
        {t('{{count}} weighed', { count: step.weighed ?? step.beams.length })},{' '}
        {t('{{count}} kept', { count: step.beams.length })}
        {dropped.length ? `, ${t('the best {{count}} of the dropped are listed', { count: dropped.length })}` : ''}.
        {step.deviceMs !== undefined
          ? ` ${t('{{time}} on the device.', { time: `${fixed(step.deviceMs, 1)} ms` })}`
          : ''}
      </p>
      <table className="v-table">
        <thead>
          <tr>
            <th scope="col">{whole ? t('caption') : t('token')}</th>
            <th scope="col">{t('fate')}</th>
            <th
              scope="col"
              className="v-number"
              title={t('Sum of the natural-log probabilities by the language model')}
            >
              {t('lp')}
            </th>
            {cosines && (
              <th
                scope="col"
                className="v-number"
                title={t('Cosine of its text and the input, by the joint embedding')}
              >
                {t('cos')}
              </th>
            )}
            <th scope="col" className="v-number" title={t('What the search ranks by')}>
              {t('score')}
            </th>
            {!whole && (
              <th scope="col" className="v-number" title={t('Beam of the step before that it grew from')}>
                {t('from')}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {step.beams.map((beam, i) =>
            line(
              beam,
              beam.finished && !whole ? msg('ended') : i === step.leader ? msg('leads') : msg('kept'),
              `k${i}`,
            ),
          )}
          {dropped.map((beam, i) => line(beam, msg('dropped'), `d${i}`))}
        </tbody>
      </table>
    </div>
  );
}
