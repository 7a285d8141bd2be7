/** Content at rest: nothing that was said lies readable in any collection, and what is read is what was written. */
import { afterEach, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { createCipher } from './cipher.ts';
import { claimEncryption, connectMongo, type Database } from './connect.ts';
import { Contents } from './contents.ts';
import { MergeStore } from './merge-store.ts';
import { ObservationStore } from './observation-store.ts';
import { RequestStore, type RequestEntry } from './request-store.ts';
import { answerOf, nodeOf, PROJECT, recordingOf, SCOPE } from './test-fixtures.ts';
import { TreeReader } from './tree-reader.ts';
import { TreeStore } from './tree-store.ts';

const newKey = () => randomBytes(32).toString('hex');
const KEY = newKey();
const CANARY = 'Zanzibarovich';

const name = `ghee_test_contents_${process.pid}_${Date.now()}`;
const open: Database[] = [];

function connect(encryptionKey?: string, suffix = ''): Database {
  const uri = process.env['GHEE_TEST_MONGODB_URI'] ?? '';
  const database = connectMongo({ uri, database: `${name}${suffix}`, encryptionKey });
  open.push(database);
  return database;
}

afterEach(async () => {
  for (const database of open.splice(0)) {
    await database.db.dropDatabase();
    await database.close();
  }
});

const said = (what: string) => `${CANARY}, the ${what}`;
const ANSWER = { ...answerOf(said('answer')), extras: JSON.stringify({ said: said('extra') }) };
const RECORDING = recordingOf('o1', {
  messages: JSON.stringify([{ role: 'user', content: said('message') }]),
  bindings: [['name', said('binding')]],
  answer: ANSWER,
});
const SCOPE_OF_IT = { ...RECORDING.scope, parameters: said('tool') };
const NODE = nodeOf('node', {
  template: { role: 'user', skeleton: 's', leaves: [[{ kind: 'literal', text: said('literal') }]] },
  guards: [{ name: 'who', condition: { kind: 'one-of', values: [said('guard')] } }],
});
const REPLY = nodeOf('reply', { parent: 'node', depth: 1, answer: ANSWER });
const MERGED = {
  counts: { siblings: 3, covered: 3, left: 0 },
  templates: [
    { node: 'n', text: [said('merge')], members: 3, examples: ['o1'], retires: ['node'] },
  ],
};
const REQUEST: RequestEntry = {
  ...{ id: 'r', requestId: 'req_1', at: Date.now(), endpoint: 'POST /v1', outcome: 'miss' },
  ...{ isAborted: false, ms: { total: 1 }, path: [], variables: ['name'] },
  content: { messages: said('log'), answer: said('log'), values: [['name', said('value')]] },
};
const OPTIONS = { now: () => 5000, onSkipped: () => undefined };

async function fill(database: Database): Promise<void> {
  const observations = new ObservationStore(database, OPTIONS);
  await observations.record({ ...RECORDING, scope: SCOPE_OF_IT });
  await observations.followUp([{ ...RECORDING, scope: SCOPE_OF_IT }]);
  await observations.saveProposal('o1', 'identify', said('proposal'));
  const trees = new TreeStore(database, OPTIONS);
  await trees.commit({
    ...{ observation: 'o1', scope: SCOPE, parent: SCOPE, expectedChildrenVersion: 0 },
    nodes: [NODE, REPLY],
    exemplars: [{ node: 'node', observation: 'o1', kind: 'example' }],
  });
  await trees.addEvidence({ node: 'reply', observation: 'o2' }, (evidence, state) => ({
    evidence: { ...evidence, seen: [{ name: 'name', values: [said('seen')] }] },
    ...{ state, note: 'agreed' },
  }));
  const merges = new MergeStore(database, OPTIONS);
  const asked = { project: PROJECT, scope: SCOPE, parent: SCOPE, isDryRun: true } as const;
  for (const id of ['m1', 'm2']) await merges.begin(id, { ...asked, by: 'hand' }, 'w');
  await merges.finish('m1', 'proposed', MERGED);
  await merges.saveProposal('m2', 'plan', said('plan'));
  await new RequestStore(database, { now: Date.now, days: 1 }).insert([REQUEST]);
}

/** Whatever of `what` a person finds who may read the database. */
async function findings(database: Database): Promise<string[]> {
  const found: string[] = [];
  for (const { name: collection } of await database.db.listCollections().toArray())
    for (const document of await database.db.collection(collection).find({}).toArray()) {
      const matches = JSON.stringify(document).match(new RegExp(`${CANARY}, the [a-z]+`, 'g'));
      found.push(...(matches ?? []).map((match) => `${collection}: ${match}`));
    }
  return [...new Set(found)].sort();
}

test('with a key no content can be found in any collection; without one all of it', async () => {
  const [sealed, plain] = [connect(KEY), connect(undefined, '_plain')];
  await Promise.all([fill(sealed), fill(plain)]);
  expect(await findings(sealed)).toEqual([]);
  expect(await findings(plain)).toEqual(
    [
      ...['answers: answer', 'answers: extra'],
      ...['mergeProposals: plan', 'merges: merge'],
      ...['nodes: answer', 'nodes: extra', 'nodes: guard', 'nodes: literal', 'nodes: seen'],
      ...['observations: answer', 'observations: binding', 'observations: extra'],
      ...['observations: message', 'observations: proposal', 'observations: tool'],
      ...['requests: log', 'requests: value', 'scopes: tool'],
    ].map((where) => where.replace(': ', `: ${CANARY}, the `)),
  );
});

test('what was written is what is read', async () => {
  const database = connect(KEY);
  await fill(database);
  const observations = new ObservationStore(database, OPTIONS);
  expect(await observations.read('o1')).toEqual(RECORDING.observation);
  expect(await observations.readExactAnswer(RECORDING.exactAnswer.id)).toEqual(
    RECORDING.exactAnswer,
  );
  expect(await observations.scopes.read(SCOPE)).toEqual(SCOPE_OF_IT);
  const record = await observations.readForInduction('o1');
  expect([...(record?.proposals ?? [])]).toEqual([['identify', said('proposal')]]);
  const nodes = await new TreeReader(database, OPTIONS).byId(['node', 'reply']);
  expect(nodes.get('node')).toEqual({ ...NODE, revision: 1 });
  expect(nodes.get('reply')).toMatchObject({
    answer: ANSWER,
    evidence: { seen: [{ name: 'name', values: [said('seen')] }] },
  });
  const merges = new MergeStore(database, OPTIONS);
  expect((await merges.read('m1'))?.templates).toEqual(MERGED.templates);
  expect(await merges.readProposal('m2', 'plan')).toBe(said('plan'));
  const [row] = await new RequestStore(database, { now: Date.now, days: 1 }).list({}, { limit: 1 });
  expect(row?.content).toEqual(REQUEST.content);
});

test('what is sealed opens in its place only, with its key only, and only as it is', () => {
  const cipher = createCipher(KEY);
  const text = `${CANARY} \ud800 "ü"`;
  const sealed = new Contents(cipher).seal('nodes', 'n', { template: { text }, depth: 1 });
  const opened = (document: object, key = cipher): unknown =>
    new Contents(key).open('nodes', { _id: 'n', ...document });
  expect(opened(sealed)).toEqual({ _id: 'n', template: { text }, depth: 1 });
  expect(opened({ depth: 1 })).toEqual({ _id: 'n', depth: 1 });
  const envelope = sealed.template as unknown as string;
  expect(envelope).toMatch(/^ghee1:[0-9a-f]{8}:[\w-]+$/);
  const again = new Contents(cipher).seal('nodes', 'n', { template: { text } });
  expect(again.template).not.toBe(sealed.template);
  const last = envelope.at(-2) === 'A' ? 'B' : 'A';
  for (const broken of [
    opened({ ...sealed, _id: 'other' }),
    opened({ variables: sealed.template }),
    opened(sealed, createCipher(newKey())),
    opened({ template: `${envelope.slice(0, -2)}${last}${envelope.slice(-1)}` }),
    opened({ template: envelope.slice(0, 20) }),
    opened({ template: { text } }),
    new Contents(cipher).open('answers', { _id: 'n', answer: sealed.template }),
  ])
    expect(broken).toBeUndefined();
});

test('a database belongs to one key, or to none, and says what to do', async () => {
  const [first, other, none] = [connect(KEY), connect(newKey()), connect()];
  await Promise.all([claimEncryption(first), claimEncryption(first)]);
  const refusal = { code: 'encryption_key_mismatch', retryable: false };
  await expect(claimEncryption(other)).rejects.toMatchObject({
    ...refusal,
    message: expect.stringContaining('encrypted with another key; set GHEE_ENCRYPTION_KEY'),
  });
  await expect(claimEncryption(none)).rejects.toMatchObject({
    ...refusal,
    message: expect.stringContaining('is encrypted; set GHEE_ENCRYPTION_KEY to its key'),
  });
  const [plain, late] = [connect(undefined, '_plain'), connect(KEY, '_plain')];
  await claimEncryption(plain);
  await expect(claimEncryption(late)).rejects.toMatchObject({
    ...refusal,
    message: expect.stringContaining('without GHEE_ENCRYPTION_KEY'),
  });
});
