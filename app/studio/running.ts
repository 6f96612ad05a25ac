import type { Rating } from '@/kept/ratings';
import { problemOf } from '../client/client';
import { patchInput } from '../inputs/inputs-state';
import { chooseDevices, deviceOf } from '../lanes/devices-state';
import { addLane } from '../lanes/lanes-state';
import { msg } from '../languages/msg';
import { branchTokens, type LaneFilm } from '../views/film';
import { begin, showAddress, type Wanted } from './begin';
import { active, bench, lanes, now, source } from './selectors';
import type { Studio } from './store';
import { stop } from './turns';
import { attempt } from './work-state';

/** Runs all lanes of the input that is shown anew, in a comparison of their own. */
export async function runAll(studio: Studio): Promise<void> {
  const { store } = studio;
  const [input, again] = [active(store.getState()), source(store.getState())];
  if (!input || !again) return;
  await attempt(store, { source: again }, async () => {
    if (now(store.getState()).running) await stop(studio);
    const { comparison } = await begin(studio, again);
    patchInput(store, input.key, { source: again, problem: undefined, skipped: false, comparison });
    showAddress(studio, comparison, 'push');
  });
}

/** Runs some lanes of the input once more, or for the first time; the others stay. */
export async function runLanes(studio: Studio, wanted: readonly Wanted[]): Promise<void> {
  const { store } = studio;
  const [input, again] = [active(store.getState()), source(store.getState())];
  if (!input || !again) return;
  const ids = wanted.map(({ id }) => id);
  store.setState(({ asked }) => ({ problem: undefined, asked: [...asked, ...ids] }));
  try {
    const { comparison } = await begin(studio, again, wanted, input.comparison);
    patchInput(store, input.key, { source: again, skipped: false, comparison });
    showAddress(studio, comparison, 'replace');
  } catch (error) {
    store.setState({ problem: problemOf(error) });
  } finally {
    store.setState(({ asked }) => ({ asked: asked.filter((id) => !ids.includes(id)) }));
  }
}

/**
 * Goes on from an alternative, in a lane of its own beside the one that it branches from. @returns the new lane's id
 */
export function branch(studio: Studio, film: LaneFilm, at: number, alternative: number): string {
  const { store } = studio;
  const from = lanes(store.getState()).find(({ id }) => id === film.id);
  const options = { ...from?.options, prefixTokens: branchTokens(film, at, alternative) };
  const device = deviceOf(store.getState(), film.id);
  const id = addLane(store, bench(store.getState()), { decoder: film.decoder, options, after: film.id });
  chooseDevices(store, [id], device);
  void runLanes(studio, [{ id, decoder: film.decoder, options, device }]);
  return id;
}

/** Rates a lane's caption: shown at once, taken back where it cannot be kept, which is told. */
export async function rateLane({ store }: Studio, lane: string, rating: Rating | undefined): Promise<void> {
  store.setState({ ratingProblem: undefined });
  try {
    await active(store.getState())?.comparison?.rate(lane, rating);
  } catch (error) {
    store.setState({
      ratingProblem: {
        message: msg('The rating could not be kept: {{why}}'),
        values: { why: problemOf(error).message },
      },
    });
  }
}

/** Shows another input. */
export function selectInput(studio: Studio, key: string): void {
  const input = studio.store.getState().inputs.find((each) => each.key === key);
  if (!input) return;
  studio.store.setState({ active: key, problem: undefined });
  if (input.comparison) showAddress(studio, input.comparison, 'replace');
}
