// The reports of the test runners in one shape: { name, passed, failed, skips: [{ file, title }] }.

/** Vitest's JSON report (or undefined: it wrote none). A file that could not be loaded counts as one failure. */
export function readVitest(results, code, relative = (path) => path) {
  const suite = { name: 'unit', passed: 0, failed: 0, skips: [] };
  for (const { name, status, assertionResults } of results?.testResults ?? []) {
    const file = relative(name);
    let failedHere = 0;
    for (const test of assertionResults) {
      if (test.status === 'passed') suite.passed++;
      else if (test.status === 'failed') failedHere++;
      else suite.skips.push({ file, title: test.fullName });
    }
    suite.failed += failedHere === 0 && status === 'failed' ? 1 : failedHere;
  }
  return withExitStatus(suite, code);
}

/** Playwright's JSON report (or undefined). A test that passed only when repeated counts as failed. */
export function readPlaywright(results, code) {
  const suite = { name: 'end to end', passed: 0, failed: 0, skips: [] };
  const visit = ({ specs = [], suites = [] }, titles) => {
    for (const spec of specs)
      for (const test of spec.tests) {
        if (test.status === 'expected') suite.passed++;
        else if (test.status === 'skipped') suite.skips.push({ file: spec.file, title: [...titles, spec.title].join(' > ') });
        else suite.failed++;
      }
    for (const inner of suites) visit(inner, inner.title === inner.file ? titles : [...titles, inner.title]);
  };
  for (const outer of results?.suites ?? []) visit(outer, []);
  return withExitStatus(suite, code);
}

/** A runner that failed without a failed test (it crashed, found no test, or a server did not start) is one failure. */
const withExitStatus = (suite, code) => ({ ...suite, failed: suite.failed + (suite.failed === 0 && (code !== 0 || suite.passed === 0) ? 1 : 0) });

/**
 * Skips that are not agreed on. An entry of the list names a `file`, perhaps the beginning of a `title`, and what is `missing`
 * (a path) where the skip is right: a test may be skipped for want of a file only while the file is wanting.
 */
export function unlistedSkips(skips, allowed, exists) {
  return skips.filter(({ file, title }) => !allowed.some((entry) => file.endsWith(entry.file) && title.startsWith(entry.title ?? '') && !exists(entry.missing)));
}
