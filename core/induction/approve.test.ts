import { expect, test } from '@jest/globals';
import type { Evidence, NodeState, TreeNode } from '../tree/node.ts';
import { approve } from './approve.ts';

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
      ...{
        confirmations: 0,
        contradictions: 0,
        required: 1,
        requiredTyped: { known: 1, novel: 1, odd: 1, rivalled: 1 },
      },
      ...{ types: [], classes: [], reasons: [], seen: [] },
      ...evidence,
    },
  };
}

test.each(['probation', 'quarantined', 'serving'] as const)(
  'an answer in %s serves, and for values never seen',
  (state) => {
    const { evidence, state: now } = approve(nodeOf(state, { required: 20, contradictions: 1 }));
    expect([now, evidence.required, evidence.contradictions]).toEqual(['serving', 0, 1]);
  },
);

test.each(['orphan', 'claim'] as const)('an %s still has to be confirmed', (riskClass) => {
  const evidence = { required: 2, confirmations: 1, classes: ['copy', riskClass] as const };
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
