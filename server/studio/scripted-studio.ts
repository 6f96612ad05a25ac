import { afterAll, beforeAll } from 'vitest';
import { scriptedEngine } from '../comparisons/scripted-engine';
import type { Studio } from './studio';
import { openTestStudio, scratchFolder } from './test-studio';

/**
 * For tests: one studio with a scripted engine for all tests of a file, on a database of its own. `studio` is there
 * once the tests run.
 */
export function scriptedStudio(): { /** Of its database. */ url: string; readonly studio: Studio } {
  const scratch = scratchFolder();
  let studio: Studio;
  beforeAll(async () => {
    studio = await openTestStudio(scratch.url, scriptedEngine(1));
  });
  afterAll(async () => {
    await studio.close();
    scratch.remove();
  });
  return {
    url: scratch.url,
    get studio() {
      return studio;
    },
  };
}
