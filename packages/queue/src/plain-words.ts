import type { z } from 'zod';

type Issue = z.core.$ZodRawIssue;

/**
 * What is wrong with a value of a request, in words that go on from the name of its place: "is missing", "must not
 * be empty". To be given to `safeParse` as its `error`; what a schema says itself goes before it.
 */
export const plainWords: z.core.$ZodErrorMap = (issue) => {
  if (issue.input === undefined && mayBeMissing.has(issue.code)) {
    return issue.path?.length ? 'is missing' : 'the request is empty';
  }
  return wordsOf(issue);
};

const mayBeMissing: ReadonlySet<string> = new Set(['invalid_type', 'invalid_value', 'invalid_union']);

function wordsOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `${issue.path?.length ? '' : 'the request '}must be ${typeNames[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${either(issue.values.map(String))}`;
    case 'too_small':
      return tooSmall(issue.origin, Number(issue.minimum));
    case 'too_big':
      return `must ${boundOf(issue.origin, Number(issue.maximum))} at the most`;
    case 'invalid_key':
      return 'is no name that is allowed';
    case 'invalid_union':
      // A field that tells which form the request has.
      if (Array.isArray(issue.options) && issue.options.length > 0)
        return `must be ${either(issue.options.map(String))}`;
      return 'has none of the forms that it may have';
    default:
      return 'is not of the form that it must have';
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function tooSmall(origin: string, minimum: number): string {
  const isEmpty = minimum === 1 && (origin === 'string' || origin === 'array');
  return isEmpty ? 'must not be empty' : `must ${boundOf(origin, minimum)} at least`;
}

function boundOf(origin: string, bound: number): string {
  if (origin === 'string') return `have ${bound} characters`;
  return origin === 'array' ? `have ${bound} items` : `be ${bound}`;
}

/** `a`, `a or b`, `a, b or c`. */
function either(values: readonly string[]): string {
  const last = values.at(-1) ?? '';
  return values.length < 2 ? last : `${values.slice(0, -1).join(', ')} or ${last}`;
}
