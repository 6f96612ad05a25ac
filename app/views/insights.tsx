import type { Insight } from '@/models/events';
import { useNumbers } from '../languages/numbers';
import { Sentence } from '../languages/sentence';
import { useTranslation } from '../languages/use-translation';
import { insightOf, type LaneFilm } from './film';
import { HeatMap } from './heat-map';
import { decoderLook, noInsight } from './looks';

/** What lies behind a lane's caption, each decoder in its own way. */
export function Insights({ lane, picture }: { lane: LaneFilm; picture?: string }) {
  const { t } = useTranslation();
  const memory = insightOf(lane, 'memory');
  const modality = insightOf(lane, 'modality');
  const samples = insightOf(lane, 'noisy-samples');
  const prefix = insightOf(lane, 'prefix');
  const attention = insightOf(lane, 'attention');
  const none = noInsight(lane.decoder);
  if (none !== undefined) return <p className="v-note">{t(none)}</p>;
  if (!memory && !modality && !prefix && !attention)
    return (
      <p className="v-note">
        {lane.status === 'done'
          ? t('Nothing was recorded. Turn the lane’s option insight on and run it again.')
          : t('Told once the caption is whole.')}
      </p>
    );
  return (
    <div className="v-stack" style={{ '--hue': decoderLook(lane.decoder).color } as React.CSSProperties}>
      {memory && <Memory memory={memory} />}
      {modality && <Modality modality={modality} />}
      {samples && <Samples samples={samples} />}
      {attention && <HeatMap lane={lane} attention={attention} picture={picture} />}
      {prefix && <Prefix prefix={prefix} />}
    </div>
  );
}

function Memory({
  memory: { tau, rows, moved, effectiveRows, sentences },
}: {
  memory: Extract<Insight, { kind: 'memory' }>;
}) {
  const { t } = useTranslation();
  const { decimals, exact, percent, whole } = useNumbers();
  const most = Math.max(...sentences.map(({ weight }) => weight));
  return (
    <section className="v-stack">
      <p>
        <Sentence
          says="The projection moved the embedding to cosine <b>{{moved}}</b> of where it was."
          values={{ moved: decimals(moved, 3) }}
          parts={{ b: <b className="v-numbers" /> }}
        />{' '}
        {effectiveRows < 1.5
          ? t('At τ {{tau}}, one sentence does the work, of {{rows}}.', { tau: exact(tau), rows: whole(rows) })
          : t('At τ {{tau}}, about {{some}} sentences share the work, of {{rows}}.', {
              tau: exact(tau),
              some: Math.round(effectiveRows),
              rows: whole(rows),
            })}
      </p>
      <table className="v-table">
        <caption>{t('Sentences of the memory with the greatest weights')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('sentence')}</th>
            <th scope="col" className="v-number">
              {t('weight')}
            </th>
            <th scope="col" className="v-number" title={t('Cosine of the sentence and the image embedding')}>
              {t('cos')}
            </th>
          </tr>
        </thead>
        <tbody>
          {sentences.map(({ text, weight, cosine }) => (
            <tr key={text}>
              <td className="v-barred">
                <span className="v-bar" style={{ width: `${(100 * weight) / most}%` }} aria-hidden />
                <span lang="en">{text}</span>
              </td>
              <td className="v-number">{percent(weight)}</td>
              <td className="v-number">{decimals(cosine, 3)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Modality({
  modality: { noiseVariance, trainedVariance, offsetNorm, offsetUsed, moved },
}: {
  modality: Extract<Insight, { kind: 'modality' }>;
}) {
  const { t } = useTranslation();
  const { decimals, exact } = useNumbers();
  return (
    <dl className="v-facts">
      <div>
        <dt>{t('noise of the training')}</dt>
        <dd>
          {trainedVariance === undefined
            ? t('not told by the family')
            : t('variance {{variance}}', { variance: exact(trainedVariance) })}
        </dd>
      </div>
      <div>
        <dt>{t('noise of this run')}</dt>
        <dd>{noiseVariance ? t('variance {{variance}}', { variance: exact(noiseVariance) }) : t('none')}</dd>
      </div>
      <div>
        <dt>{t('modality offset')}</dt>
        <dd>
          {t('length {{length}}', { length: decimals(offsetNorm, 3) })},{' '}
          {offsetUsed ? t('subtracted from the image') : t('not used')}
        </dd>
      </div>
      <div>
        <dt>{t('cosine before and after')}</dt>
        <dd>{decimals(moved, 3)}</dd>
      </div>
    </dl>
  );
}

function Samples({ samples: { variance, samples } }: { samples: Extract<Insight, { kind: 'noisy-samples' }> }) {
  const { t } = useTranslation();
  const { decimals, exact } = useNumbers();
  return (
    <table className="v-table">
      <caption>
        {t('The same search on noisy copies of the input (variance {{variance}})', { variance: exact(variance) })}
      </caption>
      <thead>
        <tr>
          <th scope="col" className="v-number">
            {t('seed')}
          </th>
          <th scope="col">{t('caption')}</th>
          <th scope="col" className="v-number" title={t('Cosine of the noisy and the clean input')}>
            {t('kept', { context: 'cosine' })}
          </th>
          <th scope="col" className="v-number" title={t('Cosine of the caption and the input')}>
            {t('cos')}
          </th>
        </tr>
      </thead>
      <tbody>
        {samples.map(({ seed, caption, moved, similarity }) => (
          <tr key={seed}>
            <td className="v-number">{seed}</td>
            <td lang="en">{caption}</td>
            <td className="v-number">{decimals(moved, 2)}</td>
            <td className="v-number">{decimals(similarity, 2)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Prefix({ prefix: { slots } }: { prefix: Extract<Insight, { kind: 'prefix' }> }) {
  const { t } = useTranslation();
  const { decimals } = useNumbers();
  return (
    <div className="v-scroll" tabIndex={0} role="region" aria-label={t('The prefix as nearest words')}>
      <table className="v-table">
        <caption>
          {t(
            'The prefix read as nearest words of the token table, with their cosine. A reading aid: slots lie between the words that they steer.',
          )}
        </caption>
        <thead>
          <tr>
            <th scope="col" className="v-number">
              {t('slot')}
            </th>
            <th scope="col" className="v-number">
              {t('norm')}
            </th>
            <th scope="col" colSpan={slots[0]?.words.length ?? 1}>
              {t('nearest words')}
            </th>
          </tr>
        </thead>
        <tbody>
          {slots.map(({ norm, words }, i) => (
            <tr key={i}>
              <th scope="row" className="v-number">
                {i + 1}
              </th>
              <td className="v-number">{decimals(norm, 2)}</td>
              {words.map(({ id, text, cosine }) => (
                <td key={id} lang="en">
                  {text.trim()} <span className="v-numbers">{decimals(cosine, 2)}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
