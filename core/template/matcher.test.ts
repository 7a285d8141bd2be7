/** Matchers: which values each kind takes. */
import { expect, test } from '@jest/globals';
import { accepts, type Matcher } from './matcher.ts';

test.each<[Matcher, string, boolean]>([
  [{ kind: 'integer' }, '007', false],
  [{ kind: 'integer' }, '-3', true],
  [{ kind: 'number' }, '1.50', true],
  [{ kind: 'name' }, 'New York', true],
  [{ kind: 'name' }, 'Bob.', false],
  [{ kind: 'name' }, "Bo O'Neil", true],
  [{ kind: 'name' }, 'bob', false],
  [{ kind: 'word' }, 'a b', false],
  [{ kind: 'word', digits: true }, 'ORD-12', true],
  [{ kind: 'word', digits: true }, 'order', false],
  [{ kind: 'name', structure: ['french'] }, 'Bob French', false],
  [{ kind: 'line', excludes: '"' }, 'say "x"', false],
  [{ kind: 'date' }, '2025-13-01', false],
])('%j and %j: %s', (matcher, value, fits) => {
  expect(accepts(matcher, value)).toBe(fits);
});
