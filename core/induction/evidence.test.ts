/** Which observations count as confirmations, and what they allow to be served. */
import { describe, expect, test } from '@jest/globals';
import { MemoryInducer } from '../../tests/support/memory-inducer.ts';

const bodyOf = (level: string, service: string) => ({
  messages: [{ role: 'user', content: `Parse the line: level=${level} service=${service}` }],
});
const answerOf = (level: string, service: string) => ({
  role: 'assistant',
  content: `The service ${service} logged at level ${level}.`,
});

function taught(pairs: readonly (readonly [string, string])[]): MemoryInducer {
  // Two confirmations for what is copied.
  const inducer = new MemoryInducer(0.001);
  for (const [level, service] of pairs)
    inducer.learn(bodyOf(level, service), answerOf(level, service));
  return inducer;
}

describe('a variable that takes one of few values', () => {
  const PAIRS = [
    ['WARN', 'billing'],
    ['INFO', 'search'],
    ['WARN', 'mailer'],
    ['INFO', 'queue'],
    ['WARN', 'orders'],
  ] as const;

  test('does not keep an answer in probation once all its values are known', () => {
    const inducer = taught(PAIRS);
    expect(inducer.ask(bodyOf('INFO', 'router'))).toMatchObject({ kind: 'hit' });
    expect(inducer.ask(bodyOf('WARN', 'router'))).toMatchObject({ kind: 'hit' });
  });

  test('only serves values that were seen until enough of them were right', () => {
    const inducer = taught(PAIRS);
    expect(inducer.ask(bodyOf('FATAL', 'router'))).toMatchObject({ kind: 'miss' });
    inducer.learn(bodyOf('FATAL', 'proxy'), answerOf('FATAL', 'proxy'));
    expect(inducer.ask(bodyOf('FATAL', 'router'))).toMatchObject({ kind: 'hit' });
  });
});
