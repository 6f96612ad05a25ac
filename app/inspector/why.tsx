import type { ReactNode } from 'react';
import { decoderWords } from '@/models/decoders/words';
import type { Insight } from '@/models/events';
import { useNumbers } from '../languages/numbers';
import { Sentence } from '../languages/sentence';
import { useTranslation } from '../languages/use-translation';
import { insightOf, isFinal, type LaneFilm } from '../views/film';
import { noInsight } from '../views/looks';
import { HeatMaps } from './heat-maps';

type Props = {
  lane: LaneFilm;
  picture?: string;
  word?: number;
  onWord: (at: number) => void;
  /** How the decoder works, where the page says it otherwise than its words do. */
  method?: ReactNode;
  /** Turns the lane's option on and runs it again. */
  onTell?: () => void;
};

/** How the lane's decoder works and what lies behind this caption, each decoder in its own way. */
export function Why({ lane, picture, word, onWord, method, onTell }: Props) {
  const { t } = useTranslation();
  const memory = insightOf(lane, 'memory');
  const modality = insightOf(lane, 'modality');
  const samples = insightOf(lane, 'noisy-samples');
  const prefix = insightOf(lane, 'prefix');
  const attention = insightOf(lane, 'attention');
  const none = noInsight(lane.decoder);
  const nothing = !memory && !modality && !prefix && !attention;
  return (
    <div className="v-stack">
      <div className="v-method">{method ?? <Method decoder={lane.decoder} />}</div>
      {none !== undefined && <p className="v-note">{t(none)}</p>}
      {none === undefined && nothing && <Untold lane={lane} onTell={onTell} />}
      {attention && <HeatMaps lane={lane} attention={attention} picture={picture} word={word} onWord={onWord} />}
      {memory && <Memory memory={memory} />}
      {modality && <Modality modality={modality} />}
      {samples && <Samples samples={samples} />}
      {prefix && <Prefix prefix={prefix} />}
      {none === undefined && !nothing && lane.options.insight === false && <Untold lane={lane} onTell={onTell} />}
    </div>
  );
}

/** A decoder's method in its own words. */
export function Method({ decoder }: { decoder: string }) {
  const { t } = useTranslation();
  const words = decoderWords.find(({ name }) => name === decoder);
  if (!words) return null;
  return (
    <p>
      {t(words.idea)} {t('Trained on {{what}}.', { what: t(words.trainedOn) })}
    </p>
  );
}

function Untold({ lane, onTell }: Pick<Props, 'lane' | 'onTell'>) {
  const { t } = useTranslation();
  if (!isFinal(lane.status)) return <p className="v-note">{t('Told once the caption is whole.')}</p>;
  if (lane.status !== 'done') return <p className="v-note">{t('Without a whole caption nothing lies behind it.')}</p>;
  return (
    <div className="v-ask">
      <p className="v-note">
        {t('What lies behind the caption was not recorded: the lane’s option insight was off when it ran.')}
      </p>
      {onTell && (
        <button type="button" className="v-button" onClick={onTell}>
          {t('Turn it on and run the lane again')}
        </button>
      )}
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
    <dl className="v-pairs v-pairs-long">
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
    <table className="v-table v-prefix">
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
          <th scope="col">{t('nearest words')}</th>
        </tr>
      </thead>
      <tbody>
        {slots.map(({ norm, words }, i) => (
          <tr key={i}>
            <th scope="row" className="v-number">
              {i + 1}
            </th>
            <td className="v-number">{decimals(norm, 2)}</td>
            <td lang="en">
              {words.map(({ id, text, cosine }) => (
                <span key={id} className="v-near">
                  {text.trim()} <span className="v-numbers v-quiet">{decimals(cosine, 2)}</span>{' '}
                </span>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
