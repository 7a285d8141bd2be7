/** Conversations with tools that are first seen when they are long: agents that were started before Ghee was. */
import { describe, expect, test } from '@jest/globals';
import { MemoryInducer } from '../../tests/support/memory-inducer.ts';

const CLOSING = 'It is shipped. The parcel is on its way, and you will hear from the carrier soon.';

/** Eight turns: seven orders are looked up, then a letter is asked for. */
function bodyOf(first: number, name: string) {
  const turns = Array.from({ length: 7 }, (_, turn) => {
    const [id, order] = [`call_${String(turn).padStart(24, 'aB3')}`, `A-${String(first + turn)}`];
    const looked = { name: 'find_order', arguments: JSON.stringify({ order, fields: ['state'] }) };
    return [
      { role: 'user', content: `Where is order ${order}? I need to know it by tonight.` },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id, type: 'function', function: looked }],
      },
      { role: 'tool', tool_call_id: id, content: JSON.stringify({ state: 'shipped', order }) },
      { role: 'assistant', content: CLOSING },
    ];
  });
  const system = { role: 'system', content: 'You are the assistant of a shop. Be brief.' };
  const ask = { role: 'user', content: `Now write one line of thanks to ${name}.` };
  return { messages: [system, ...turns.flat(), ask] };
}

const thank = (name: string) => ({ role: 'assistant', content: `Many thanks to you, ${name}!` });

describe('a conversation that is first seen at its eighth turn', () => {
  const inducer = new MemoryInducer();
  const outcomes = ['Ann', 'Boris', 'Clara', 'Doris'].map((name, index) => {
    const body = bodyOf(4000 + 100 * index, name);
    const before = inducer.ask(body);
    if (before.kind === 'miss') inducer.learn(body, thank(name));
    return before.kind;
  });

  test('is learned from a few of its kind, whatever was looked up in them', () => {
    expect(outcomes).toEqual(['miss', 'miss', 'hit', 'hit']);
  });

  test('is answered with the name at hand', () => {
    const decision = inducer.ask(bodyOf(7300, 'Emil'));
    expect(decision.kind === 'hit' && decision.answer.message).toBe(JSON.stringify(thank('Emil')));
  });

  test('is not answered where a tool said something else', () => {
    const body = bodyOf(7400, 'Fay');
    const messages = body.messages.map((message) =>
      message.role === 'tool' && 'content' in message && typeof message.content === 'string'
        ? { ...message, content: message.content.replace('shipped', 'lost') }
        : message,
    );
    expect(inducer.ask({ messages })).toMatchObject({ kind: 'miss' });
  });
});
