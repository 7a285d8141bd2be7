import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { claimSecret, connectMongo, type Database } from './connect.ts';
import { ensureIndexes } from './indexes.ts';
import { ObservationStore } from './observation-store.ts';
import { StoreError } from './store-error.ts';
import { answerOf, dropDatabase, freshDatabase, recordingOf, SCOPE } from './test-fixtures.ts';

let database: Database;
let store: ObservationStore;
let skipped: string[] = [];

beforeAll(async () => {
  database = await freshDatabase(process.env['GHEE_TEST_MONGODB_URI'], 'observations');
  const onSkipped = (collection: string, id: string) => skipped.push(`${collection}/${id}`);
  store = new ObservationStore(database, { now: () => 5000, onSkipped });
});

beforeEach(async () => {
  skipped = [];
  for (const name of ['observations', 'answers', 'scopes', 'settings']) {
    await database.db.collection(name).deleteMany({});
  }
});

afterAll(() => dropDatabase(database));

async function failure(promise: Promise<unknown>): Promise<StoreError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof StoreError) return error;
  throw new Error('expected a StoreError', { cause: error });
}

describe('observations', () => {
  test('what is read is what was recorded, names and texts of all kinds included', async () => {
    const bindings = [
      ['__proto__', 'x'],
      ['a.b', '$set'],
      ['constructor', '\u2028 😀'],
    ] as const;
    const recording = recordingOf('o1', {
      bindings,
      answer: { ...answerOf('a'), usage: '{"x":1}' },
    });
    await store.record(recording);
    expect(await store.read('o1')).toEqual(recording.observation);
    expect(await store.readRecording('o1')).toEqual(recording);
    expect(skipped).toEqual([]);
  });

  test('recording the same again is success and changes nothing', async () => {
    await store.record(recordingOf('o1'));
    await store.finish('o1', 'learned');
    await store.record(recordingOf('o1'));
    await Promise.all(Array.from({ length: 10 }, () => store.record(recordingOf('o2'))));
    expect(await store.recordMany([1, 2, 3].map((n) => recordingOf(`o${n}`)))).toEqual([]);
    expect(await database.observations.countDocuments()).toBe(3);
    expect((await store.waiting({ limit: 10, before: 2000 })).map((o) => o.observation)).toEqual([
      'o2',
      'o3',
    ]);
  });

  test('a document over the limit is refused for good, and the error says nothing of it', async () => {
    const secret = 'canary'.repeat(3_000_000);
    const error = await failure(store.record(recordingOf('big', { messages: secret })));
    expect(error).toMatchObject({ code: 'store_rejected', retryable: false });
    expect(error.message).not.toContain('canary');
    expect(error.cause).toBeUndefined();
  });

  test('documents that do not parse are skipped and reported', async () => {
    await store.record(recordingOf('good'));
    await store.record(recordingOf('bad'));
    await database.db
      .collection<{ _id: string }>('observations')
      .updateOne({ _id: 'bad' }, { $set: { answer: { message: 7 } } });
    const found = await store.byShape(SCOPE, 'shape-1', 10);
    expect(found.map((observation) => observation.id)).toEqual(['good']);
    expect(skipped).toEqual(['observations/bad']);
  });

  test('an operator in place of a value matches nothing', async () => {
    await store.record(recordingOf('o1'));
    const operator = { $gt: '' } as unknown as string;
    expect(await store.byShape(operator, operator, 10)).toEqual([]);
    expect(await store.read(operator)).toBeUndefined();
    expect(await store.readRecording(operator)).toBeUndefined();
  });

  test('observations of a shape come newest first and within the limit', async () => {
    await store.recordMany([
      recordingOf('o1', { at: 1 }),
      recordingOf('o3', { at: 3 }),
      recordingOf('o2', { at: 2 }),
      recordingOf('other', { at: 4, shape: 'shape-2' }),
    ]);
    const ids = (await store.byShape(SCOPE, 'shape-1', 2)).map((observation) => observation.id);
    expect(ids).toEqual(['o3', 'o2']);
  });

  test('waiting gives ids, oldest first, of those that nobody finished', async () => {
    await store.recordMany([10, 30, 20, 40].map((at) => recordingOf(`o${at}`, { at })));
    await store.finish('o20', 'learned');
    expect(await store.waiting({ limit: 2, before: 40 })).toEqual([
      { observation: 'o10', project: 'project-1', scope: SCOPE, at: 10, induce: true },
      { observation: 'o30', project: 'project-1', scope: SCOPE, at: 30, induce: true },
    ]);
    const [after] = await store.waiting({ limit: 1, before: 40 });
    expect(await store.waiting({ limit: 2, before: 40, after })).toMatchObject([
      { observation: 'o30' },
    ]);
    await store.reopen(['o20']);
    expect((await store.waiting({ limit: 9, before: 25 })).map((o) => o.observation)).toEqual([
      'o10',
      'o20',
    ]);
  });

  test('proposals live in the observation until it is finished', async () => {
    await store.record(recordingOf('o1'));
    expect(await store.saveProposal('o1', 'identify', '{"spans":[]}')).toBe('saved');
    expect(await store.saveProposal('o1', 'name', '{"a.$b":1}')).toBe('saved');
    expect(await store.saveProposal('none', 'name', '{}')).toBe('gone');
    expect((await store.readForInduction('o1'))?.proposals.get('name')).toBe('{"a.$b":1}');
    expect((await store.readForInduction('o1'))?.proposals.has('derive')).toBe(false);
    await store.finish('o1', 'committed');
    await store.finish('o1', 'committed');
    expect((await store.readForInduction('o1'))?.proposals.size).toBe(0);
    const document = await database.observations.findOne({ _id: 'o1' });
    expect(document?.induction).toEqual({ state: 'done', outcome: 'committed', at: 5000 });
    await expect(store.saveProposal('o1', 'a.b', '{}')).rejects.toThrow(StoreError);
  });
});

describe('what follows from observations', () => {
  test('the first complete answer of a thread stays', async () => {
    const first = recordingOf('o1', { thread: 't' });
    const second = recordingOf('o2', { thread: 't', at: 2000 });
    await store.saveExactAnswers([first]);
    await store.saveExactAnswers([first, second]);
    expect(await store.readExactAnswer(first.exactAnswer.id)).toEqual(first.exactAnswer);
  });

  test('a refresh takes the place of an older answer, and repeating an old one does not undo it', async () => {
    const [first, old, young] = [
      recordingOf('o1', { thread: 't', at: 1 }),
      recordingOf('o2', { thread: 't', at: 2, replace: true }),
      recordingOf('o3', { thread: 't', at: 3, replace: true }),
    ];
    await store.saveExactAnswers([first]);
    await store.saveExactAnswers([young]);
    await store.saveExactAnswers([old]);
    await store.saveExactAnswers([first]);
    expect(await store.readExactAnswer(first.exactAnswer.id)).toEqual(young.exactAnswer);
  });

  test('saving a scope again leaves the version of its children', async () => {
    const { scope } = recordingOf('o1');
    await store.scopes.save([scope, scope]);
    await database.scopes.updateOne({ _id: SCOPE }, { $inc: { childrenVersion: 1 } });
    await store.scopes.save([scope]);
    expect(await store.scopes.read(SCOPE)).toEqual(scope);
    expect(await database.scopes.findOne({ _id: SCOPE })).toMatchObject({ childrenVersion: 1 });
  });

  test('an observation is enough to write scope and exact answer', async () => {
    const recording = recordingOf('o1');
    await store.record(recording);
    expect(await store.repair('o1')).toBeDefined();
    expect(await store.repair('o1')).toBeDefined();
    expect(await store.scopes.read(SCOPE)).toEqual(recording.scope);
    expect(await store.readExactAnswer(recording.exactAnswer.id)).toEqual(recording.exactAnswer);
  });

  test('a deleted observation repairs nothing', async () => {
    await store.record(recordingOf('o1'));
    await database.observations.updateOne({ _id: 'o1' }, { $set: { deletedAt: 1 } });
    expect(await store.repair('o1')).toBeUndefined();
    expect(await store.read('o1')).toBeUndefined();
    expect(await database.answers.countDocuments()).toBe(0);
  });
});

describe('the connection', () => {
  test('indexes are created once, however often', async () => {
    await ensureIndexes(database);
    const names = (await database.observations.indexes()).map((index) => index.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('scope_1_shape_1_at_-1');
  });

  test('a database belongs to one secret', async () => {
    await Promise.all([claimSecret(database, 'f1'), claimSecret(database, 'f1')]);
    await claimSecret(database, 'f1');
    const error = await failure(claimSecret(database, 'f2'));
    expect(error).toMatchObject({ code: 'secret_mismatch', retryable: false });
    expect(error.message).not.toContain('f1');
  });

  test('a server that is not there is a StoreError, soon', async () => {
    const nowhere = connectMongo({ uri: 'mongodb://127.0.0.1:9/', database: 'x' });
    const lost = new ObservationStore(nowhere, { now: () => 0, onSkipped: () => undefined });
    const startedAt = performance.now();
    expect(await failure(lost.read('o1'))).toMatchObject({
      code: 'store_unavailable',
      retryable: true,
    });
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    await nowhere.close();
  });

  test('a connection string that cannot be read is not repeated', () => {
    const connect = () => connectMongo({ uri: 'mongo://user:canary@host', database: 'x' });
    expect(connect).toThrow(StoreError);
    expect(connect).not.toThrow(/canary/);
  });
});
