import { Group } from '@visx/group';
import { LinkHorizontal } from '@visx/shape';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useNumbers } from '../languages/numbers';
import type { Numbers } from '../languages/numbers';
import type { Translate } from '../languages/translator';
import { useTranslation } from '../languages/use-translation';
import { type BeamColumn, beamGraph, type BeamNode, fateText, treeText } from './beam-graph';
import { BeamTable } from './beam-table';
import type { LaneFilm } from './film';
import { decoderLook } from './looks';

const row = 22;
const top = 24;
/** Between what was kept and what was dropped. */
const gap = 14;
const fates = ['won', 'kept', 'died', 'ended', 'dropped'] as const;
const amounts = [0, 3, 5, 12] as const;

/**
 * The beams of a search as a tree, one column a step: above who was kept and from whom it grew, below the best of what
 * was dropped. The
 * arrow keys walk through steps (←/→) and candidates (↑/↓); under it the chosen one in words, and all of its step in
 * numbers.
 */
export function BeamTree({ lane }: { lane: LaneFilm }) {
  const { t } = useTranslation();
  const { decimals } = useNumbers();
  const passes = [...new Set(lane.steps.map(({ pass }) => pass ?? 0))];
  const whole = lane.steps.at(-1)?.whole === true;
  const [chosenPass, setPass] = useState<number>();
  const [chosen, setChosen] = useState<{ step: number; place: number }>();
  const [amount, setAmount] = useState<number>(5);
  const pass = chosenPass !== undefined && passes.includes(chosenPass) ? chosenPass : (passes.at(-1) ?? 0);
  const steps = useMemo(
    () => (whole ? lane.steps : lane.steps.filter((step) => (step.pass ?? 0) === pass)),
    [lane.steps, pass, whole],
  );
  const columns = useMemo(
    () =>
      beamGraph(steps, pass === 0 || passes.length === 1 ? lane.result : undefined).map(({ kept, dropped }) => ({
        kept,
        dropped: dropped.slice(0, amount),
      })),
    [amount, lane.result, pass, passes.length, steps],
  );
  const frame = useRef<HTMLDivElement>(null);
  // At first the end of the caption: a search may go on long after it, with what did not win.
  const end = columns.findLastIndex(({ kept }) => kept.some(({ fate }) => fate === 'won'));
  const at = Math.min(chosen?.step ?? (end < 0 ? columns.length - 1 : end), columns.length - 1);
  const width = whole ? 250 : 104;
  useEffect(() => {
    // Only sideways: the page itself stays where it is.
    if (chosen) frame.current?.scrollTo({ left: Math.max(0, (at + 0.5) * width - frame.current.clientWidth / 2) });
  }, [at, chosen, width]);
  if (!columns.length) return <p className="v-note">{t('No steps yet.')}</p>;
  const here = [...columns[at]!.kept, ...columns[at]!.dropped];
  const place = Math.min(
    chosen?.place ??
      Math.max(
        0,
        here.findIndex(({ fate }) => fate === 'won'),
      ),
    here.length - 1,
  );
  const node = here[place]!;
  const said = describe(t, decimals, node, at, columns, whole);
  const onKey = (event: KeyboardEvent) => {
    const to = (
      {
        ArrowRight: [at + 1, place],
        ArrowLeft: [at - 1, place],
        ArrowDown: [at, place + 1],
        ArrowUp: [at, place - 1],
        Home: [0, place],
        End: [columns.length - 1, place],
      } as Record<string, [number, number] | undefined>
    )[event.key];
    if (!to) return;
    const step = Math.max(0, Math.min(columns.length - 1, to[0]));
    const last = columns[step]!.kept.length + columns[step]!.dropped.length - 1;
    setChosen({ step, place: Math.max(0, Math.min(last, to[1])) });
    event.preventDefault();
  };
  return (
    <div className="v-stack">
      <div className="v-tree-choices">
        {passes.length > 1 && !whole && (
          <label className="v-note">
            {t('Sample')}{' '}
            <select value={pass} onChange={(event) => setPass(Number(event.target.value))} className="v-select">
              {passes.map((number) => (
                <option key={number} value={number}>
                  {number + 1}
                </option>
              ))}
            </select>
          </label>
        )}
        <label className="v-note">
          {t('Dropped, drawn')}{' '}
          <select value={amount} onChange={(event) => setAmount(Number(event.target.value))} className="v-select">
            {amounts.map((number) => (
              <option key={number} value={number}>
                {number === 0
                  ? t('none')
                  : number === 12
                    ? t('all that are told')
                    : t('best {{count}}', { count: number })}
              </option>
            ))}
          </select>
        </label>
      </div>
      <p className="v-hidden">{treeText(t, columns)}</p>
      {/* A picture that the arrow keys walk through. */}
      <div
        ref={frame}
        className="v-scroll v-tree"
        role="slider"
        tabIndex={0}
        aria-label={t('Step of the search')}
        aria-valuemin={1}
        aria-valuemax={columns.length}
        aria-valuenow={at + 1}
        aria-valuetext={t('Step {{step}} of {{steps}}, candidate {{place}} of {{places}}: {{said}}', {
          step: at + 1,
          steps: columns.length,
          place: place + 1,
          places: here.length,
          said,
        })}
        onKeyDown={onKey}
      >
        <Tree
          columns={columns}
          width={width}
          hue={decoderLook(lane.decoder).color}
          at={at}
          place={place}
          onChoose={setChosen}
        />
      </div>
      <ul className="v-legend" aria-label={t('Signs of the tree')}>
        {fates.map((fate) => (
          <li key={fate} style={{ '--hue': decoderLook(lane.decoder).color } as React.CSSProperties}>
            <svg width={14} height={14} aria-hidden>
              <Sign fate={fate} x={7} y={7} />
            </svg>
            {fate === 'won'
              ? lane.result
                ? t('the caption')
                : t('leads')
              : fate === 'kept'
                ? t('kept')
                : fate === 'died'
                  ? t('dies out after this step')
                  : fate === 'ended'
                    ? t('ends a caption')
                    : t('dropped')}
          </li>
        ))}
        <li>
          <svg width={20} height={20} aria-hidden>
            <circle cx={10} cy={10} r={8} className="v-tree-here" />
          </svg>
          {t('chosen, told below')}
        </li>
      </ul>
      <p className="v-tree-said" data-testid="beam-said">
        {said}
      </p>
      <BeamTable step={steps[at]!} number={at + 1} whole={whole} />
    </div>
  );
}

/** A candidate in words. */
function describe(
  t: Translate,
  decimals: Numbers['decimals'],
  node: BeamNode,
  at: number,
  columns: readonly BeamColumn[],
  whole: boolean,
): string {
  const worst = columns[at]!.kept.reduce<number | undefined>(
    (least, { score }) => (least === undefined || score < least ? score : least),
    undefined,
  );
  const cosine = node.similarity === undefined ? '' : `, cos ${decimals(node.similarity, 3)}`;
  const instead =
    node.fate === 'dropped' && worst !== undefined
      ? `; ${t('the last one kept had {{score}}', { score: decimals(worst, 3) })}`
      : '';
  const numbers = `lp ${decimals(node.logProb, 2)}${cosine}, ${t('score')} ${decimals(node.score, 3)}${instead}`;
  const words = node.path.trim() || t('nothing yet');
  const said = {
    number: at + 1,
    words: `${words}${node.text.trim() ? '' : ' ■'}`,
    fate: t(fateText[node.fate]),
    numbers,
  };
  return whole
    ? t('Round {{number}}, “{{words}}”: {{fate}}; {{numbers}}.', said)
    : t('Step {{number}}, “{{words}}”: {{fate}}; {{numbers}}.', said);
}

type TreeProps = {
  columns: readonly BeamColumn[];
  width: number;
  hue: string;
  at: number;
  place: number;
  onChoose: (chosen: { step: number; place: number }) => void;
};

function Tree({ columns, width, hue, at, place, onChoose }: TreeProps) {
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
function Sign({ fate, x, y }: { fate: BeamNode['fate']; x: number; y: number }) {
  if (fate === 'won') return <circle cx={x} cy={y} r={5.5} className="v-node-won" />;
  if (fate === 'kept') return <circle cx={x} cy={y} r={4} className="v-node-kept" />;
  if (fate === 'died') return <circle cx={x} cy={y} r={4} className="v-node-died" />;
  if (fate === 'ended') return <rect x={x - 4} y={y - 4} width={8} height={8} className="v-node-ended" />;
  return <path d={`M${x - 3} ${y - 3}l6 6m0-6l-6 6`} className="v-node-dropped" />;
}
