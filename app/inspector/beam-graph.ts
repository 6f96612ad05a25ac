import type { BeamState, DroppedBeam } from '@/models/events';
import { msg } from '../languages/msg';
import type { Translate } from '../languages/translator';
import type { LaneFilm, Step } from '../views/film';

/**
 * What became of a continuation: on the way to the caption that won, kept, kept but without a kept continuation, ended,
 * or weighed and not kept.
 */
export type Fate = 'won' | 'kept' | 'died' | 'ended' | 'dropped';
export type BeamNode = {
  text: string;
  fate: Fate;
  /** Index among the beams of the step before; none in the first step and for whole captions. */
  parent?: number;
  /** Its caption up to here. */
  path: string;
  logProb: number;
  score: number;
  similarity?: number;
};
/** One step of a search: what was kept stands before what was dropped, each best first as the search told it. */
export type BeamColumn = { kept: BeamNode[]; dropped: BeamNode[] };

/** Steps of a search as columns of a tree, with the fate of each continuation. Pure. */
export function beamGraph(steps: readonly Step[], result?: LaneFilm['result']): BeamColumn[] {
  const whole = steps.at(-1)?.whole === true;
  const won = winner(steps, whole ? undefined : result);
  const paths: string[][] = [];
  return steps.map((step, s) => {
    const after = steps[s + 1];
    const before = whole || s === 0 ? undefined : paths[s - 1];
    const node = (beam: BeamState | DroppedBeam, fate: Fate): BeamNode => ({
      ...{
        text: beam.text,
        fate,
        path: `${before?.[beam.parent] ?? ''}${beam.text}`,
        logProb: beam.logProb,
        score: beam.score,
      },
      ...(before ? { parent: beam.parent } : {}),
      ...(beam.similarity === undefined ? {} : { similarity: beam.similarity }),
    });
    const fate = (beam: BeamState, i: number): Fate => {
      if (beam.finished && !whole) return won.has(`${s}:${i}`) ? 'won' : 'ended';
      if (won.has(`${s}:${i}`)) return 'won';
      if (!after || whole) return 'kept';
      return after.beams.some(({ parent }) => parent === i) ? 'kept' : 'died';
    };
    const kept = step.beams.map((beam, i) => node(beam, fate(beam, i)));
    paths.push(kept.map(({ path }) => path));
    return { kept, dropped: (step.dropped ?? []).map((beam) => node(beam, 'dropped')) };
  });
}

/** Places on the way to the caption that won, as "step:beam"; while none has, to the one that leads. */
function winner(steps: readonly Step[], result: LaneFilm['result']): Set<string> {
  const back = (from: number, at: number) => {
    const places: { key: string; beam: BeamState }[] = [];
    for (let s = from, i = at; s >= 0; s--) {
      const beam = steps[s]!.beams[i];
      if (!beam) break;
      places.push({ key: `${s}:${i}`, beam });
      i = beam.parent;
    }
    return places.reverse();
  };
  if (result)
    // A caption may end long before its search does.
    for (let s = steps.length - 1; s >= 0; s--)
      for (const [i] of steps[s]!.beams.entries()) {
        const places = back(s, i);
        const tokens = places.filter(({ beam }) => !beam.finished || beam.text !== '').map(({ beam }) => beam.token);
        if (tokens.length === result.tokens.length && tokens.every((token, n) => token === result.tokens[n]))
          return new Set(places.map(({ key }) => key));
      }
  if (steps.at(-1)?.whole) return new Set(steps.map(({ leader }, s) => `${s}:${leader ?? 0}`));
  return new Set(back(steps.length - 1, steps.at(-1)?.leader ?? 0).map(({ key }) => key));
}

export const fateText: Record<Fate, string> = {
  won: msg('on the way to the caption'),
  kept: msg('kept'),
  died: msg('kept, but none of its continuations was'),
  ended: msg('ended'),
  dropped: msg('dropped'),
};

/** The tree in a sentence or two, for those who do not see it. */
export function treeText(t: Translate, columns: readonly BeamColumn[]): string {
  const count = (fate: Fate) =>
    columns.reduce(
      (sum, { kept, dropped }) => sum + [...kept, ...dropped].filter((node) => node.fate === fate).length,
      0,
    );
  const died = columns.flatMap(({ kept }, s) => (kept.some(({ fate }) => fate === 'died') ? [s + 1] : []));
  const most = Math.max(0, ...columns.map(({ kept }) => kept.length));
  const steps = `${t('{{count}} steps', { count: columns.length })}, ${t('at most {{count}} beams.', { count: most })}`;
  const ends = [
    t('{{count}} other beams ended', { count: count('ended') }),
    died.length ? t('beams died out after step {{steps}}', { steps: died.join(', ') }) : t('no beam died out'),
    t('{{count}} of the dropped continuations are known.', { count: count('dropped') }),
  ];
  return `${steps} ${ends.join('; ')}`;
}
