import { expect, test } from '@jest/globals';
import { mintId } from './mint-id.ts';

/** Deterministic chance: a fixed walk through the unit interval. */
function chances(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

test.each([
  ['', /^chatcmpl-[0-9A-Za-z]{29}$/],
  ['chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT', /^chatcmpl-[0-9A-Za-z]{29}$/],
  ['call_DdmO9pD3xa9XTPNJ32zg2hcA', /^call_[0-9A-Za-z]{24}$/],
  ['chatcmpl-tool-9c0fd1e5aeee44109f8f2ee8cbcf4bb3', /^chatcmpl-tool-[0-9a-f]{32}$/],
  ['8f14e45f-ceea-467a-9af0-5b1c3e2d4f6a', /^8f14e45f-ceea-467a-9af0-[0-9a-f]{12}$/],
  ['function-call-1234567890123456789', /^function-call-[0-9]{19}$/],
  ['VvvODy9mT', /^[0-9A-Za-z]{9}$/],
  ['call_d5wg', /^call_[0-9a-z]{4}$/],
  ['functions.get_weather:0', /^functions\.get_weather:[0-9]$/],
  ['call_', /^call_[0-9A-Za-z]{24}$/],
])('an id minted after %j has its shape', (recorded, shape) => {
  const minted = mintId(recorded, chances());
  expect(minted).toMatch(shape);
});

test('another chance gives another id', () => {
  const random = chances();
  expect(mintId('call_DdmO9pD3xa9XTPNJ32zg2hcA', random)).not.toBe(
    mintId('call_DdmO9pD3xa9XTPNJ32zg2hcA', random),
  );
});

test.each([0, 1, -1, 2, Number.NaN, Number.POSITIVE_INFINITY])(
  'a chance of %d stays in the alphabet',
  (chance) => {
    expect(mintId('call_00', () => chance)).toMatch(/^call_[0-9]{2}$/);
  },
);
