import { Group } from '@visx/group';
import { LinkHorizontal } from '@visx/shape';
import { useTranslation } from '../languages/use-translation';
import type { BeamColumn, BeamNode } from './beam-graph';

const row = 22;
const top = 24;
/** Between what was kept and what was dropped. */
const gap = 14;

/** A candidate: its step, and its place among those of the step. */
export type Chosen = { step: number; place: number };

type Props = {
  columns: readonly BeamColumn[];
  width: number;
  hue: string;
  at: number;
  place: number;
  onChoose: (chosen: Chosen) => void;
};

/** The drawing: a column a step, above what was kept, below what was dropped. */
export function Tree({ columns, width, hue, at, place, onChoose }: Props) {
  const { t } = useTranslation();
  const beams = Math.max(...columns.map(({ kept }) => kept.length));
  const rest = Math.max(...columns.map(({ dropped }) => dropped.length));
  const height = top + beams * row + (rest ? gap + rest * row : 0) + 6;
  const y = (kept: boolean, i: number) => top + (kept ? i * row : beams * row + gap + i * row) + row / 2;
  // The way from the first step to the chosen one.
  const chosenWay = new Set<string>();
  for (
    let s = at,
      node: BeamNode | undefined = [...columns[at]!.kept, ...columns[at]!.dropped][place],
      key = `${s}:${place}`;
    node;
  ) {
    chosenWay.add(key);
    if (node.parent === undefined || s === 0) break;
    s -= 1;
    key = `${s}:${node.parent}`;
    node = columns[s]!.kept[node.parent];
  }
  const letters = Math.floor((width - 32) / 7.4);
  return (
    <svg
      width={columns.length * width + 20}
      height={height}
      aria-hidden
      style={{ '--hue': hue } as React.CSSProperties}
    >
      <rect x={at * width} y={0} width={width} height={height} className="v-tree-chosen" />
      {rest > 0 && (
        <line
          x1={0}
          x2={columns.length * width + 20}
          y1={top + beams * row + gap / 2}
          y2={top + beams * row + gap / 2}
          className="v-axis"
          strokeDasharray="2 4"
        />
      )}
      {/* Links lie under all words. */}
      {columns.map(({ kept, dropped }, s) =>
        [...kept, ...dropped].map(
          (node, i) =>
            node.parent !== undefined && (
              <LinkHorizontal
                key={`${s}:${i}`}
                data={{
                  source: { x: (s - 1) * width + 18, y: y(true, node.parent) },
                  target: { x: s * width + 7, y: y(i < kept.length, i < kept.length ? i : i - kept.length) },
                }}
                x={(d: Point) => d.x}
                y={(d: Point) => d.y}
                className={`v-tree-link v-tree-link-${node.fate}${chosenWay.has(`${s}:${i}`) ? ' v-tree-link-on' : ''}`}
              />
            ),
        ),
      )}
      {columns.map(({ kept, dropped }, s) => (
        <Group key={s} left={s * width}>
          <rect width={width} height={height} fill="transparent" onClick={() => onChoose({ step: s, place: 0 })} />
          <text x={8} y={14} className="v-tree-step">
            {s + 1}
          </text>
          {[...kept, ...dropped].map((node, i) => {
            const here = y(i < kept.length, i < kept.length ? i : i - kept.length);
            const text =
              node.text.trim() || (node.fate === 'ended' || node.fate === 'won' || node.text === '' ? t('end') : '␣');
            return (
              <Group
                key={i}
                onClick={() => onChoose({ step: s, place: i })}
                className="v-tree-node"
                data-fate={node.fate}
              >
                <rect x={2} y={here - row / 2} width={width - 4} height={row} fill="transparent" />
                {s === at && i === place && <circle cx={12} cy={here} r={8.5} className="v-tree-here" />}
                <Sign fate={node.fate} x={12} y={here} />
                <text x={23} y={here + 4} className={`v-tree-word v-tree-word-${node.fate}`}>
                  {text.length > letters ? `${text.slice(0, letters - 1)}…` : text}
                </text>
              </Group>
            );
          })}
        </Group>
      ))}
    </svg>
  );
}

type Point = { x: number; y: number };

/** Each fate has a shape of its own, so that no colour is needed to tell them apart. */
export function Sign({ fate, x, y }: { fate: BeamNode['fate']; x: number; y: number }) {
  if (fate === 'won') return <circle cx={x} cy={y} r={5.5} className="v-node-won" />;
  if (fate === 'kept') return <circle cx={x} cy={y} r={4} className="v-node-kept" />;
  if (fate === 'died') return <circle cx={x} cy={y} r={4} className="v-node-died" />;
  if (fate === 'ended') return <rect x={x - 4} y={y - 4} width={8} height={8} className="v-node-ended" />;
  return <path d={`M${x - 3} ${y - 3}l6 6m0-6l-6 6`} className="v-node-dropped" />;
}
