import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from '../../core/completion/completion.ts';
import { renderCompletion } from '../../core/completion/render.ts';
import type { AnswerForm } from '../../core/tree/node.ts';
import { hitText } from './serve-hit.ts';

const object = fc
  .dictionary(
    fc.oneof(fc.string(), fc.constantFrom('__proto__', 'id', 'usage', 'model', '1')),
    fc.jsonValue({ maxDepth: 2 }),
    { maxKeys: 3 },
  )
  // As it comes back from a store.
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);
const content = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\u0001 é', '"tool_calls"', '\ud800', 'a\u2028b'),
);

/** As the tree writes answers: another text in place of a recorded one, in the recorded formatting. */
const written = fc.record({ recorded: content, said: content, blanks: fc.boolean() });

test('a stored message that is passed on says what one that is read and written again says', () => {
  fc.assert(
    fc.property(
      written,
      object,
      fc.option(object),
      object,
      ({ recorded, said, blanks }, extras, usage, others) => {
        const messageOf = (text: string) =>
          JSON.stringify({ role: 'assistant', content: text, ...others }, null, blanks ? 1 : 0);
        const answer: AnswerForm = {
          message: messageOf(recorded),
          finishReason: 'stop',
          model: 'm"',
          usage: usage === null ? undefined : JSON.stringify(usage),
          extras: JSON.stringify(extras),
        };
        const context = { now: 0, random: () => 0.5, id: 'chatcmpl-1', created: 7 };
        const form = { stream: false, includeUsage: false };
        const message = messageOf(said);
        const obvious = renderCompletion({
          id: context.id,
          created: context.created,
          model: answer.model,
          finishReason: answer.finishReason,
          message: JSON.parse(message) as JsonObject,
          extras,
          ...(usage === null ? {} : { usage }),
        });
        const text = hitText({ answer, message }, form, context);
        // Fields whose names are numbers may stand elsewhere.
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(obvious)));
      },
    ),
    { numRuns: 1000 },
  );
});
