import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Database } from './connect.ts';
import { FeedbackStore } from './feedback-store.ts';
import { TreeMirror } from './mirror.ts';
import { ObservationStore } from './observation-store.ts';
import { answerOf, dropDatabase, freshDatabase, recordingOf, SCOPE } from './test-fixtures.ts';
import { until } from '../../tests/support/until.ts';

let database: Database;
let observations: ObservationStore;
let feedback: FeedbackStore;
let mirror: TreeMirror;
let now = 2000;

beforeAll(async () => {
  database = await freshDatabase(process.env['GHEE_TEST_MONGODB_URI'], 'feedback');
  observations = new ObservationStore(database, { now: () => now, onSkipped: () => undefined });
  feedback = new FeedbackStore(database, { now: () => now });
  mirror = new TreeMirror(database, {
    entriesMax: 1000,
    now: Date.now,
    onSkipped: () => undefined,
  });
  mirror.start();
  expect(await mirror.whenLive(20_000)).toBe(true);
});

afterAll(async () => {
  await mirror.stop();
  await dropDatabase(database);
});

beforeEach(async () => {
  now = 2000;
  for (const name of ['answers', 'vetoes', 'feedback', 'observations']) {
    await database.db.collection(name).deleteMany({});
  }
});

const recording = recordingOf('o1');
const { exactAnswer } = recording;
const stored = () => observations.readExactAnswer(exactAnswer.id);

test('an exact answer that was taken back is gone everywhere, and no repair brings it back', async () => {
  await observations.record(recording);
  await observations.repair('o1');
  await until('it is mirrored', () => mirror.exact(SCOPE, exactAnswer.thread) !== undefined);
  await feedback.removeExact(exactAnswer);
  await until('it is gone', () => mirror.exact(SCOPE, exactAnswer.thread) === undefined);
  expect(await observations.repair('o1')).toBeDefined();
  await observations.saveExactAnswers([{ exactAnswer, replace: true }]);
  expect(await stored()).toBeUndefined();
});

test('one that is complete later takes its place, once', async () => {
  await observations.saveExactAnswers([{ exactAnswer }]);
  await feedback.removeExact(exactAnswer);
  const later = { ...exactAnswer, observation: 'o2', answer: answerOf('better'), at: 3000 };
  await observations.saveExactAnswers([{ exactAnswer: later }]);
  expect(await stored()).toEqual(later);
  const last = { ...exactAnswer, observation: 'o3', answer: answerOf('other'), at: 4000 };
  await observations.saveExactAnswers([{ exactAnswer: last }]);
  expect(await stored()).toEqual(later);
});

test('one that is not here yet is taken back as well: it may come from a spool', async () => {
  await feedback.removeExact(exactAnswer);
  await observations.saveExactAnswers([{ exactAnswer }]);
  expect(await stored()).toBeUndefined();
});

test('a veto reaches mirrors, twice is once, and it is of its scope', async () => {
  await feedback.veto({ key: 'k1', project: 'p', scope: SCOPE, node: 'n' });
  await feedback.veto({ key: 'k1', project: 'p', scope: SCOPE, node: 'n' });
  await feedback.veto({ key: 'k2', project: 'p', scope: 'other' });
  await until('both are mirrored', () => mirror.vetoed('other')?.has('k2') === true);
  expect([...(mirror.vetoed(SCOPE) ?? [])]).toEqual(['k1']);
  await database.vetoes.deleteOne({ _id: 'k1' });
  await until('it is lifted', () => mirror.vetoed(SCOPE) === undefined);
});

test('the first feedback on a call stays', async () => {
  const given = {
    _id: 'c',
    requestId: 'r',
    verdict: 'wrong',
    isCorrected: false,
    project: 'p',
  } as const;
  await feedback.save({ ...given, effect: 'removed' });
  await feedback.save({ ...given, effect: 'none' });
  expect(await feedback.read('c')).toMatchObject({ effect: 'removed', at: 2000 });
  expect(await feedback.read('d')).toBeUndefined();
});

test('an observation that was taken back is no evidence any more', async () => {
  await observations.record(recording);
  await observations.retract('o1');
  expect(await observations.read('o1')).toBeUndefined();
  expect(await observations.byShape(SCOPE, 'shape-1', 10)).toEqual([]);
  expect(await observations.repair('o1')).toBeUndefined();
});
