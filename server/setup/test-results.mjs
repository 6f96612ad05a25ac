// The reports of the test runners in one shape: { name, passed, failed, failures: [{ file, title, message }],
// skips: [{ file, title }], times: [{ file, title, ms }] }.
import { stripVTControlCharacters } from 'node:util';

/** Vitest's JSON report (or undefined: it wrote none). A file that could not be loaded counts as one failure. */
export function readVitest(results, code, relative = (path) => path) {
  const suite = emptySuite('unit');
  for (const { name, status, message, assertionResults } of results?.testResults ?? []) {
    const file = relative(name);
    const before = suite.failed;
    for (const test of assertionResults) {
      if (test.duration !== undefined) suite.times.push({ file, title: test.fullName, ms: test.duration });
      if (test.status === 'passed') suite.passed++;
      else if (test.status === 'failed') addFailure(suite, file, test.fullName, test.failureMessages?.[0]);
      else suite.skips.push({ file, title: test.fullName });
    }
    if (suite.failed === before && status === 'failed') addFailure(suite, file, 'could not be loaded', message);
  }
  return withExitStatus(suite, code);
}

/** Playwright's JSON report (or undefined). A test that passed only when repeated counts as failed. */
export function readPlaywright(results, code, name = 'end to end') {
  const suite = emptySuite(name);
  const visit = ({ specs = [], suites = [] }, titles) => {
    for (const spec of specs) {
      const title = [...titles, spec.title].join(' > ');
      for (const test of spec.tests) {
        const ms = (test.results ?? []).reduce((sum, { duration = 0 }) => sum + duration, 0);
        if (test.status !== 'skipped') suite.times.push({ file: spec.file, title, ms });
        if (test.status === 'expected') suite.passed++;
        else if (test.status === 'skipped') suite.skips.push({ file: spec.file, title });
        else addFailure(suite, spec.file, title, test.results?.find(({ error }) => error)?.error.message);
      }
    }
    for (const inner of suites) visit(inner, inner.title === inner.file ? titles : [...titles, inner.title]);
  };
  for (const outer of results?.suites ?? []) visit(outer, []);
  return withExitStatus(suite, code);
}

export const emptySuite = (name) => ({ name, passed: 0, failed: 0, failures: [], skips: [], times: [] });

/**
 * The tests of all suites that took longest, longest first.
 * @param {{ times: { file: string, title: string, ms: number }[] }[]} suites
 */
export const slowest = (suites, count = 10) =>
  suites
    .flatMap(({ times }) => times)
    .sort((a, b) => b.ms - a.ms)
    .slice(0, count);

/** The first lines of the message, without colours, are told again at the end of the run. */
export function addFailure(suite, file, title, message = '') {
  suite.failed++;
  suite.failures.push({
    file,
    title,
    message: stripVTControlCharacters(message).split('\n').slice(0, 6).join('\n').trim(),
  });
}

/** What failed in a suite, a paragraph each; '' where nothing did. */
export const failureText = ({ name, failures }) =>
  failures
    .map(({ file, title, message }) => `\nFailed (${name}): ${file} > ${title}\n${message.replace(/^/gm, '  ')}`)
    .join('\n');

/** A runner that failed without a failed test (it crashed, found no test, or a server did not start) is one failure. */
const withExitStatus = (suite, code) => ({
  ...suite,
  failed: suite.failed + (suite.failed === 0 && (code !== 0 || suite.passed === 0) ? 1 : 0),
});

/**
 * Skips that are not agreed on. An entry of the list names a `file`, perhaps the beginning of a `title`, and what is
 * `missing`
 * (a path) where the skip is right: a test may be skipped for want of a file only while the file is wanting.
 */
export function unlistedSkips(skips, allowed, exists) {
  return skips.filter(
    ({ file, title }) =>
      !allowed.some(
        (entry) => file.endsWith(entry.file) && title.startsWith(entry.title ?? '') && !exists(entry.missing),
      ),
  );
}
