// A server process for tests, bundled and started by processes.test.ts: opens the studio on a database, runs
// comparisons on the
// scripted engine and says what it did, one JSON object a line. Arguments: database url, comparisons to run, ms a step.
import { scriptedEngine } from '../comparisons/scripted-engine';
import { openTestStudio } from './test-studio';

const [url = '', comparisons = '0', stepMs = '5'] = process.argv.slice(2);
const say = (line: Record<string, unknown>) => process.stdout.write(`${JSON.stringify(line)}\n`);

const studio = await openTestStudio(url, scriptedEngine(Number(stepMs)), {
  STUDIO_HEARTBEAT_MS: 100,
  STUDIO_STALE_MS: 2_000,
});
say({ opened: true });
const lanes = ['clipcap', 'capdec', 'decap', 'coca', 'iterative'].map((decoder) => ({ decoder }));
await Promise.all(
  Array.from({ length: Number(comparisons) }, async () => {
    const { id } = await studio.comparisons.create({ input: { kind: 'sample' }, lanes });
    say({ created: id });
    for await (const [, item] of studio.comparisons.follow(id, -1)) {
      if (item.kind === 'event' && item.event.type === 'lane-finished')
        say({ id, lane: item.event.lane, caption: item.event.result.caption });
      if (item.kind === 'ended') say({ id, ended: item.status });
    }
  }),
);
await studio.close();
