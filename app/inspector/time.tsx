import { msg } from '../languages/msg';
import { useNumbers } from '../languages/numbers';
import { useTranslation } from '../languages/use-translation';
import { type LaneFilm, tokensPerSecond } from '../views/film';
import { LaneName } from '../views/lane-mark';
import { decoderLook } from '../views/looks';

/** What a stage is, in words. */
const stages: Record<string, string> = {
  encode: msg('image tower over its own cut of the photo'),
  prefill: msg('first run over the prompt'),
  step: msg('one run a token for all beams'),
  score: msg('text tower over candidates and results'),
  map: msg('mapper: embedding to prefix'),
  pool: msg('image tokens and their keys'),
  rank: msg('contrastive half over finished captions'),
  trace: msg('explains: cosine of the growing caption'),
  insight: msg('explains: insight and noisy samples'),
  other: msg('other'),
};
const explains = (stage: string) => stage === 'trace' || stage === 'insight';

/** A lane's own time on its device by stage and what memory it holds; beside it the time of all others. */
export function Time({ lane, lanes, encodeMs }: { lane: LaneFilm; lanes: readonly LaneFilm[]; encodeMs?: number }) {
  const { t } = useTranslation();
  const { fixed, milliseconds } = useNumbers();
  const done = lanes.filter(({ result }) => result);
  const whole = ({ result }: LaneFilm) =>
    result?.stages?.reduce((sum, { deviceMs }) => sum + deviceMs, 0) ?? result?.deviceMs ?? 0;
  const most = Math.max(1, ...done.map(whole));
  return (
    <div className="v-stack">
      <p className="v-note">
        {t('A lane’s own work on its device, not the wall clock that it shares.')}{' '}
        {encodeMs ? t('The image was encoded once for all lanes in {{time}}.', { time: milliseconds(encodeMs) }) : ''}
      </p>
      {done.length > 0 && (
        <table className="v-table v-times">
          <caption className="v-hidden">{t('Time of each lane')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('lane')}</th>
              <th scope="col" className="v-number" title={t('Without what only explains')}>
                {t('device')}
              </th>
              <th scope="col" className="v-number" title={t('Tokens of the caption a second of device time')}>
                {t('tok/s')}
              </th>
            </tr>
          </thead>
          <tbody>
            {done.map((each) => (
              <tr key={each.id} aria-current={each.id === lane.id ? 'true' : undefined}>
                <th scope="row">
                  <LaneName lane={each} />
                  <span
                    className="v-stages"
                    style={{ '--hue': decoderLook(each.decoder).color } as React.CSSProperties}
                    aria-hidden
                  >
                    {each.result!.stages?.map(({ stage, deviceMs }, i) => (
                      <span
                        key={stage}
                        style={{
                          width: `${(100 * deviceMs) / most}%`,
                          opacity: explains(stage) ? 0.25 : i % 2 ? 0.65 : 1,
                        }}
                      />
                    ))}
                  </span>
                </th>
                <td className="v-number">{milliseconds(each.result!.deviceMs)}</td>
                <td className="v-number">{fixed(tokensPerSecond(each.result!), 0)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {lane.result ? (
        <OfLane lane={lane} />
      ) : (
        <p className="v-note">{t('Of this lane the times are told once its caption is whole.')}</p>
      )}
    </div>
  );
}

function OfLane({ lane }: { lane: LaneFilm }) {
  const { t } = useTranslation();
  const { bytes, milliseconds } = useNumbers();
  const result = lane.result!;
  const { memory } = result;
  const facts: [name: string, value: string, help: string][] = [
    [t('first'), milliseconds(result.firstTokenMs), t("Wall clock from the lane's start to its first token")],
    [t('wall'), milliseconds(result.ms), t('Wall clock from start to end')],
    [t('runs'), String(result.counters.modelRuns), t('Runs of its language model')],
    [
      t('graphs'),
      memory ? bytes(memory.graphs) : '–',
      t('Graphs that the lane runs, weights included; shared graphs are in memory once'),
    ],
    [
      t('host'),
      memory?.host ? bytes(memory.host) : t('not told'),
      t("Resident memory of the server's process, or the heap of the browser's worker, when the lane ended"),
    ],
    ...(lane.device
      ? [
          [t('device'), [lane.device.name, lane.device.adapter].filter(Boolean).join(', '), t('Where it ran')] as [
            string,
            string,
            string,
          ],
        ]
      : []),
  ];
  return (
    <section className="v-stack">
      <h3>
        <LaneName lane={lane} />
      </h3>
      <dl className="v-pairs">
        {facts.map(([name, value, help]) => (
          <div key={name} title={help}>
            <dt>{name}</dt>
            <dd className="v-numbers">{value}</dd>
          </div>
        ))}
      </dl>
      <table className="v-table v-stage-table">
        <caption>{t('By stage')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('stage')}</th>
            <th scope="col" className="v-number">
              {t('device')}
            </th>
            <th scope="col" className="v-number">
              {t('runs')}
            </th>
          </tr>
        </thead>
        <tbody>
          {(result.stages ?? []).map(({ stage, deviceMs, runs }) => (
            <tr key={stage}>
              <th scope="row">
                {stage}
                {stages[stage] && <span className="v-note"> {t(stages[stage])}</span>}
              </th>
              <td className="v-number">{milliseconds(deviceMs)}</td>
              <td className="v-number">{runs}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
