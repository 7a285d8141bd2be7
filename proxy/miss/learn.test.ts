import { expect, test } from '@jest/globals';
import { createKeyedHash } from '../../adapters/caller.ts';
import type { Recording } from '../../adapters/mongo/documents.ts';
import { readChatRequest } from '../../core/messages/request.ts';
import { parseJson } from '../../core/json/json.ts';
import { observationId, scopeOf, threadHash } from '../../core/observation.ts';
import { sha256 } from '../request/plan.ts';
import { learn, type LearnDeps, type Lesson } from './learn.ts';

function lessonOf(content: string): Lesson {
  const messages = JSON.stringify([{ role: 'user', content }]);
  const parsed = parseJson(`{"model":"m","messages":${messages}}`);
  const read = parsed.kind === 'json' ? readChatRequest(parsed.value) : undefined;
  if (read?.kind !== 'request') throw new Error('a request of tests is one');
  const { request } = read;
  const caller = { project: 'local', partition: 'p', endpoint: '/chat/completions' };
  const question = {
    ...{ request, scope: scopeOf(sha256, caller, request), bindings: new Map<string, string>() },
    ...{ thread: threadHash(sha256, request.thread), noCache: false, maxAge: undefined },
  };
  return { question, messages, induce: true, replace: false };
}

/** What becomes of "Yes" as the answer, on a proxy with this secret. */
async function learned(secret: string, content: string): Promise<Recording> {
  const recorded: Recording[] = [];
  const log = { info: () => undefined } as unknown as LearnDeps['log'];
  const deps: LearnDeps = {
    log,
    record: (recording) => {
      recorded.push(recording);
      return Promise.resolve({ kind: 'acknowledged', by: 'mongodb' });
    },
    mirror: { putExact: () => undefined } as unknown as LearnDeps['mirror'],
    now: () => 1,
    onUnusable: () => undefined,
    hashObservation: (text) => createKeyedHash(secret)('observation', [text]),
  };
  const message = { role: 'assistant', content: 'Yes' };
  const completion = { message, finishReason: 'stop', model: 'm', extras: {} };
  const result = { kind: 'answer', completion, bytes: 3 } as const;
  await learn(deps, sha256, lessonOf(content), { result, requestId: 'r' });
  const [recording] = recorded;
  if (recording === undefined) throw new Error('it was not recorded');
  return recording;
}

test('nobody without the secret can check a guess of an exchange by the id of its observation', async () => {
  const { observation, exactAnswer } = await learned('secret', 'Is it true?');
  expect(exactAnswer.observation).toBe(observation.id);
  expect(observation.id).toMatch(/^[0-9a-f]{64}$/);
  // All that the id is made of is known to who guesses.
  expect(observation.id).not.toBe(observationId(sha256, observation));
  const idOf = async (secret: string, content: string) =>
    (await learned(secret, content)).observation.id;
  expect(await idOf('secret', 'Is it true?')).toBe(observation.id);
  expect(await idOf('secret', 'Is it false?')).not.toBe(observation.id);
  expect(await idOf('another', 'Is it true?')).not.toBe(observation.id);
});
