/** Nothing in core throws, whatever JSON clients send, models return or the database holds. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MemoryInducer } from '../tests/support/memory-inducer.ts';
import { pattern } from '../tests/support/template-arbitraries.ts';
import { parseDerivation } from './expressions/derivation.ts';
import { parseJson } from './json/json.ts';
import { readThread, type Thread } from './messages/message.ts';
import { readChatRequest } from './messages/request.ts';
import { firstDifference } from './template/difference.ts';
import { matchMessage } from './template/match.ts';
import { parseTemplate, showTemplate, templateText } from './template/template.ts';
import { isWithin } from './template/within.ts';

const json = fc.jsonValue({ maxDepth: 4 });
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', '{"a":1}', '[1,true,null]', 'Is 7 prime?', 'name: Ann', '$& {{x}} ${y}'),
);
const content = fc.oneof(
  text,
  json,
  fc.array(fc.record({ type: fc.constant('text'), text }), { maxLength: 2 }),
);
const message = fc.record(
  {
    role: fc.constantFrom('system', 'user', 'assistant', 'tool', 'function', 'x'),
    content,
    name: text,
    tool_call_id: text,
    tool_calls: fc.oneof(
      json,
      fc.array(
        fc.record({
          id: text,
          type: fc.constant('function'),
          function: fc.record({ name: text, arguments: text }),
        }),
        { maxLength: 2 },
      ),
    ),
    unknown: json,
  },
  { requiredKeys: ['role'] },
);

function threadOf(value: unknown): Thread | undefined {
  const parsed = parseJson(JSON.stringify(value));
  const read = parsed.kind === 'json' ? readThread(parsed.value) : undefined;
  return read?.kind === 'thread' ? read.thread : undefined;
}

describe('what clients send', () => {
  test('any text is JSON or a fault, any JSON a request or a bypass', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          json.map((value) => JSON.stringify(value)),
        ),
        (body) => {
          const parsed = parseJson(body);
          if (parsed.kind === 'json')
            expect(['request', 'bypass']).toContain(readChatRequest(parsed.value).kind);
          else expect(parsed.offset).toBeGreaterThanOrEqual(0);
        },
      ),
      { seed: 21, numRuns: 3000 },
    );
  });

  test('any conversation can be learned from and asked for', () => {
    fc.assert(
      fc.property(
        fc.array(message, { minLength: 1, maxLength: 3 }),
        message,
        fc.dictionary(
          fc.constantFrom('x', 'name', '__proto__'),
          text.filter((value) => value !== ''),
        ),
        (messages, answer, bindings) => {
          if (threadOf(messages) === undefined) return;
          const inducer = new MemoryInducer();
          inducer.learn({ messages }, answer, bindings);
          inducer.learn({ messages }, { ...answer, content: 'other' });
          expect(['hit', 'miss']).toContain(inducer.ask({ messages }, bindings).kind);
        },
      ),
      { seed: 22, numRuns: 1500 },
    );
  });
});

describe('what the database holds', () => {
  /** A template with one part replaced by anything. */
  const spoiled = fc.tuple(pattern, json, fc.nat({ max: 5 })).map(([leaf, junk, place]) => {
    const segments: unknown[] = [...leaf];
    if (place < segments.length) segments[place] = junk;
    const template: Record<string, unknown> = {
      role: 'user',
      skeleton: 'user{"content"=T}',
      leaves: [segments],
    };
    if (place === 5) template['skeleton'] = junk;
    return template;
  });

  test('any stored template is read or refused, and what is read can be used', () => {
    let read = 0;
    fc.assert(
      fc.property(fc.oneof(spoiled, json), spoiled, text, (first, second, said) => {
        const template = parseTemplate(first);
        const other = parseTemplate(second);
        const thread = threadOf([{ role: 'user', content: said }]);
        const [asked] = thread?.messages ?? [];
        if (template === undefined || other === undefined || asked === undefined) return;
        read++;
        expect(showTemplate(template).length + templateText(template).length).toBeGreaterThan(0);
        expect(parseTemplate(JSON.parse(JSON.stringify(template)))).toEqual(template);
        isWithin(template, other);
        matchMessage(template, asked, new Map());
        firstDifference(template, asked, new Map([['x', said]]));
      }),
      { seed: 23, numRuns: 5000 },
    );
    expect(read).toBeGreaterThan(200);
  });

  test('any stored derivation is read or refused', () => {
    fc.assert(
      fc.property(json, (value) => {
        parseDerivation(value);
        parseDerivation({ kind: 'programs', programs: [value] });
      }),
      { seed: 24, numRuns: 3000 },
    );
  });
});
