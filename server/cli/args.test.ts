import { describe, expect, it } from 'vitest';
import { parse } from './args';

const flags = {
  text: { type: 'string' },
  option: { type: 'string', multiple: true },
  json: { type: 'boolean' },
} as const;
const refusal = (...args: string[]) => {
  try {
    parse(args, flags, { positionals: 1 });
    return 'taken';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('the words of a command', () => {
  it('are flags with their values and what stands beside them', () => {
    expect(parse(['a.jpg', '--option', 'x=1', '--json', '--option=y=2', '--', '--b.jpg'], flags)).toEqual({
      values: { option: ['x=1', 'y=2'], json: true },
      positionals: ['a.jpg', '--b.jpg'],
    });
    expect(parse(['-', '--text', '-'], flags)).toEqual({ values: { text: '-' }, positionals: ['-'] });
    expect(parse(['--text', '-3'], flags).values).toEqual({ text: '-3' });
    expect(parse(['--text='], flags).values).toEqual({ text: '' });
  });

  it.each([
    [['--text', 'one', '--text', 'two'], /--text is given twice, "one" and "two"/],
    [['--text=one', '--text=one'], /--text is given twice/],
    [['--json', '--json'], /--json is given twice/],
    [['--text'], /--text needs a value/],
    [['--text', '--json'], /--text needs a value, and is followed by --json.*--text=--json/],
    [['--json=yes'], /--json takes no value/],
    [['--txt', 'a'], /There is no flag --txt\. Did you mean --text\?/],
    [['-x'], /There is no flag -x/],
    [['--__proto__'], /There is no flag --__proto__/],
    [['a', 'b'], /Unexpected argument 'b'\. At most one is taken/],
  ] as [string[], RegExp][])('refuses %j in words', (args, message) => expect(refusal(...args)).toMatch(message));
});
