import { describe, expect, it } from 'vitest';
import type { BeamState } from '@/models/events';
import { translator } from '../languages/translator';
import { beamGraph, treeText } from './beam-graph';
import type { LaneFilm, Step } from '../views/film';

const beam = (text: string, parent: number, more: Partial<BeamState> = {}): BeamState => ({
  text,
  parent,
  token: text.length + text.charCodeAt(1),
  logProb: -1,
  score: -1,
  finished: false,
  ...more,
});
const step = (n: number, beams: BeamState[], dropped: BeamState[] = []): Step => ({
  type: 'step',
  lane: 'a',
  step: n,
  token: 0,
  text: '',
  logProb: 0,
  alternatives: [],
  beams,
  dropped,
  leader: 0,
  partial: '',
});
const end = (parent: number) => beam('', parent, { token: 0, finished: true });

describe('beamGraph', () => {
  // "a dog" ends early and wins; the search goes on with "the cat sits".
  const steps = [
    step(0, [beam(' a', 0), beam(' the', 0)], [beam(' one', 0)]),
    step(1, [beam(' cat', 1), beam(' dog', 0)], [beam(' man', 0)]),
    step(2, [beam(' sits', 0), end(1)]),
    step(3, [beam(' down', 0)]),
  ];
  const result = { tokens: [steps[0]!.beams[0]!.token, steps[1]!.beams[1]!.token] } as LaneFilm['result'];

  it('leads to the caption that won, though another beam led the last step', () => {
    const fates = beamGraph(steps, result).map(({ kept }) => kept.map(({ fate }) => fate));
    expect(fates).toEqual([['won', 'kept'], ['kept', 'won'], ['kept', 'won'], ['kept']]);
  });

  it('draws what was dropped, from its parent and with its words', () => {
    const [first, second] = beamGraph(steps, result);
    expect(first!.dropped).toMatchObject([{ fate: 'dropped', path: ' one' }]);
    expect(first!.dropped[0]!.parent).toBeUndefined();
    expect(second!.dropped).toMatchObject([{ fate: 'dropped', parent: 0, path: ' a man' }]);
  });

  it('tells a beam that died out from one that goes on, and says so in words', () => {
    const columns = beamGraph([step(0, [beam(' a', 0), beam(' the', 0)]), step(1, [beam(' dog', 0), beam(' cat', 0)])]);
    expect(columns[0]!.kept.map(({ fate }) => fate)).toEqual(['won', 'died']);
    expect(treeText(translator('en', {}), columns)).toContain('died out after step 1');
  });
});
