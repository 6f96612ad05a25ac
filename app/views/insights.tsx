import type { Insight } from '@/models/events';
import { insightOf, type LaneFilm } from './film';
import { HeatMap } from './heat-map';
import { decimals, decoderLook, percent } from './looks';

/** What lies behind a lane's caption, each decoder in its own way. */
export function Insights({ lane, picture }: { lane: LaneFilm; picture?: string }) {
  const memory = insightOf(lane, 'memory');
  const modality = insightOf(lane, 'modality');
  const samples = insightOf(lane, 'noisy-samples');
  const prefix = insightOf(lane, 'prefix');
  const attention = insightOf(lane, 'attention');
  if (lane.decoder === 'iterative')
    return <p className="v-note">The iterative decoder has no hidden part: all that it weighed lies under Beams, each candidate with the language model’s score (lp) and the joint embedding’s (cos).</p>;
  if (!memory && !modality && !prefix && !attention) return <p className="v-note">{lane.status === 'done' ? 'Nothing was recorded. Turn the lane’s option insight on and run it again.' : 'Told once the caption is whole.'}</p>;
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

function Memory({ memory: { tau, rows, moved, effectiveRows, sentences } }: { memory: Extract<Insight, { kind: 'memory' }> }) {
  const most = Math.max(...sentences.map(({ weight }) => weight));
  return (
    <section className="v-stack">
      <p>
        The projection moved the embedding to cosine <b className="v-numbers">{decimals(moved, 3)}</b> of where it was. At τ {tau}, {effectiveRows < 1.5 ? 'one sentence does' : `about ${Math.round(effectiveRows)} sentences share`} the work, of{' '}
        {rows.toLocaleString('en')}.
      </p>
      <table className="v-table">
        <caption>Sentences of the memory with the greatest weights</caption>
        <thead>
          <tr>
            <th scope="col">sentence</th>
            <th scope="col" className="v-number">weight</th>
            <th scope="col" className="v-number" title="Cosine of the sentence and the image embedding">cos</th>
          </tr>
        </thead>
        <tbody>
          {sentences.map(({ text, weight, cosine }) => (
            <tr key={text}>
              <td className="v-barred">
                <span className="v-bar" style={{ width: `${(100 * weight) / most}%` }} aria-hidden />
                <span>{text}</span>
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

function Modality({ modality: { noiseVariance, trainedVariance, offsetNorm, offsetUsed, moved } }: { modality: Extract<Insight, { kind: 'modality' }> }) {
  return (
    <dl className="v-facts">
      <div>
        <dt>noise of the training</dt>
        <dd>{trainedVariance === undefined ? 'not told by the family' : `variance ${trainedVariance}`}</dd>
      </div>
      <div>
        <dt>noise of this run</dt>
        <dd>{noiseVariance ? `variance ${noiseVariance}` : 'none'}</dd>
      </div>
      <div>
        <dt>modality offset</dt>
        <dd>
          length {decimals(offsetNorm, 3)}, {offsetUsed ? 'subtracted from the image' : 'not used'}
        </dd>
      </div>
      <div>
        <dt>cosine before and after</dt>
        <dd>{decimals(moved, 3)}</dd>
      </div>
    </dl>
  );
}

function Samples({ samples: { variance, samples } }: { samples: Extract<Insight, { kind: 'noisy-samples' }> }) {
  return (
    <table className="v-table">
      <caption>The same search on noisy copies of the input (variance {variance})</caption>
      <thead>
        <tr>
          <th scope="col" className="v-number">seed</th>
          <th scope="col">caption</th>
          <th scope="col" className="v-number" title="Cosine of the noisy and the clean input">kept</th>
          <th scope="col" className="v-number" title="Cosine of the caption and the input">cos</th>
        </tr>
      </thead>
      <tbody>
        {samples.map(({ seed, caption, moved, similarity }) => (
          <tr key={seed}>
            <td className="v-number">{seed}</td>
            <td>{caption}</td>
            <td className="v-number">{decimals(moved, 2)}</td>
            <td className="v-number">{decimals(similarity, 2)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Prefix({ prefix: { slots } }: { prefix: Extract<Insight, { kind: 'prefix' }> }) {
  return (
    <div className="v-scroll" tabIndex={0} role="region" aria-label="The prefix as nearest words">
      <table className="v-table">
        <caption>The prefix read as nearest words of the token table, with their cosine. A reading aid: slots lie between the words that they steer.</caption>
        <thead>
          <tr>
            <th scope="col" className="v-number">slot</th>
            <th scope="col" className="v-number">norm</th>
            <th scope="col" colSpan={slots[0]?.words.length ?? 1}>nearest words</th>
          </tr>
        </thead>
        <tbody>
          {slots.map(({ norm, words }, i) => (
            <tr key={i}>
              <th scope="row" className="v-number">{i + 1}</th>
              <td className="v-number">{decimals(norm, 2)}</td>
              {words.map(({ id, text, cosine }) => (
                <td key={id}>
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
