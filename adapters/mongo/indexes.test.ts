import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Collection } from 'mongodb';
import { testDatabase, dropDatabase } from './test-fixtures.ts';
import type { Database } from './connect.ts';
import { ensureIndexes } from './indexes.ts';

let database: Database;

beforeAll(() => {
  database = testDatabase(process.env['GHEE_TEST_MONGODB_URI'], 'indexes');
});

afterAll(() => dropDatabase(database));

test('indexes are made once; one that is missing is made, the others are left alone', async () => {
  const creating = jest.spyOn(Collection.prototype, 'createIndexes');
  await ensureIndexes(database);
  const made = await database.requests.indexes();
  expect(made.map(({ name }) => name)).toContain('at_-1__id_-1');
  expect(made.find(({ name }) => name === 'expiresAt_1')?.['expireAfterSeconds']).toBe(0);
  creating.mockClear();
  await ensureIndexes(database);
  expect(creating).not.toHaveBeenCalled();
  await database.requests.dropIndex('requestId_1');
  await ensureIndexes(database);
  expect(creating.mock.calls.map(([indexes]) => indexes.map(({ name }) => name))).toEqual([
    ['requestId_1'],
  ]);
  expect(await database.requests.indexes()).toHaveLength(made.length);
});
