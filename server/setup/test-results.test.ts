import { describe, expect, it } from 'vitest';
import {
  addFailure,
  emptySuite,
  failureText,
  readPlaywright,
  readVitest,
  slowest,
  unlistedSkips,
} from './test-results.mjs';

describe('adding up test reports', () => {
  it('counts a file that could not be loaded as one failure', () => {
    const results = {
      testResults: [
        {
          name: '/repo/a.test.ts',
          status: 'failed',
          assertionResults: [
            { status: 'passed', fullName: 'a one', duration: 12 },
            {
              status: 'failed',
              fullName: 'a two',
              failureMessages: ['\u001b[31mexpected 3\u001b[39m to be 2\n    at one\n    at two\n3\n4\n5\n6'],
            },
            { status: 'pending', fullName: 'a three' },
          ],
        },
        { name: '/repo/b.test.ts', status: 'failed', message: 'no such module', assertionResults: [] },
      ],
    };
    expect(readVitest(results, 1, (path) => path.replace('/repo/', ''))).toEqual({
      name: 'unit',
      passed: 1,
      failed: 2,
      failures: [
        { file: 'a.test.ts', title: 'a two', message: 'expected 3 to be 2\n    at one\n    at two\n3\n4\n5' },
        { file: 'b.test.ts', title: 'could not be loaded', message: 'no such module' },
      ],
      skips: [{ file: 'a.test.ts', title: 'a three' }],
      times: [{ file: 'a.test.ts', title: 'a one', ms: 12 }],
    });
  });

  it('tells again what failed', () => {
    const suite = emptySuite('lint');
    expect(failureText(suite)).toBe('');
    addFailure(suite, 'lint', 'found something', '\u001b[31ma.ts\u001b[39m\n  1:1 no');
    expect(failureText(suite)).toBe('\nFailed (lint): lint > found something\n  a.ts\n    1:1 no');
    expect(suite.failed).toBe(1);
  });

  it('counts a runner that crashed, or ran nothing, as a failure', () => {
    expect(readVitest(undefined, 1).failed).toBe(1);
    expect(readPlaywright({ suites: [] }, 0).failed).toBe(1);
  });

  it('reads nested suites and takes a flaky test for a failure', () => {
    const spec = (title: string, status: string) => ({
      title,
      file: 'page.spec.ts',
      tests: [
        {
          status,
          results: status === 'flaky' ? [{ error: { message: 'no such lane' }, duration: 30 }, {}] : [{ duration: 40 }],
        },
      ],
    });
    const results = {
      suites: [
        {
          title: 'page.spec.ts',
          file: 'page.spec.ts',
          specs: [spec('opens', 'expected')],
          suites: [{ title: 'lanes', file: 'page.spec.ts', specs: [spec('fill', 'flaky'), spec('wait', 'skipped')] }],
        },
      ],
    };
    expect(readPlaywright(results, 0)).toEqual({
      name: 'end to end',
      passed: 1,
      failed: 1,
      failures: [{ file: 'page.spec.ts', title: 'lanes > fill', message: 'no such lane' }],
      skips: [{ file: 'page.spec.ts', title: 'lanes > wait' }],
      times: [
        { file: 'page.spec.ts', title: 'opens', ms: 40 },
        { file: 'page.spec.ts', title: 'lanes > fill', ms: 30 },
      ],
    });
  });

  it('names the tests of all suites that took longest', () => {
    const took = (...times: number[]) => ({
      ...emptySuite('unit'),
      times: times.map((ms) => ({ file: 'a', title: `${ms}`, ms })),
    });
    expect(slowest([took(3, 90), took(40)], 2).map(({ ms }) => ms)).toEqual([90, 40]);
  });

  it('lets a listed test be skipped only while what it needs is missing', () => {
    const skips = [
      { file: 'models/metrics/cider.test.ts', title: 'fakecap equals' },
      { file: 'models/onnx/graph.test.ts', title: 'adds' },
    ];
    const allowed = [{ file: 'models/metrics/cider.test.ts', title: 'fakecap', missing: '../shared/data' }];
    expect(unlistedSkips(skips, allowed, () => false)).toEqual([skips[1]]);
    expect(unlistedSkips(skips, allowed, () => true)).toEqual(skips);
  });
});
