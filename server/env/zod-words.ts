import * as z from 'zod';

/** What was expected, in the studio's own words: what stands after the name of the field. */
function expected(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? 'is missing'
        : `must be ${kinds[issue.expected] ?? `of kind ${issue.expected}`}`;
    case 'too_big':
      return `may be at most ${String(issue.maximum)}${unitOf(issue.origin)}`;
    case 'too_small':
      return `must be at least ${String(issue.minimum)}${unitOf(issue.origin)}`;
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'unrecognized_keys':
      return `has fields that are not known: ${issue.keys.slice(0, 5).join(', ')}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_union':
      return 'is none of the shapes that are known';
    default:
      return 'has not the form that was expected';
  }
}
const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};
const units: Readonly<Record<string, string>> = { string: ' characters', array: ' entries', set: ' entries' };
const unitOf = (origin: string) => units[origin] ?? '';

// Not `localeError`: each copy of zod that a bundle brings sets that anew.
z.config({ customError: expected });

/** The first thing that does not fit, with its place: `lanes.0.id: may be at most 64 characters`. */
export function whatDoesNotFit({ issues }: z.core.$ZodError): string {
  const issue = issues[0];
  if (!issue) return 'it has not the form that was expected';
  return issue.path.length ? `${issue.path.map(String).join('.')}: ${issue.message}` : issue.message;
}
