import { expect, test } from '@jest/globals';
import { argumentsOf, Provenance, tokensOf } from './agents.ts';

const message = (name: string, parameters: object | string): string =>
  JSON.stringify({
    role: 'assistant',
    content: null,
    tool_calls: [
      {
        id: 'call_1',
        function: {
          name,
          arguments: typeof parameters === 'string' ? parameters : JSON.stringify(parameters),
        },
      },
    ],
  });
const TOOLS = new Set(['save']);

test('arguments are the leaves of calls to the tools that count', () => {
  expect(argumentsOf(message('save', { a: 1, b: { c: ['x', true] } }), TOOLS)).toEqual([
    { tool: 'save', path: 'a', value: '1' },
    { tool: 'save', path: 'b.c.0', value: 'x' },
    { tool: 'save', path: 'b.c.1', value: 'true' },
  ]);
  expect(argumentsOf(message('read', { a: 1 }), TOOLS)).toEqual([]);
  expect(argumentsOf(message('save', 'not json'), TOOLS)).toEqual([
    { tool: 'save', path: '', value: 'not json' },
  ]);
  expect(argumentsOf(JSON.stringify({ role: 'assistant', content: 'Hi' }), TOOLS)).toEqual([]);
});

test('numbers are the same in any notation, words in any case', () => {
  expect(tokensOf('Pay 1,200.50 to ANN (id A-7)')).toEqual([
    ...['pay', '1200.5', 'to', 'ann', 'id', 'a', '7'],
  ]);
});

test('an argument comes from the conversation, or holds what it often held', () => {
  const provenance = new Provenance();
  const conversation = new Set(tokensOf('Refund 12.50 to Ann Lee'));
  const to = (value: string) => ({ tool: 'save', path: 'to', value });
  expect(provenance.has(to('ann lee'), conversation)).toBe(true);
  expect(provenance.has(to('12.5'), conversation)).toBe(true);
  expect(provenance.has(to('Ann Smith'), conversation)).toBe(false);
  provenance.store(to('Bob'));
  provenance.store(to('Bob'));
  expect(provenance.has(to('Bob'), conversation)).toBe(false);
  provenance.store(to('Bob'));
  expect(provenance.has(to('Bob'), conversation)).toBe(true);
  expect(provenance.has(to('Bob Lee'), conversation)).toBe(true);
  expect(provenance.has({ ...to('Bob'), path: 'cc' }, conversation)).toBe(false);
});
