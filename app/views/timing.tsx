import { scaleLinear } from '@visx/scale';
import { Bar } from '@visx/shape';
import { useNumbers } from '../languages/numbers';
import { msg } from '../languages/msg';
import { useTranslation } from '../languages/use-translation';
import { type LaneFilm, tokensPerSecond } from './film';
import { LaneName } from './lane-mark';
import { decoderLook } from './looks';

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
const width = 320;
const height = 14;

/** Each lane's own time on its device by stage, tokens a second and memory. */
export function Timing({ lanes, encodeMs }: { lanes: readonly LaneFilm[]; encodeMs?: number }) {
  const { t } = useTranslation();
  const { bytes, fixed, milliseconds } = useNumbers();
  const done = lanes.filter((lane) => lane.result);
  const most = Math.max(
    1,
    ...done.map(({ result }) => result!.stages?.reduce((sum, { deviceMs }) => sum + deviceMs, 0) ?? result!.deviceMs),
  );
  const x = scaleLinear<number>({ domain: [0, most], range: [0, width] });
  return (
    <div className="v-stack">
      <div className="v-scroll v-board" tabIndex={0} role="region" aria-label={t('Time and memory of each lane')}>
        <table className="v-table">
          <caption>
            <span className="v-table-said">
              {t('A lane’s own work on its device, not the wall clock that it shares.')}{' '}
              {encodeMs
                ? t('The image was encoded once for all lanes in {{time}}.', { time: milliseconds(encodeMs) })
                : ''}
            </span>
          </caption>
          <thead>
            <tr>
              <th scope="col">{t('lane')}</th>
              <th scope="col">{t('stages')}</th>
              <th scope="col" className="v-number" title={t('Without what only explains')}>
                {t('device')}
              </th>
              <th scope="col" className="v-number" title={t('Tokens of the caption a second of device time')}>
                {t('tok/s')}
              </th>
              <th scope="col" className="v-number" title={t("Wall clock from the lane's start to its first token")}>
                {t('first')}
              </th>
              <th scope="col" className="v-number" title={t('Wall clock from start to end')}>
                {t('wall')}
              </th>
              <th scope="col" className="v-number">
                {t('runs')}
              </th>
              <th
                scope="col"
                className="v-number"
                title={t('Graphs that the lane runs, weights included; shared graphs are in memory once')}
              >
                {t('graphs')}
              </th>
              <th
                scope="col"
                className="v-number"
                title={t(
                  "Resident memory of the server's process, or the heap of the browser's worker, when the lane ended",
                )}
              >
                {t('host')}
              </th>
            </tr>
          </thead>
          <tbody>
            {lanes.map((lane) => {
              const { result } = lane;
              let at = 0;
              return (
                <tr key={lane.id}>
                  <th scope="row">
                    <LaneName lane={lane} />
                  </th>
                  <td>
                    <svg
                      width={width}
                      height={height}
                      aria-hidden
                      className="v-stages"
                      style={{ color: decoderLook(lane.decoder).color }}
                    >
                      {result?.stages?.map(({ stage, deviceMs }, i) => {
                        const from = x(at);
                        at += deviceMs;
                        return (
                          <Bar
                            key={stage}
                            x={from}
                            y={0}
                            height={height}
                            width={Math.max(0.5, x(at) - from - 1)}
                            fill="currentColor"
                            opacity={explains(stage) ? 0.25 : i % 2 ? 0.65 : 1}
                          />
                        );
                      })}
                    </svg>
                  </td>
                  <td className="v-number">{result ? milliseconds(result.deviceMs) : '–'}</td>
                  <td className="v-number">{result ? fixed(tokensPerSecond(result), 0) : '–'}</td>
                  <td className="v-number">{result ? milliseconds(result.firstTokenMs) : '–'}</td>
                  <td className="v-number">{result ? milliseconds(result.ms) : '–'}</td>
                  <td className="v-number">{result?.counters.modelRuns ?? '–'}</td>
                  <td className="v-number">{result?.memory ? bytes(result.memory.graphs) : '–'}</td>
                  <td className="v-number">{result?.memory?.host ? bytes(result.memory.host) : t('not told')}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {done.map((lane) => (
        <details key={lane.id} className="v-details">
          <summary>
            <LaneName lane={lane} /> {t('by stage')}
          </summary>
          <table className="v-table">
            <thead>
              <tr>
                <th scope="col">{t('stage')}</th>
                <th scope="col" className="v-number">
                  {t('device')}
                </th>
                <th scope="col" className="v-number">
                  {t('runs')}
                </th>
                <th scope="col">{t('what it is')}</th>
              </tr>
            </thead>
            <tbody>
              {(lane.result!.stages ?? []).map(({ stage, deviceMs, runs }) => (
                <tr key={stage}>
                  <th scope="row">{stage}</th>
                  <td className="v-number">{milliseconds(deviceMs)}</td>
                  <td className="v-number">{runs}</td>
                  <td>{stages[stage] ? t(stages[stage]) : ''}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      ))}
    </div>
  );
}
