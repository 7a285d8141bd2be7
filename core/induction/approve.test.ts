import { expect, test } from '@jest/globals';
import { parseJson } from '../json/json.ts';
import { readThread } from '../messages/message.ts';
import type { Evidence, NodeState, TreeNode } from '../tree/node.ts';
import { approve } from './approve.ts';
import { barFor } from './provenance.ts';

const ANSWER = { message: '{}', finishReason: 'stop', model: 'm', usage: undefined, extras: '{}' };

function nodeOf(state: NodeState, evidence: Partial<Evidence>, role = 'assistant'): TreeNode {
  return {
    ...{
      id: 'n',
      scope: 's',
      parent: 's',
      depth: 1,
      variables: [],
      guards: [],
      revision: 1,
      state,
    },
    template: { role, skeleton: '', leaves: [] },
    answer: ANSWER,
    evidence: {
      ...{ confirmations: 0, contradictions: 0, required: 1, reasons: [], seen: [] },
      ...evidence,
    },
  };
}

/** As `barFor` words it, of a tool argument that stands nowhere else. */
function reasonOf(): string {
  const call =
    '[{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\\"state\\":\\"MA\\"}"}}]}]';
  const parsed = parseJson(call);
  const read = parsed.kind === 'json' ? readThread(parsed.value) : undefined;
  const messages = read?.kind === 'thread' ? read.thread.messages : [];
  const leaf = messages[0]?.leaves.findIndex(({ text }) => text === 'MA') ?? -1;
  const span = { message: 0, leaf, start: 0, end: 2, value: 'MA', delimited: true };
  const unexplained = [{ ...span, kind: 'word' as const }];
  const bar = barFor({
    messages,
    placed: [],
    unexplained,
    vouched: true,
    parameters: '',
    unused: [],
  });
  return bar.reasons[0] ?? '';
}
const WITHOUT_ORIGIN = reasonOf();

test.each(['probation', 'quarantined', 'serving'] as const)(
  'an answer in %s serves, and for values never seen',
  (state) => {
    const { evidence, state: now } = approve(nodeOf(state, { required: 20, contradictions: 1 }));
    expect([now, evidence.required, evidence.contradictions]).toEqual(['serving', 0, 1]);
  },
);

test('data of the answer without an origin still has to be confirmed', () => {
  expect(WITHOUT_ORIGIN).not.toBe('');
  const evidence = { required: 2, confirmations: 1, reasons: [WITHOUT_ORIGIN] };
  for (const state of ['probation', 'quarantined'] as const) {
    expect(approve(nodeOf(state, evidence))).toMatchObject({
      state: 'probation',
      evidence: { required: 2 },
    });
  }
  expect(approve(nodeOf('quarantined', { ...evidence, confirmations: 2 })).state).toBe('serving');
});

test('a message on the way is walked again, and never taken for an answer', () => {
  const way = (role: string) => approve({ ...nodeOf('quarantined', {}, role), answer: undefined });
  expect(way('user').state).toBe('serving');
  expect(way('assistant').state).toBe('candidate');
});
