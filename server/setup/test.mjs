// npm test: sets up what is missing and runs every check. The last line adds them all up; the exit status is 1 when one
// failed.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { bundleFile } from '../engine/bundle.mjs';
import { mayMount, ownDiskName } from './may-mount.mjs';
import { bringNeeds } from './needs.mjs';
import { hasOwnNetwork, ownNetworkName } from './own-network.mjs';
import { prepare, productionBuild } from './prepare.mjs';
import { fail, say, seconds } from './report.mjs';
import { must, node, root, run, tool } from './shell.mjs';
import {
  addFailure,
  emptySuite,
  failureText,
  readPlaywright,
  readVitest,
  slowest,
  unlistedSkips,
} from './test-results.mjs';

const folder = join(root, '.studio/test');

try {
  bringNeeds();
  mkdirSync(folder, { recursive: true });
  rmSync(join(root, '.studio/e2e'), { recursive: true, force: true }); // databases of former end-to-end tests
  await prepare({ build: false });
  await calibrate();
  // Two cores: lint beside types and then the build, which both write Next's types; then what keeps the processor busy
  // one after the other, with what waits beside; and last, with nothing beside them, the tests that measure time or
  // memory.
  const [typed, linted] = await Promise.all([types().then((suite) => productionBuild().then(() => suite)), lint()]);
  const suites = [typed, linted, await unit()];
  suites.push(
    ...(await Promise.all([
      browser('end to end', 0, 'studio'),
      // A third of both cores is idle beside the page's tests alone: these take it, one after the other.
      browser('waiting', 1, 'waiting').then(async (waited) => [waited, await browser('owners', 1, 'owners')]),
    ]).then((streams) => streams.flat())),
  );
  suites.push(await browser('alone', 0, 'alone'));
  finish(suites);
} catch (error) {
  fail(error);
}

/** How fast this machine is: minutes are compared by it. */
async function calibrate() {
  await bundleFile('server/bench/calibrate.ts', 'calibrate');
  const { cores, processor, jsMs, gflops } = JSON.parse(
    await must('calibrate', ...node(join(root, '.studio/calibrate.mjs'))),
  );
  say(
    `This machine: ${cores} cores (${processor}); JavaScript on one of them ${jsMs} ms, matrix products ${gflops} GFLOP/s`,
  );
}

/** A check that passes or fails as a whole. */
async function check(name, ...commands) {
  const start = performance.now();
  const suite = emptySuite(name);
  for (const command of commands) {
    const { code, output } = await run(...command);
    if (code === 0) continue;
    console.log(output);
    addFailure(suite, name, 'found something', output);
    return report(suite, start);
  }
  return report({ ...suite, passed: 1 }, start);
}
function types() {
  return check('types', node(tool.next, 'typegen'), node(tool.tsc, '--noEmit'));
}
function lint() {
  return check(
    'lint',
    node(join(root, 'server/setup/format.mjs'), '--check'),
    node(tool.eslint, '.', '--max-warnings', '0'),
    node(tool.oxlint), // circles of imports, those of types too, which ESLint's rule does not see
  );
}

async function unit() {
  const start = performance.now();
  const file = join(folder, 'vitest.json');
  rmSync(file, { force: true });
  const { code } = await run(
    ...node(tool.vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`),
    { show: true },
  );
  return report(
    readVitest(readResults(file), code, (path) => relative(root, path)),
    start,
  );
}

/**
 * Tests in a real Chromium, of the projects that playwright.config.ts describes.
 * @param {number} place among those that run at the same time: each has ports and a folder of its own
 */
async function browser(name, place, ...projects) {
  const start = performance.now();
  const file = join(folder, `playwright-${place}.json`);
  rmSync(file, { force: true });
  const chosen = projects.map((project) => `--project=${project}`);
  const output = `--output=${join(root, 'test-results', String(place))}`;
  const { code } = await run(...node(tool.playwright, 'test', '--reporter=list,json', output, ...chosen), {
    show: true,
    env: {
      PLAYWRIGHT_JSON_OUTPUT_NAME: file,
      E2E_PORT: String(Number(process.env.E2E_PORT || 3217) + 100 * place),
    },
  });
  return report(readPlaywright(readResults(file), code, name), start);
}

/** What a runner wrote, or undefined when it ended before it wrote anything. */
function readResults(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

function report(suite, start) {
  const skipped = suite.skips.length;
  say(`${suite.name}: ${suite.passed} passed, ${suite.failed} failed, ${skipped} skipped in ${seconds(start)} s`);
  return { ...suite, seconds: seconds(start) };
}

function finish(suites) {
  const allowed = JSON.parse(readFileSync(join(root, 'server/setup/allowed-skips.json'), 'utf8'));
  const skips = suites.flatMap((suite) => suite.skips);
  const has = (what) =>
    what === ownNetworkName ? hasOwnNetwork() : what === ownDiskName ? mayMount() : existsSync(resolve(root, what));
  const unlisted = unlistedSkips(skips, allowed, has);
  for (const { file, title } of unlisted)
    console.error(`Skipped, and not on the list of server/setup/allowed-skips.json: ${file} > ${title}`);

  // Told again here: the runners' own messages are far above, and whoever reads a log often has its end alone.
  const failures = suites.map(failureText).filter(Boolean);
  if (failures.length > 0) console.log(failures.join('\n'));

  console.log('\nThe ten slowest tests, in seconds:');
  for (const { file, title, ms } of slowest(suites))
    console.log(`${(ms / 1000).toFixed(1).padStart(7)}  ${file} > ${title.slice(0, 100)}`);

  console.log('\nsuite            seconds   passed   failed   skipped');
  for (const { name, seconds: time, passed, failed, skips: skipped } of suites)
    console.log(
      `${name.padEnd(14)}${time.padStart(10)}${String(passed).padStart(9)}${String(failed).padStart(9)}${String(skipped.length).padStart(10)}`,
    );
  console.log(`${'everything'.padEnd(14)}${seconds().padStart(10)}\n`);
  const sum = (key) => suites.reduce((total, suite) => total + suite[key], 0);
  // A skip that nobody agreed to is a failure, counted once, as such.
  const failed = sum('failed') + unlisted.length;
  console.log(`${sum('passed')} passed, ${failed} failed, ${skips.length - unlisted.length} skipped`);
  process.exit(failed > 0 ? 1 : 0);
}
