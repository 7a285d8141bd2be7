/** Types of values, and answers that serve at once for what is typical of them. */
import { describe, expect, it, test } from '@jest/globals';
import { MemoryInducer, requestOf } from '../../tests/support/memory-inducer.ts';
import { fitOf, shapeOf, type ValueType } from '../tree/value-type.ts';
import { keyBefore } from './value-types.ts';

test.each([
  ['EECS', 'A'],
  ['280', '999'],
  ['Spring-Summer', 'Aa-Aa'],
  ['Philosophy of Language', 'Aa … Aa'],
  ['taking Latin', 'a … Aa'],
])('%s has the shape %s', (value, shape) => {
  expect(shapeOf(value)).toBe(shape);
});

test('a value fits a type where it is known, in whatever case, or has a shape of it', () => {
  const type: ValueType = {
    name: 'city',
    values: ['oslo'],
    shapes: ['Aa'],
    expects: 'new',
    rivalled: [],
    doubtful: [],
    isWhole: true,
  };
  expect(['Oslo', 'OSLO', 'Rome', 'rome', 'New York'].map((value) => fitOf(type, value))).toEqual([
    'known',
    'known',
    'novel',
    'odd',
    'odd',
  ]);
});

test('what looks like values of another type there, or like none of its own, is rivalled', () => {
  const type: ValueType = {
    name: 'state',
    values: ['texas', 'new mexico'],
    shapes: ['a', 'a … a'],
    expects: 'new',
    rivalled: ['a'],
    doubtful: ['potomac'],
    isWhole: true,
  };
  const fits = ['texas', 'ohio', 'Ohio', 'north dakota', '1st street', 'upper potomac'].map(
    (value) => fitOf(type, value),
  );
  expect(fits).toEqual(['known', 'rivalled', 'rivalled', 'novel', 'rivalled', 'rivalled']);
});

test.each([
  ['WHERE c0.CITY_NAME = "', 'c.city_name'],
  ['AND t.NAME NOT LIKE "%', 't.name'],
  ['t.NUMBER BETWEEN 400 AND ', 't.number'],
  ['t.TERM IN ( "FA" , "', 't.term'],
  ['ORDER BY x LIMIT ', undefined],
])('the key before a value: %s', (text, key) => {
  expect(keyBefore(text, text.length)).toBe(key);
});

const CITIES = ['austin', 'boston', 'dallas', 'denver', 'erie', 'miami', 'tucson'];
const STATES = ['texas', 'ohio', 'utah', 'iowa', 'maine', 'idaho', 'nevada'];

function ask(content: string) {
  return { messages: [{ role: 'user', content }] };
}

function query(column: string, what: string, value: string) {
  const table = column.startsWith('CITY') ? 'CITY' : 'STATE';
  return {
    role: 'assistant',
    content: `SELECT ${what} FROM ${table} WHERE ${table}.${column} = "${value}" ;`,
  };
}

/** Questions about cities and about states, and one in the words of both. */
function taught(errorBudget?: number): MemoryInducer {
  const inducer = new MemoryInducer(errorBudget);
  for (const city of CITIES) {
    inducer.learn(ask(`which mayor governs ${city} today`), query('CITY_NAME', 'MAYOR', city));
  }
  for (const state of STATES) {
    inducer.learn(ask(`who is governor over ${state} now`), query('STATE_NAME', 'HEAD', state));
  }
  return inducer;
}

describe('a question of two readings', () => {
  it('is never answered for a value that is known in the other one', () => {
    const inducer = taught();
    for (const state of STATES.slice(0, 3)) {
      inducer.learn(ask(`how many people live in ${state}`), query('STATE_NAME', 'PEOPLE', state));
    }
    expect(inducer.ask(ask('how many people live in boston')).kind).toBe('miss');
  });

  it('is answered at once, where the budget allows, for a value that is known in its type', () => {
    const inducer = taught(0.02);
    inducer.learn(ask('how many people live in texas'), query('STATE_NAME', 'PEOPLE', 'texas'));
    expect(inducer.ask(ask('how many people live in nevada'))).toMatchObject({ kind: 'hit' });
    expect(inducer.ask(ask('how many people live in boston')).kind).toBe('miss');
  });

  it('waits for a confirmation at a smaller budget', () => {
    const inducer = taught(0.001);
    inducer.learn(ask('how many people live in texas'), query('STATE_NAME', 'PEOPLE', 'texas'));
    expect(inducer.ask(ask('how many people live in nevada'))).toMatchObject({
      kind: 'miss',
      reason: 'probation',
    });
  });
});

describe('a new value in a place where values of two types stand', () => {
  it.each([
    ['miss', undefined],
    ['hit', 0.02],
  ])('is a %s at the budget %s', (kind, budget) => {
    const inducer = taught(budget);
    for (const city of CITIES.slice(0, 3)) {
      const question = `do so many people live in ${city} today`;
      inducer.learn(ask(question), query('CITY_NAME', 'PEOPLE', city));
    }
    inducer.learn(ask('how many people live in texas'), query('STATE_NAME', 'PEOPLE', 'texas'));
    expect(inducer.ask(ask('how many people live in kansas')).kind).toBe(kind);
  });
});

describe('what code says by habit', () => {
  it('is no copy of a value that happens to be the same', () => {
    const inducer = new MemoryInducer();
    const answer = (name: string, year: number) => ({
      role: 'assistant',
      content: `SELECT x FROM t WHERE t.NAME = "${name}" AND t.YEAR = ${String(year)} LIMIT 5 ;`,
    });
    for (const [name, number] of [
      ['Ann', 7],
      ['Bob', 8],
      ['Cid', 9],
    ] as const) {
      inducer.learn(ask(`show rows of ${name} since ${String(number)}`), answer(name, number));
    }
    const lesson = inducer.teach(...lessonOf('list everything of Dan after 5', answer('Dan', 5)));
    const shown = JSON.stringify(lesson.nodes.at(-1)?.template.leaves);
    expect(shown).toContain('LIMIT 5');
  });
});

function lessonOf(content: string, message: unknown): Parameters<MemoryInducer['teach']> {
  const body = ask(content);
  return [requestOf(body), body.messages, message, []];
}
