import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AnswerForm } from '../../core/tree/node.ts';
import type { Asked } from '../request/plan.ts';
import { Repeats, renderRepeat, type Repeat, type RepeatKey } from './repeats.ts';
import { renderHit } from './serve-hit.ts';

// The cache keeps it and never looks into it.
const asked = {} as Asked;
const key: RepeatKey = {
  body: Buffer.from('{"model":"m"}'),
  rawHeaders: ['Authorization', 'Bearer a', 'traceparent', '00-1'],
  path: '/chat/completions',
  query: '',
  project: undefined,
};

test('only the same call is a repeat', () => {
  const repeats = new Repeats();
  repeats.keep(key, asked);
  const project = { id: 'p', name: 'p', keys: [], settings: [] };
  expect(repeats.find({ ...key, body: Buffer.from(key.body) })?.asked).toBe(asked);
  const others: Partial<RepeatKey>[] = [
    { body: Buffer.from('{"model":"n"}') },
    { rawHeaders: ['Authorization', 'Bearer b', 'traceparent', '00-1'] },
    { rawHeaders: ['Authorization', 'Bearer a', 'tracestate', '00-1'] },
    { rawHeaders: ['Authorization', 'Bearer a'] },
    { path: '/v1/chat/completions' },
    { query: '?a=1' },
    { project: project },
  ];
  for (const other of others) expect(repeats.find({ ...key, ...other })).toBeUndefined();
});

test('ids that are new in each call do not matter', () => {
  const repeats = new Repeats();
  repeats.keep(key, asked);
  const rawHeaders = ['Authorization', 'Bearer a', 'traceparent', '00-2'];
  expect(repeats.find({ ...key, rawHeaders })?.asked).toBe(asked);
});

test('the kept bytes are a copy', () => {
  const repeats = new Repeats();
  const body = Buffer.from('{"model":"m"}');
  repeats.keep({ ...key, body }, asked);
  body.fill('x');
  expect(repeats.find(key)?.asked).toBe(asked);
});

const message = fc.oneof(
  fc.record({ role: fc.constant('assistant'), content: fc.string({ unit: 'binary' }) }),
  fc.record({
    role: fc.constant('assistant'),
    // Looks like the head of a completion, or like a call.
    content: fc.constantFrom(
      '{"id":"chatcmpl-1","object":"chat.completion","created":0,',
      '"tool_calls"',
    ),
  }),
);

test('what is filled in says what is rendered, with an id of its own', () => {
  fc.assert(
    fc.property(message, fc.boolean(), fc.boolean(), (said, stream, includeUsage) => {
      const answer: AnswerForm = {
        message: JSON.stringify(said),
        finishReason: 'stop',
        model: 'gpt-5.4-mini',
        usage: '{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}',
        extras: '{"system_fingerprint":"fp_1"}',
      };
      const found = {
        kind: 'found' as const,
        answer,
        message: answer.message,
        outcome: { cache: 'hit', reason: 'exact', node: 'a' } as const,
        reached: undefined,
      };
      const form = { stream, includeUsage };
      const context = { now: 1_764_000_000_000, random: Math.random };
      const repeat: Repeat = { asked, prepared: undefined };
      const rendered = renderHit(found, form, context);
      const ids = new Set<string>();
      for (let time = 0; time < 2; time++) {
        const filled = renderRepeat(repeat, found, form, context) ?? rendered;
        const id = /"id":"([^"]*)"/.exec(filled.text)?.[1] ?? '';
        const renderedId = /"id":"([^"]*)"/.exec(rendered.text)?.[1] ?? '';
        expect(filled.text.replaceAll(id, renderedId)).toBe(rendered.text);
        ids.add(id);
      }
      const isPrepared = repeat.prepared !== undefined;
      expect(isPrepared).toBe(!answer.message.includes('"tool_calls"'));
      if (isPrepared) expect(ids.size).toBe(2);
    }),
  );
});

test('another answer is rendered anew', () => {
  const answerOf = (content: string): AnswerForm => ({
    message: JSON.stringify({ role: 'assistant', content }),
    finishReason: 'stop',
    model: 'm',
    usage: undefined,
    extras: '{}',
  });
  const repeat: Repeat = { asked, prepared: undefined };
  const say = (answer: AnswerForm) =>
    renderRepeat(
      repeat,
      {
        kind: 'found',
        answer,
        message: answer.message,
        outcome: { cache: 'hit', reason: 'exact', node: 'a' },
        reached: undefined,
      },
      { stream: false, includeUsage: false },
      { now: 0, random: Math.random },
    );
  expect(say(answerOf('old'))?.text).toContain('old');
  expect(say(answerOf('new'))?.text).toContain('new');
});
