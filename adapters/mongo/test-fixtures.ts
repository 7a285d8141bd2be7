/** For the tests beside this file: a database of their own on the tests' server, and things to store. */
import type { Observation } from '../../core/observation.ts';
import type { AnswerForm, Evidence, TreeNode } from '../../core/tree/node.ts';
import { connectMongo, type Database } from './connect.ts';
import { ensureIndexes } from './indexes.ts';
import type { Recording } from './documents.ts';

export const SCOPE = 'scope-1';
export const PROJECT = 'project-1';

/** `GHEE_TEST_MONGODB_URI` is set by tests/support/start-servers.ts. */
export function testDatabase(uri: string | undefined, name: string): Database {
  if (uri === undefined) throw new Error('set GHEE_TEST_MONGODB_URI to run these tests');
  return connectMongo({ uri, database: `ghee_test_${name}_${process.pid}_${Date.now()}` });
}

export async function freshDatabase(uri: string | undefined, name: string): Promise<Database> {
  const database = testDatabase(uri, name);
  await ensureIndexes(database);
  return database;
}

export async function dropDatabase(database: Database): Promise<void> {
  await database.db.dropDatabase();
  await database.close();
}

export function answerOf(content: string): AnswerForm {
  return {
    message: JSON.stringify({ role: 'assistant', content }),
    finishReason: 'stop',
    model: 'test-model',
    usage: undefined,
    extras: '{}',
  };
}

export function recordingOf(
  id: string,
  more: Partial<Observation> & { readonly replace?: boolean } = {},
): Recording {
  const { replace, ...fields } = more;
  const observation: Observation = {
    id,
    project: PROJECT,
    scope: SCOPE,
    thread: `thread-${id}`,
    shape: 'shape-1',
    messages: JSON.stringify([{ role: 'user', content: id }]),
    answer: answerOf(id),
    bindings: [],
    induce: true,
    at: 1000,
    ...fields,
  };
  const { project, scope, thread, answer, at } = observation;
  return {
    observation,
    scope: {
      id: scope,
      project,
      model: 'test-model',
      parameters: '"temperature":0',
      endpoint: 'e',
    },
    exactAnswer: {
      id: `exact-${scope}-${thread}`,
      project,
      scope,
      thread,
      observation: id,
      answer,
      at,
    },
    replace: replace === true,
  };
}

export const NO_EVIDENCE: Evidence = {
  confirmations: 0,
  contradictions: 0,
  required: 1,
  requiredTyped: { known: 1, novel: 1, odd: 1, rivalled: 1 },
  types: [],
  classes: ['copy'],
  reasons: ['one example'],
  seen: [],
};

export function nodeOf(id: string, more: Partial<TreeNode> = {}): TreeNode {
  return {
    id,
    scope: SCOPE,
    parent: SCOPE,
    depth: 0,
    template: {
      role: 'user',
      skeleton: 'user{"content"=T}',
      leaves: [
        [
          { kind: 'literal', text: `${id} ` },
          { kind: 'variable', name: '__proto__', matcher: { kind: 'word' } },
        ],
      ],
    },
    variables: [{ role: 'independent', name: '__proto__' }],
    guards: [],
    state: 'candidate',
    answer: undefined,
    evidence: NO_EVIDENCE,
    revision: 0,
    ...more,
  };
}
