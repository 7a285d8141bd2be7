import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSpool, type Spool } from '../spool/spool.ts';
import { claimEncryption, connectConfigured, connectMongo, type Database } from './connect.ts';
import type { Recording } from './documents.ts';
import { ObservationStore } from './observation-store.ts';
import { EXACT_ONLY } from './outcomes.ts';
import {
  createObservationRecorder,
  type ObservationRecorder,
  type RecorderProblem,
} from './recorder.ts';
import { dropDatabase, freshDatabase, recordingOf, SCOPE } from './test-fixtures.ts';
import { until } from '../../tests/support/until.ts';

let database: Database;
let nowhere: Database;
let directory: string;
let spool: Spool;
let recorder: ObservationRecorder | undefined;
let stored: string[];
let problems: RecorderProblem[];

beforeAll(async () => {
  database = await freshDatabase(process.env['GHEE_TEST_MONGODB_URI'], 'recorder');
  nowhere = connectMongo({ uri: 'mongodb://127.0.0.1:9/', database: 'x' });
});

afterAll(async () => {
  await nowhere.close();
  await dropDatabase(database);
});

beforeEach(async () => {
  [stored, problems] = [[], []];
  for (const name of ['observations', 'answers', 'scopes']) {
    await database.db.collection(name).deleteMany({});
  }
  directory = mkdtempSync(join(tmpdir(), 'ghee-recorder-'));
  spool = await openTestSpool();
});

afterEach(async () => {
  await recorder?.close();
  await spool.close();
  rmSync(directory, { recursive: true });
});

function openTestSpool(bytesMax = 10_000_000): Promise<Spool> {
  return openSpool({ directory, bytesMax, pid: process.pid, now: () => Date.now() });
}

function storeOn(target: Database): ObservationStore {
  return new ObservationStore(target, { now: () => 5000, onSkipped: () => undefined });
}

function recorderOn(target: Database, more: { store?: ObservationStore } = {}) {
  recorder = createObservationRecorder({
    store: storeOn(target),
    spool,
    onStored: (ref) => stored.push(ref.observation),
    onProblem: (problem) => problems.push(problem),
    drainEveryMs: 50,
    ...more,
  });
  return recorder;
}

async function expectAllFollowed(recordings: readonly Recording[]): Promise<void> {
  const store = storeOn(database);
  for (const { observation, exactAnswer } of recordings) {
    expect(await store.read(observation.id)).toEqual(observation);
    expect(await store.readExactAnswer(exactAnswer.id)).toEqual(exactAnswer);
  }
  expect(await store.scopes.read(SCOPE)).toEqual(recordings[0]?.scope);
}

test('MongoDB is there: acknowledged, and scope, exact answer and run follow', async () => {
  const target = recorderOn(database);
  const recordings = Array.from({ length: 250 }, (_, n) => recordingOf(`o${n}`));
  const results = await Promise.all(recordings.map((recording) => target.record(recording)));
  expect(new Set(results.map((result) => JSON.stringify(result)))).toEqual(
    new Set(['{"kind":"acknowledged","by":"mongodb"}']),
  );
  await until('all runs are started', () => stored.length === 250);
  // Batches follow up side by side: runs start in any order, each once.
  expect(stored.toSorted()).toEqual(
    recordings.map((recording) => recording.observation.id).toSorted(),
  );
  await expectAllFollowed(recordings);
  expect(problems).toEqual([]);
});

test('MongoDB is away: acknowledged by the spool; when it is back, all of it follows', async () => {
  const away = recorderOn(nowhere);
  const recordings = Array.from({ length: 30 }, (_, n) =>
    recordingOf(`o${n}`, { bindings: [['__proto__', 'a.b']] }),
  );
  const startedAt = performance.now();
  for (const recording of recordings) {
    expect(await away.record(recording)).toEqual({ kind: 'acknowledged', by: 'spool' });
  }
  // Only the first waited for MongoDB.
  expect(performance.now() - startedAt).toBeLessThan(20_000);
  expect(await away.drain()).toBe(false);
  await away.close();
  expect(stored).toEqual([]);
  recorderOn(database);
  await until('the spool is empty', () => spool.bytes() === 0 && stored.length === 30);
  await expectAllFollowed(recordings);
  expect(problems.map((problem) => problem.kind)).toContain('drained');
});

test('an observation for the exact exchange only starts no run', async () => {
  const target = recorderOn(database);
  await target.record(recordingOf('o1', { induce: false }));
  await target.record(recordingOf('o2'));
  await target.close();
  expect(stored).toEqual(['o2']);
  const document = await database.observations.findOne({ _id: 'o1' });
  expect(document?.induction).toMatchObject({ state: 'done', outcome: EXACT_ONLY });
  expect(await database.answers.countDocuments()).toBe(2);
});

test('one document that is too large is lost alone, and said to be', async () => {
  const target = recorderOn(database);
  const recordings = ['o1', 'o2', 'o3', 'o4', 'o5'].map((id) =>
    recordingOf(id, id === 'o3' ? { messages: 'x'.repeat(18_000_000) } : {}),
  );
  const results = await Promise.all(recordings.map((recording) => target.record(recording)));
  const lost = { kind: 'lost', code: 'store_rejected' };
  expect(results.filter((result) => result.kind === 'lost')).toEqual([lost]);
  expect(results[2]).toEqual(lost);
  expect(problems).toEqual([{ kind: 'refused', observations: 1 }]);
});

test('after one that was refused alone, what follows from the next ones follows', async () => {
  const target = recorderOn(database);
  const refused = await target.record(recordingOf('o1', { messages: 'x'.repeat(18_000_000) }));
  expect(refused.kind).toBe('lost');
  await target.record(recordingOf('o2'));
  await until('the run of the next one is started', () => stored.includes('o2'));
});

test('no MongoDB and a full spool: the result says so', async () => {
  spool = await openTestSpool(10);
  const result = await recorderOn(nowhere).record(recordingOf('o1'));
  expect(result).toEqual({ kind: 'lost', code: 'spool_full' });
});

test('lines of the spool that are no observations are left out and counted', async () => {
  await spool.append({ _id: 'x' });
  await spool.append('text');
  recorderOn(database);
  await until('the spool is empty', () => spool.bytes() === 0);
  expect(problems).toContainEqual({ kind: 'refused', observations: 2 });
});

test('what was sealed with another key waits on disk for a process that has it', async () => {
  const key = randomBytes(32).toString('hex');
  const { databaseName } = database.db;
  const uri = process.env['GHEE_TEST_MONGODB_URI'] ?? '';
  const away = connectMongo({ uri: 'mongodb://127.0.0.1:9/', database: 'x', encryptionKey: key });
  const owner = connectMongo({ uri, database: databaseName, encryptionKey: key });
  try {
    const recordings = ['o1', 'o2'].map((id) => recordingOf(id));
    for (const recording of recordings) await recorderOn(away).record(recording);
    await recorder?.close();
    await spool.close();

    spool = await openTestSpool();
    await spool.append(storeOn(nowhere).sealed(recordingOf('o3')));
    expect(await recorderOn(database).drain()).toBe(true);
    expect(stored).toEqual(['o3']);
    // One file for each time that it was tried to drain.
    const entries = spool.locked().map((locked) => locked.entries);
    expect(entries.reduce((sum, count) => sum + count, 0)).toBe(2);
    expect(problems.filter((problem) => problem.kind === 'refused')).toEqual([]);
    await recorder?.close();

    spool = await openTestSpool();
    recorderOn(owner);
    await until('both are learned from', () => stored.length === 3);
    expect(await storeOn(owner).read('o2')).toEqual(recordings[1]?.observation);
    await until('the spool is empty', () => spool.bytes() === 0);
  } finally {
    await Promise.all([away.close(), owner.close()]);
  }
});

test('until the database is known to be of the same key, the spool takes what is recorded', async () => {
  const { databaseName: mongodbDatabase } = database.db;
  const mongodbUri = process.env['GHEE_TEST_MONGODB_URI'] ?? '';
  const settings = { mongodbUri, mongodbDatabase, encryptionKey: undefined };
  const unchecked = connectConfigured(settings);
  try {
    const target = recorderOn(unchecked);
    expect(await target.record(recordingOf('o1'))).toEqual({ kind: 'acknowledged', by: 'spool' });
    expect(await target.drain()).toBe(false);
    expect(await database.observations.countDocuments()).toBe(0);
    await claimEncryption(unchecked);
    await until('the spool is empty', () => spool.bytes() === 0 && stored.length === 1);
    const result = await target.record(recordingOf('o2'));
    expect(result).toEqual({ kind: 'acknowledged', by: 'mongodb' });
  } finally {
    await recorder?.close();
    await unchecked.close();
  }
});

test('the proxy dies between the observation and what follows: repair makes up for it', async () => {
  const store = storeOn(database);
  const recording = recordingOf('o1');
  await store.record(recording);
  const [waiting] = await store.waiting({ limit: 1, before: 2000 });
  expect(await store.repair(waiting?.observation ?? '')).toBeDefined();
  await expectAllFollowed([recording]);
});
