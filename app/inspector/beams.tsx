import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useNumbers } from '../languages/numbers';
import type { Numbers } from '../languages/numbers';
import type { Translate } from '../languages/translator';
import { useTranslation } from '../languages/use-translation';
import { type BeamColumn, beamGraph, type BeamNode, fateText, treeText } from './beam-graph';
import { BeamTable } from './beam-table';
import { type Chosen, Sign, Tree } from './beam-tree';
import { type LaneFilm, shownTokens } from '../views/film';
import { decoderLook } from '../views/looks';

const fates = ['won', 'kept', 'died', 'ended', 'dropped'] as const;
const amounts = [0, 3, 5, 12] as const;

/**
 * The beams of a search as a tree, one column a step: above who was kept and from whom it grew, below the best of what
 * was dropped. The
 * arrow keys walk through steps (←/→) and candidates (↑/↓); under it the chosen one in words, and all of its step in
 * numbers.
 */
export function Beams({ lane, word }: { lane: LaneFilm; /** That is looked into: its step is. */ word?: number }) {
  const { t } = useTranslation();
  const { decimals } = useNumbers();
  const passes = [...new Set(lane.steps.map(({ pass }) => pass ?? 0))];
  const whole = lane.steps.at(-1)?.whole === true;
  const [chosenPass, setPass] = useState<number>();
  const [choice, setChosen] = useState<Chosen & { word: number | undefined }>();
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
  // What was chosen here counts until another word is.
  const chosen = choice && choice.word === word ? choice : undefined;
  const first = stepOfWord(columns, shownTokens(lane).length, whole ? undefined : word);
  const at = Math.min(chosen?.step ?? first, columns.length - 1);
  const choose = (next: Chosen) => setChosen({ ...next, word });
  const width = whole ? 250 : 104;
  useEffect(() => {
    // Only sideways: the page itself stays where it is.
    frame.current?.scrollTo({ left: Math.max(0, (at + 0.5) * width - frame.current.clientWidth / 2) });
  }, [at, width]);
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
    choose({ step, place: Math.max(0, Math.min(last, to[1])) });
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
          onChoose={choose}
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

/**
 * The step of a word of the caption; without one that of its end: a search may go on long after it, with what did not
 * win.
 */
function stepOfWord(columns: readonly BeamColumn[], words: number, word: number | undefined): number {
  const won = columns.flatMap(({ kept }, step) => (kept.some(({ fate }) => fate === 'won') ? [step] : []));
  // Words that were given may have no step of their own.
  const step = word === undefined ? undefined : won[Math.max(0, word - Math.max(0, words - won.length))];
  return step ?? won.at(-1) ?? columns.length - 1;
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
