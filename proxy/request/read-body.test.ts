import { expect, test } from '@jest/globals';
import { freeBody } from './read-body.ts';

test('the memory of a body is given back, whoever holds it', () => {
  const body = Buffer.alloc(30_000, 'x');
  const held = body.subarray(0, 10);
  freeBody(body);
  expect([body.byteLength, held.byteLength]).toEqual([0, 0]);
});

test('memory that others have a part in stays', () => {
  const whole = Buffer.alloc(30_000, 'x');
  freeBody(whole.subarray(1));
  expect(whole.toString()).toBe('x'.repeat(30_000));
});
