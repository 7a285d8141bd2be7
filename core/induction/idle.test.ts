/** Data that varies and flows nowhere: what siblings show, and what they do not. */
import { describe, expect, it } from '@jest/globals';
import { MemoryInducer } from '../../tests/support/memory-inducer.ts';

const request = (name: string, badge: number, note: string) => ({
  messages: [
    {
      role: 'user',
      content: `Name: ${name}\nBadge: ${String(badge)}\nNote: ${note}\n\nWelcome this guest in one line.`,
    },
  ],
});
const NAMES = [
  'Ann Lee',
  'Bob Ray',
  'Cid Moe',
  'Dan Fox',
  'Eve Orr',
  'Fay Kim',
  'Gus Low',
  'Ida Poe',
];
const NOTES = ['late', 'tall', 'calm', 'loud', 'slow', 'glad', 'tidy', 'warm'];

function taught(): MemoryInducer {
  const inducer = new MemoryInducer();
  for (const [index, name] of NAMES.entries()) {
    inducer.learn(request(name, 100 + index * 10, NOTES[index] ?? ''), {
      role: 'assistant',
      content: `Welcome, ${name}!`,
    });
  }
  return inducer;
}

describe('data that flows nowhere', () => {
  it('is answered with values never seen once siblings show that it has no influence', () => {
    expect(taught().ask(request('Hal Nye', 125, 'shy')).kind).toBe('hit');
  });

  it('holds for numbers only inside the range seen', () => {
    expect(taught().ask(request('Hal Nye', 999, 'shy')).kind).toBe('miss');
  });
});
