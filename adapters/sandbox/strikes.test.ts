import { expect, test } from '@jest/globals';
import { rejected } from './job.ts';
import { Strikes } from './strikes.ts';

test('a second kill puts a source into quarantine, and no other', () => {
  const strikes = new Strikes();
  expect(strikes.record('a', rejected('timeout'))).toBe('strike');
  expect(strikes.mayRun('a')).toBe(true);
  expect(strikes.record('a', rejected('memory'))).toBe('quarantined');
  expect(strikes.mayRun('a')).toBe(false);
  expect(strikes.mayRun('b')).toBe(true);
  expect(strikes.record('a', rejected('crashed'))).toBe('strike');
});

test('what was not killed is no strike', () => {
  const strikes = new Strikes();
  const codes = ['syntax', 'not-allowed', 'threw', 'not-literal', 'not-deterministic'] as const;
  for (const code of [...codes, 'too-long', 'unavailable'] as const) {
    expect(strikes.record('a', rejected(code))).toBe('unchanged');
    expect(strikes.record('a', { kind: 'values' })).toBe('unchanged');
  }
  expect(strikes.mayRun('a')).toBe(true);
});

test('only so many sources are remembered; the oldest is forgotten first', () => {
  const strikes = new Strikes();
  for (let kill = 0; kill < 2; kill++) strikes.record('first', rejected('timeout'));
  for (let i = 0; i < 9_999; i++) strikes.record(`other ${i}`, rejected('timeout'));
  expect(strikes.mayRun('first')).toBe(false);
  strikes.record('one more', rejected('timeout'));
  expect(strikes.mayRun('first')).toBe(true);
});
