import { describe, expect, it } from 'vitest';
import type { BeamState, LaneResult, StudioEvent } from '../../models/events';
import { branchTokens, filmLength, filmOf, laneAt, shownTokens } from './film';
import { agreement, scoreAgainst } from './words';

const beam = (parent: number, token: number, text: string, logProb: number, finished = false): BeamState => ({
  parent,
  token,
  text,
  logProb,
  score: logProb,
  finished,
  entropy: 1,
});
const step = (n: number, beams: BeamState[], leader: number, partial: string): StudioEvent => ({
  type: 'step',
  lane: 'a',
  step: n,
  token: beams[leader]!.token,
  text: beams[leader]!.text,
  logProb: -1,
  alternatives: [{ id: 90 + n, text: ` other${n}`, logProb: -2 }],
  beams,
  leader,
  partial,
  similarity: 0.1 * n,
});
/** Two beams; the one that leads at first loses to the other. */
const events: StudioEvent[] = [
  {
    type: 'comparison-started',
    family: 'pocket',
    device: { name: 'cpu' },
    precision: 'fp32',
    lanes: [{ id: 'a', decoder: 'clipcap', options: {} }],
  },
  { type: 'lane-started', lane: 'a' },
  step(0, [beam(0, 1, ' a', -1), beam(0, 2, ' the', -1.5)], 0, 'a'),
  step(1, [beam(1, 3, ' dog', -2), beam(0, 4, ' cat', -3)], 0, 'the dog'),
];

describe('a film', () => {
  const lane = () => filmOf(events).lanes[0]!;

  it('shows the way of the beam that leads now, not of those that led before', () => {
    expect(shownTokens(lane()).map(({ text }) => text)).toEqual([' the', ' dog']);
    expect(shownTokens(lane()).map(({ logProb }) => logProb)).toEqual([-1.5, -0.5]);
    // Both grew from the same row in the first step, so what else it offered is known.
    expect(shownTokens(lane())[0]!.alternatives).toHaveLength(1);
  });

  it('knows the end, also where a mode keeps its token among those of the caption', () => {
    const choice = (id: number, text: string) => ({ id, text, logProb: -1, entropy: 1, alternatives: [] });
    const ends = (tokens: number[]) => {
      const trail = [choice(3, 'dog '), choice(0, ''), choice(41, '')];
      const result = { ...lane().result, tokens, trail } as unknown as LaneResult;
      return shownTokens({ ...lane(), result }).map(({ end }) => end);
    };
    expect([ends([3, 0]), ends([3, 0, 41])]).toEqual([
      [false, false, true],
      [false, false, true],
    ]);
  });

  it('can be wound back', () => {
    expect(laneAt(lane(), 1)).toMatchObject({ caption: 'a', status: 'running' });
    expect(shownTokens(laneAt(lane(), 1)).map(({ text }) => text)).toEqual([' a']);
    expect(laneAt(lane(), 0).caption).toBe('');
    expect(laneAt(lane(), 2)).toEqual(lane());
    expect(filmLength([lane()])).toBe(2);
  });

  it('names what a branch begins with', () => {
    expect(branchTokens(lane(), 1, 77)).toEqual([2, 77]);
    expect(branchTokens(lane(), 0, 77)).toEqual([77]);
  });

  it('begins a lane anew when it is started once more, and leaves its neighbours', () => {
    const again: StudioEvent = {
      type: 'comparison-started',
      family: 'pocket',
      device: { name: 'wasm' },
      precision: 'fp32',
      lanes: [{ id: 'a', decoder: 'clipcap', options: { beam: 1 } }],
    };
    expect(filmOf([...events, again]).lanes).toMatchObject([
      { id: 'a', status: 'waiting', steps: [], caption: '', device: { name: 'wasm' }, options: { beam: 1 } },
    ]);
  });
});

describe('words across captions', () => {
  it('tells what all say, what several say and what one alone says', () => {
    const marks = agreement(['A dog runs.', 'a dog on grass', 'the dog runs']);
    const shared = (caption: number, word: string) => marks[caption]!.find(({ text }) => text === word)!.shared;
    expect([shared(0, 'dog'), shared(0, 'runs.'), shared(1, 'grass')]).toEqual([3, 2, 1]);
    expect(marks[1]!.find(({ text }) => text === 'on')!.binding).toBe(true);
  });

  it('gives no CIDEr-D without document frequencies: one photo’s own make every weight 0', () => {
    const scores = scoreAgainst('a dog runs', ['a dog runs over grass', 'a dog runs']);
    expect(scores).toMatchObject({ rougeL: 1 });
    expect(scores).not.toHaveProperty('ciderD');
  });
});
