import type { BeamState, DroppedBeam } from '@/models/events';
import type { Step } from './film';
import { decimals } from './looks';

/** Kept and dropped continuations of a step with the language model's score and, where the search asked for it, the joint embedding's. */
export function BeamTable({ step, number, whole }: { step: Step; number: number; whole: boolean }) {
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
