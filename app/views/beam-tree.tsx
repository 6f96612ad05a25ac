import { Group } from '@visx/group';
import { LinkHorizontal } from '@visx/shape';
import { type KeyboardEvent, useState } from 'react';
import type { BeamState, DroppedBeam } from '@/models/events';
import type { LaneFilm, Step } from './film';
import { decimals, decoderLook } from './looks';

const column = 108;
const row = 24;
const top = 26;

/** Nodes on the way to the hypothesis that leads at the end, as "step:beam". */
function leadingPath(steps: readonly Step[]): Set<string> {
  const path = new Set<string>();
  let index = steps.at(-1)?.leader ?? 0;
  for (let s = steps.length - 1; s >= 0; s--) {
    const beam = steps[s]!.beams[index];
    if (!beam) break;
    path.add(`${s}:${index}`);
    index = beam.parent;
  }
  return path;
}

/**
 * The beams of a search as a tree, one column a step: who grew from whom, who ended, who was dropped and when. Below it the step that is
 * chosen with all that was weighed in it and both scores.
 */
export function BeamTree({ lane }: { lane: LaneFilm }) {
  const passes = [...new Set(lane.steps.map(({ pass }) => pass ?? 0))];
  const whole = lane.steps.at(-1)?.whole === true;
  const [chosenPass, setPass] = useState<number>();
  const [chosen, setChosen] = useState<number>();
  const pass = chosenPass !== undefined && passes.includes(chosenPass) ? chosenPass : (passes.at(-1) ?? 0);
  const steps = whole ? lane.steps : lane.steps.filter((step) => (step.pass ?? 0) === pass);
  if (!steps.length) return <p className="v-note">No steps yet.</p>;
  const at = Math.min(chosen ?? steps.length - 1, steps.length - 1);
  const path = leadingPath(steps);
  const rows = Math.max(...steps.map(({ beams }) => beams.length));
  const onKey = (event: KeyboardEvent) => {
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: steps.length - 1 }[event.key];
    if (to === undefined) return;
    setChosen(Math.max(0, Math.min(steps.length - 1, to)));
    event.preventDefault();
  };
  return (
    <div className="v-stack">
      {passes.length > 1 && !whole && (
        <label className="v-note">
          Sample{' '}
          <select value={pass} onChange={(event) => setPass(Number(event.target.value))} className="v-select">
            {passes.map((number) => (
              <option key={number} value={number}>
                {number + 1}
              </option>
            ))}
          </select>
        </label>
      )}
      {/* A picture that the arrow keys walk through. */}
      <div className="v-scroll v-tree" role="slider" tabIndex={0} aria-label="Step of the search" aria-valuemin={1} aria-valuemax={steps.length} aria-valuenow={at + 1} aria-valuetext={`Step ${at + 1} of ${steps.length}: ${steps[at]!.partial}`} onKeyDown={onKey}>
        <svg width={steps.length * column + 20} height={rows * row + top + 6} aria-hidden style={{ '--hue': decoderLook(lane.decoder).color } as React.CSSProperties}>
          <rect x={at * column} y={0} width={column} height={rows * row + top} className="v-tree-chosen" />
          {steps.map((step, s) => (
            <Group key={s} left={s * column} onClick={() => setChosen(s)}>
              <rect width={column} height={rows * row + top} fill="transparent" />
              <text x={8} y={14} className="v-tree-step">
                {s + 1}
              </text>
              {step.beams.map((beam, i) => (
                <Node key={i} beam={beam} leads={path.has(`${s}:${i}`)} place={i} parent={s > 0 ? beam.parent : undefined} dropped={!beam.finished && s < steps.length - 1 && !steps[s + 1]!.beams.some(({ parent }) => parent === i)} whole={whole} />
              ))}
            </Group>
          ))}
        </svg>
      </div>
      <p className="v-legend">
        <span className="v-key v-key-lead" aria-hidden /> leads <span className="v-key v-key-live" aria-hidden /> survives <span className="v-key v-key-dropped" aria-hidden /> dropped after this step <span className="v-key v-key-end" aria-hidden /> ended
      </p>
      <StepTable step={steps[at]!} number={at + 1} whole={whole} />
    </div>
  );
}

type Point = { x: number; y: number };

function Node({ beam, leads, place, parent, dropped, whole }: { beam: BeamState; leads: boolean; place: number; parent?: number; dropped: boolean; whole: boolean }) {
  const y = top + place * row + row / 2;
  const kind = beam.finished && !whole ? 'v-node-end' : dropped ? 'v-node-dropped' : leads ? 'v-node-lead' : 'v-node-live';
  const text = beam.finished && !whole && !beam.text.trim() ? '■' : beam.text.trim() || '␣';
  return (
    <>
      {parent !== undefined && (
        <LinkHorizontal data={{ source: { x: -24, y: top + parent * row + row / 2 }, target: { x: 7, y } }} x={(d: Point) => d.x} y={(d: Point) => d.y} className={leads ? 'v-tree-link v-tree-link-lead' : 'v-tree-link'} />
      )}
      {kind === 'v-node-end' ? <rect x={8} y={y - 4} width={8} height={8} className={kind} /> : <circle cx={12} cy={y} r={leads ? 5 : 4} className={kind} />}
      <text x={21} y={y + 4} className={`v-tree-word${leads ? ' v-tree-word-lead' : ''}${dropped ? ' v-tree-word-dropped' : ''}`}>
        {text.length > 9 ? `${text.slice(0, 8)}…` : text}
      </text>
    </>
  );
}

/** Kept and dropped continuations of a step with the language model's score and, where the search asked for it, the joint embedding's. */
function StepTable({ step, number, whole }: { step: Step; number: number; whole: boolean }) {
  const dropped = step.dropped ?? [];
  const cosines = [...step.beams, ...dropped].some(({ similarity }) => similarity !== undefined);
  const line = (beam: BeamState | DroppedBeam, fate: string, key: string) => (
    <tr key={key} className={fate === 'dropped' ? 'v-dropped' : undefined}>
      <th scope="row">{beam.text.trim() || '■ end'}</th>
      <td>{fate}</td>
      <td className="v-number">{decimals(beam.logProb, 2)}</td>
      {cosines && <td className="v-number">{decimals(beam.similarity, 3)}</td>}
      <td className="v-number">{decimals(beam.score, 3)}</td>
      {!whole && <td className="v-number">{beam.parent + 1}</td>}
    </tr>
  );
  return (
    <div className="v-scroll" tabIndex={0} role="region" aria-label={`Candidates of step ${number}`}>
      <p className="v-note">
        {whole ? 'Round' : 'Step'} {number}: {step.weighed ?? step.beams.length} weighed, {step.beams.length} kept
        {dropped.length ? `, the best ${dropped.length} of the dropped are listed` : ''}.{step.deviceMs !== undefined ? ` ${step.deviceMs.toFixed(1)} ms on the device.` : ''}
      </p>
      <table className="v-table">
        <thead>
          <tr>
            <th scope="col">{whole ? 'caption' : 'token'}</th>
            <th scope="col">fate</th>
            <th scope="col" className="v-number" title="Sum of the natural-log probabilities by the language model">lp</th>
            {cosines && <th scope="col" className="v-number" title="Cosine of its text and the input, by the joint embedding">cos</th>}
            <th scope="col" className="v-number" title="What the search ranks by">score</th>
            {!whole && <th scope="col" className="v-number" title="Beam of the step before that it grew from">from</th>}
          </tr>
        </thead>
        <tbody>
          {step.beams.map((beam, i) => line(beam, beam.finished && !whole ? 'ended' : i === step.leader ? 'leads' : 'kept', `k${i}`))}
          {dropped.map((beam, i) => line(beam, 'dropped', `d${i}`))}
        </tbody>
      </table>
    </div>
  );
}
