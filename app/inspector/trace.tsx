import { AxisBottom, AxisLeft } from '@visx/axis';
import { GridRows } from '@visx/grid';
import { Group } from '@visx/group';
import { scaleLinear } from '@visx/scale';
import { LinePath } from '@visx/shape';
import { useRef, useState } from 'react';
import { useNumbers } from '../languages/numbers';
import { msg } from '../languages/msg';
import { useTranslation } from '../languages/use-translation';
import { type LaneFilm, shownTokens } from '../views/film';
import { LaneName } from '../views/lane-mark';
import { decoderLook, laneTitle } from '../views/looks';
import { useWidth } from './use-width';

const measures = {
  cosine: {
    title: msg('cosine to the input'),
    help: msg('Cosine of the caption so far and the input, in the joint space: how well the words fit as they come.'),
  },
  logProb: {
    title: msg('log-probability'),
    help: msg('Natural-log probability of each token by the lane’s own language model.'),
  },
  entropy: { title: msg('entropy'), help: msg('How undecided the model was before each token, in nats.') },
} as const;
type Measure = keyof typeof measures;

/** Around the lines, and how high all is; as wide as its place. */
const size = { height: 220, left: 42, right: 22, top: 12, bottom: 40 };

/** A number for each token of each lane's caption as it grew. */
function values(lane: LaneFilm, measure: Measure): (number | undefined)[] {
  const last = lane.steps.at(-1);
  if (last?.whole && !lane.result)
    return lane.steps.map((step) => (measure === 'cosine' ? step.similarity : undefined));
  return shownTokens(lane).map((token) =>
    measure === 'cosine' ? token.similarity : measure === 'logProb' ? token.logProb : token.entropy,
  );
}

type Props = {
  /** The lane that is looked into: its line is the strong one. */ lane: LaneFilm;
  lanes: readonly LaneFilm[];
  /** Its word that is looked into, marked by a line. */ word?: number;
  /** Turns its cosine trace on and runs it again. */ onTell?: () => void;
};

/** The trace of cosine, log-probability or entropy over the tokens, every lane in its hue and with its letter. */
export function Trace({ lane: chosen, lanes, word, onTell }: Props) {
  const { t } = useTranslation();
  const { decimals } = useNumbers();
  const [measure, setMeasure] = useState<Measure>('cosine');
  const place = useRef<HTMLElement>(null);
  const width = useWidth(place, 326);
  const lines = lanes
    .map((lane) => ({
      lane,
      points: values(lane, measure).flatMap((y, x) => (y === undefined ? [] : [{ x: x + 1, y }])),
    }))
    .filter(({ points }) => points.length);
  // The strong one lies above the others.
  const ordered = [...lines].sort((a, b) => Number(a.lane.id === chosen.id) - Number(b.lane.id === chosen.id));
  const own = lines.some(({ lane }) => lane.id === chosen.id) ? values(chosen, measure) : undefined;
  const all = lines.flatMap(({ points }) => points);
  const innerWidth = width - size.left - size.right;
  const innerHeight = size.height - size.top - size.bottom;
  const x = scaleLinear<number>({ domain: [1, Math.max(2, ...all.map((point) => point.x))], range: [0, innerWidth] });
  const [low, high] = all.length ? [Math.min(...all.map(({ y }) => y)), Math.max(...all.map(({ y }) => y))] : [0, 1];
  const y = scaleLinear<number>({
    domain: [Math.min(low, 0), Math.max(high, measure === 'cosine' ? 0.1 : 0)],
    range: [innerHeight, 0],
    nice: true,
  });
  const tick = { className: 'v-axis-text' };
  return (
    <figure className="v-stack" ref={place}>
      <div className="v-segments" role="group" aria-label={t('What is drawn')}>
        {(Object.keys(measures) as Measure[]).map((name) => (
          <button key={name} type="button" aria-pressed={measure === name} onClick={() => setMeasure(name)}>
            {t(measures[name].title)}
          </button>
        ))}
      </div>
      {lines.length ? (
        <svg
          viewBox={`0 0 ${width} ${size.height}`}
          className="v-chart"
          role="img"
          aria-label={t('{{measure}} by token. {{ends}}.', {
            measure: t(measures[measure].title),
            ends: lines
              .map(({ lane, points }) =>
                t('{{lane}} ends at {{number}}', { lane: laneTitle(lane), number: decimals(points.at(-1)!.y, 2) }),
              )
              .join('; '),
          })}
        >
          <Group left={size.left} top={size.top}>
            <GridRows scale={y} width={innerWidth} numTicks={5} className="v-grid" />
            {word !== undefined && own?.[word] !== undefined && (
              <line x1={x(word + 1)} x2={x(word + 1)} y1={0} y2={innerHeight} className="v-trace-word" />
            )}
            {ordered.map(({ lane, points }) => {
              const { color, letter } = decoderLook(lane.decoder);
              const end = points.at(-1)!;
              const strong = lane.id === chosen.id;
              return (
                <g key={lane.id} opacity={strong ? 1 : 0.55}>
                  <LinePath
                    data={points}
                    x={(point) => x(point.x)}
                    y={(point) => y(point.y)}
                    stroke={color}
                    strokeWidth={strong ? 2.5 : 1.5}
                  />
                  {points.map((point) => (
                    <circle key={point.x} cx={x(point.x)} cy={y(point.y)} r={strong ? 3 : 2} fill={color} />
                  ))}
                  <text x={x(end.x) + 6} y={y(end.y) + 4} fill={color} className="v-chart-letter">
                    {letter}
                  </text>
                </g>
              );
            })}
            <AxisLeft
              scale={y}
              numTicks={5}
              tickLabelProps={tick}
              axisLineClassName="v-axis"
              tickClassName="v-axis"
              tickFormat={(v) => decimals(Number(v), measure === 'cosine' ? 2 : 1)}
            />
            <AxisBottom
              top={innerHeight}
              scale={x}
              numTicks={Math.min(width > 480 ? 12 : 7, Math.max(2, ...all.map((point) => point.x)))}
              tickLabelProps={tick}
              axisLineClassName="v-axis"
              tickClassName="v-axis"
              tickFormat={(v) => (Number.isInteger(Number(v)) ? String(v) : '')}
              label={t('token')}
              labelProps={{ className: 'v-axis-text' }}
            />
          </Group>
        </svg>
      ) : (
        <p className="v-note v-chart-empty">{t('Nothing to draw yet.')}</p>
      )}
      {measure === 'cosine' && !own && chosen.status === 'done' && (
        <div className="v-ask">
          <p className="v-note">
            {t('{{lane}} has no cosines: its option cosineTrace was off when it ran.', { lane: laneTitle(chosen) })}
          </p>
          {onTell && (
            <button type="button" className="v-button" onClick={onTell}>
              {t('Turn it on and run the lane again')}
            </button>
          )}
        </div>
      )}
      <figcaption className="v-note">
        {t(measures[measure].help)}{' '}
        <span className="v-legend">
          {lines.map(({ lane }) => (
            <LaneName key={lane.id} lane={lane} />
          ))}
        </span>
      </figcaption>
    </figure>
  );
}
