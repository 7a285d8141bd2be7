import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { connectMongo, type Database } from './connect.ts';
import { Ledger } from './ledger.ts';
import { dropDatabase, freshDatabase } from './test-fixtures.ts';
import { until } from '../../tests/support/until.ts';

const DAY = '2026-11-25';
let database: Database;
let now = Date.parse(`${DAY}T12:00:00Z`);

beforeAll(async () => {
  database = await freshDatabase(process.env['GHEE_TEST_MONGODB_URI'], 'ledger');
});

afterAll(async () => {
  await dropDatabase(database);
});

beforeEach(async () => {
  now = Date.parse(`${DAY}T12:00:00Z`);
  await database.ledger.deleteMany({});
});

const ledgerOf = (process: string, target = database): Ledger =>
  new Ledger(target, { now: () => now, process });

test('two processes add up, and writing again changes nothing', async () => {
  const [a, b] = [ledgerOf('a'), ledgerOf('b')];
  a.add('local', 'm', { hitsExact: 1, savedMicroUsd: 10 });
  b.add('local', 'm', { hitsExact: 1, hitsTemplate: 2, savedMicroUsd: 5 });
  b.add('local', 'n', { misses: 1 });
  await Promise.all([a.flush(), b.flush()]);
  a.add('local', 'm', { hitsExact: 1 });
  await Promise.all([a.flush(), a.flush(), b.flush()]);
  await a.flush();
  expect(await a.sums(DAY)).toEqual([
    { model: 'm', counts: { hitsExact: 3, hitsTemplate: 2, savedMicroUsd: 15 } },
    { model: 'n', counts: { misses: 1 } },
  ]);
});

test('days are kept apart', async () => {
  const ledger = ledgerOf('a');
  ledger.add('local', 'm', { misses: 1 });
  now += 86_400_000;
  ledger.add('local', 'm', { misses: 2 });
  await ledger.flush();
  ledger.add('local', 'm', { misses: 4 });
  await ledger.flush();
  expect(await ledger.sums('2026-11-26')).toEqual([{ model: 'm', counts: { misses: 6 } }]);
  expect(await ledger.sums(DAY)).toEqual([{ model: 'm', counts: { misses: 7 } }]);
});

test('names that clients make up take no room without end', async () => {
  const ledger = ledgerOf('a');
  for (let n = 0; n < 1500; n++) ledger.add('local', `model-${n}`, { misses: 1 });
  // A busy machine needs more than one attempt for so many.
  await until('all is written', () => ledger.flush());
  expect(await database.ledger.countDocuments()).toBeLessThanOrEqual(1001);
  const [other] = await database.ledger.find({ model: 'other' }).toArray();
  expect(other?.counts.misses).toBe(500);
});

test('MongoDB away: nothing is lost and nothing thrown', async () => {
  const nowhere = connectMongo({ uri: 'mongodb://127.0.0.1:9/', database: 'x' });
  const ledger = ledgerOf('a', nowhere);
  ledger.add('local', 'm', { misses: 1 });
  expect(await ledger.flush()).toBe(false);
  await nowhere.close();
});
