/** The budget of a day on a real server: workers that ask at the same time. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { BudgetStore } from './budget-store.ts';
import type { Database } from './connect.ts';
import { dropDatabase, freshDatabase } from './test-fixtures.ts';

let database: Database;
let now = Date.UTC(2030, 0, 1);

beforeAll(async () => {
  database = await freshDatabase(process.env['GHEE_TEST_MONGODB_URI'], 'budget');
});

afterAll(() => dropDatabase(database));

/** Each test has a day of its own. */
function nextDay(limit: number): [BudgetStore, BudgetStore] {
  now += 86_400_000;
  const day = now;
  const create = () => new BudgetStore(database, { limit, now: () => day });
  return [create(), create()];
}

test('two workers that ask at once never get more than there is', async () => {
  const workers = nextDay(1000);
  const asked = Array.from({ length: 10 }, () => workers.map((each) => each.reserve(150)));
  const granted = (await Promise.all(asked.flat())).filter((settle) => settle !== undefined);
  expect(granted).toHaveLength(6);
  expect(await workers[0].spent()).toBe(900);
});

test('what a call did not use can be used by another', async () => {
  const [a, b] = nextDay(1000);
  const settle = await a.reserve(900);
  expect(await b.reserve(200)).toBeUndefined();
  await settle?.(100);
  expect(await b.reserve(200)).toBeDefined();
  expect(await a.spent()).toBe(300);
});

test('a reservation that nobody settles stays', async () => {
  const [a, b] = nextDay(1000);
  await a.reserve(800);
  expect(await b.reserve(800)).toBeUndefined();
});

test('a call that ends after midnight is settled on the day on which it began', async () => {
  const [a] = nextDay(1000);
  const settle = await a.reserve(1000);
  const [tomorrow] = nextDay(1000);
  await settle?.(10);
  expect([await a.spent(), await tomorrow.spent()]).toEqual([10, 0]);
});

test('with no budget nothing is granted, not even what is free', async () => {
  const [a] = nextDay(0);
  expect(await a.reserve(0)).toBeUndefined();
});
