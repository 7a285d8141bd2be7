import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { MemoisedSandbox } from './memoised-sandbox.ts';
import { createSandbox, type SandboxRequest } from './sandbox.ts';
import { Strikes } from './strikes.ts';

const sandbox = createSandbox({ size: 1 });
afterAll(() => sandbox.close());

let runs = 0;
const counted = (request: SandboxRequest) => {
  runs += 1;
  return sandbox.run(request);
};
beforeEach(() => {
  runs = 0;
});

const create = (budgetMs = 10_000, patienceMs = 10_000) =>
  new MemoisedSandbox({ run: counted, strikes: new Strikes(), patienceMs, budgetMs });
const callOf = (source: string, variables: Record<string, string>, id = source) => ({
  id,
  source,
  variables: new Map(Object.entries(variables)),
});
const UPPER = '(v) => v.a.toUpperCase()';

test('what was derived once is known at once, whatever the order of its variables', async () => {
  const memoised = create();
  const call = callOf(UPPER, { a: 'x', b: 'y' });
  expect(memoised.recall(call)).toBeUndefined();
  expect(await memoised.derive(call)).toEqual({ type: 'string', text: 'X' });
  expect(memoised.recall(callOf(UPPER, { b: 'y', a: 'x' }))).toEqual({ type: 'string', text: 'X' });
  expect(await memoised.derive(call)).toEqual({ type: 'string', text: 'X' });
  expect(runs).toBe(1);
});

test('other variables, values and derivations are other questions', async () => {
  const memoised = create();
  const calls = [
    callOf(UPPER, { a: 'x' }),
    callOf(UPPER, { a: 'x","b' }),
    callOf(UPPER, { a: 'x', b: '' }),
    callOf('(v) => v.a', { a: 'x' }),
  ];
  const values = await Promise.all(calls.map((call) => memoised.derive(call)));
  expect(values.map((value) => (value as { text: string }).text)).toEqual(['X', 'X","B', 'X', 'x']);
  expect(runs).toBe(4);
});

test('calls for the same thing at the same time are one run', async () => {
  const memoised = create();
  const values = await Promise.all(
    Array.from({ length: 50 }, () => memoised.derive(callOf(UPPER, { a: 'x' }))),
  );
  expect(new Set(values.map((value) => JSON.stringify(value))).size).toBe(1);
  expect(runs).toBe(1);
});

test('that there is no value is remembered too', async () => {
  const memoised = create();
  const call = callOf('(v) => v.a.b.c', { a: 'x' });
  expect(await memoised.derive(call)).toBe('none');
  expect(memoised.recall(call)).toBe('none');
  expect(runs).toBe(1);
});

test('a derivation that was killed twice is not tried again, for any value', async () => {
  const memoised = create(1000);
  await sandbox.run({ source: UPPER, inputs: [new Map([['a', '']])], budgetMs: 10_000 });
  const derive = (a: string) => memoised.derive(callOf('(v) => { for (;;); }', { a }));
  for (const a of ['1', '2', '3', '4']) expect(await derive(a)).toBeUndefined();
  expect(runs).toBe(2);
});

test('who asks does not wait for a slow run, whose value is there the next time', async () => {
  const memoised = create(10_000, 5);
  const slow = '(v) => { let n = 0; for (let i = 0; i < 3e6; i++) n += i; return v.a + n; }';
  const call = callOf(slow, { a: 'x' });
  expect(await memoised.derive(call)).toBeUndefined();
  const patient = { run: counted, strikes: new Strikes(), patienceMs: 10_000, budgetMs: 10_000 };
  // The sandbox takes one job after the other: when this one is done, so is the slow one.
  await new MemoisedSandbox(patient).derive(callOf(UPPER, { a: 'y' }));
  expect(await memoised.derive(call)).toEqual({ type: 'string', text: 'x4499998500000' });
  expect(runs).toBe(2);
});
