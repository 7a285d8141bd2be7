/** Two callers with different keys never share an entry, whatever else their requests say. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createKeyedHash } from '../../adapters/caller.ts';
import { scopeOf } from '../../core/observation.ts';
import { callerOf, CREDENTIAL_HEADERS } from './caller.ts';
import { sha256 } from './plan.ts';

const keyedHash = createKeyedHash('a secret of tests');
const request = { model: 'm', parameters: '"model":"m"' };

interface Sender {
  readonly headers: Readonly<Record<string, string>>;
  readonly query: string;
  readonly project: string | undefined;
  readonly separate: boolean;
}

function scopeIdOf({ headers, query, project, separate }: Sender): string {
  const target = { upstream: 'u', path: '/chat/completions', query };
  const caller = callerOf(keyedHash, headers, target, { project, separate });
  const thread = { messages: [], callIds: [] };
  return scopeOf(sha256, caller, {
    ...request,
    thread,
    stream: false,
    includeUsage: false,
  }).id;
}

const value = fc.string({ minLength: 1, maxLength: 12 });
const credential = fc.constantFrom(...CREDENTIAL_HEADERS);
const others = fc.dictionary(
  fc.constantFrom(
    'user-agent',
    'accept',
    'openai-beta',
    'x-stainless-lang',
    'butter-trust',
    'x-app',
  ),
  value,
);
const credentials = fc.dictionary(credential, value);

describe('scopes', () => {
  test('differ with any credential, without a project or where it keeps callers apart', () => {
    fc.assert(
      fc.property(others, credentials, credential, value, value, fc.boolean(), (...given) => {
        const [more, rest, name, one, other, inProject] = given;
        fc.pre(one !== other);
        const project = inProject ? 'p' : undefined;
        const of = (text: string): Sender => ({
          headers: { ...more, ...rest, [name]: text },
          query: '',
          project,
          separate: true,
        });
        expect(scopeIdOf(of(one))).not.toBe(scopeIdOf(of(other)));
      }),
    );
  });

  test('differ with a key in the query', () => {
    fc.assert(
      fc.property(others, fc.uuid(), fc.uuid(), (headers, one, other) => {
        fc.pre(one !== other);
        const of = (key: string) =>
          scopeIdOf({ headers, query: `?api-key=${key}`, project: undefined, separate: false });
        expect(of(one)).not.toBe(of(other));
      }),
    );
  });

  test('differ between projects, and from calls without one', () => {
    fc.assert(
      fc.property(others, credentials, fc.boolean(), fc.boolean(), (more, rest, one, other) => {
        const headers = { ...more, ...rest };
        const of = (project: string | undefined, separate: boolean) =>
          scopeIdOf({ headers, query: '', project, separate });
        const ids = [of(undefined, false), of('p1', one), of('p2', other)];
        expect(new Set(ids).size).toBe(3);
      }),
    );
  });

  test('differ between namespaces, and are one for callers of a project that share', () => {
    fc.assert(
      fc.property(others, credentials, credentials, value, (more, one, other, namespace) => {
        const of = (headers: Sender['headers']) =>
          scopeIdOf({ headers, query: '', project: 'p', separate: false });
        expect(of({ ...more, ...one })).toBe(of({ ...more, ...other }));
        const apart = { ...more, ...one, 'butter-namespace': namespace };
        expect(of(apart)).not.toBe(of({ ...more, ...one }));
      }),
    );
  });
});
