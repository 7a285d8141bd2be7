import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from './completion.ts';
import { deltaWriter, messageDeltas } from './deltas.ts';

const content = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: fc.constantFrom('a', ' ', '\\', '"', '🧈', '\u0085', '\u2028', 'é', '\n') }),
  fc.constantFrom('"content":"', 'x","refusal":null', '\ud83e'),
);
const others = fc.dictionary(
  fc.constantFrom('refusal', 'content', 'tool_calls', '__proto__', '1', 'reasoning', 'nested'),
  fc.constantFrom<JsonObject[string]>(null, 'Because.', [], { content: 'Hi' }),
);
const textOf = (message: object, blanks: boolean) =>
  JSON.stringify(message, undefined, blanks ? 1 : 0);
const form = fc.record({ blanks: fc.boolean(), isFirst: fc.boolean() });
/** Half of the other fields come before the content. */
const around = (text: string, rest: object, isFirst: boolean) =>
  isFirst
    ? { role: 'assistant', content: text, ...rest }
    : { role: 'assistant', ...rest, content: text };

test('what is written without being parsed is what is written of the message', () => {
  fc.assert(
    fc.property(content, content, others, form, (recorded, said, rest, { blanks, isFirst }) => {
      const messageOf = (text: string) => textOf(around(text, rest, isFirst), blanks);
      const message = messageOf(said);
      const deltas = deltaWriter(messageOf(recorded))?.(message);
      if (deltas !== undefined) {
        expect(deltas).toEqual(messageDeltas(JSON.parse(message) as JsonObject));
      }
    }),
    { numRuns: 5000 },
  );
});

test('an answer with another text is written so', () => {
  const rest = '"refusal":null,"annotations":[]}';
  const write = deltaWriter(`{"role":"assistant","content":"Hi, \\"Ann\\"",${rest}`);
  expect(write?.(`{"role":"assistant","content":"Bye",${rest}`)).toEqual([
    '{"role":"assistant","content":"","refusal":null}',
    '{"annotations":[]}',
    '{"content":"Bye"}',
  ]);
});

test.each([
  ['has an escape', '{"role":"assistant","content":"B\\"ye","refusal":null}'],
  ['has a backslash', '{"role":"assistant","content":"B\\\\ye","refusal":null}'],
  ['says nothing', '{"role":"assistant","content":"","refusal":null}'],
  ['says more', '{"role":"assistant","content":"Bye","refusal":null,"audio":1}'],
  ['has other blanks', '{"role": "assistant","content":"Bye","refusal":null}'],
])('a message that %s is not', (_, message) => {
  const write = deltaWriter('{"role":"assistant","content":"Hi","refusal":null}');
  expect(write).toBeDefined();
  expect(write?.(message)).toBeUndefined();
});

test.each([
  ['calls a tool', '{"role":"assistant","content":"Hi","tool_calls":[]}'],
  ['says nothing', '{"role":"assistant","content":null}'],
  ['is of another role', '{"role":"user","content":"Hi"}'],
  ['is no JSON', 'Hi'],
])('nothing is written so where the recorded message %s', (_, recorded) => {
  expect(deltaWriter(recorded)).toBeUndefined();
});
