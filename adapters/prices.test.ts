import { expect, test } from '@jest/globals';
import { createCostOf, createPricer, readTokens } from './prices.ts';

const price = createPricer('https://api.openai.com/v1');
const usage = (input: number, output: number, cached?: number): string =>
  JSON.stringify({
    prompt_tokens: input,
    completion_tokens: output,
    ...(cached === undefined ? {} : { prompt_tokens_details: { cached_tokens: cached } }),
  });

test('a model of the table has a price that grows with its tokens', () => {
  const one = price('gpt-4o-mini', usage(1000, 100));
  const ten = price('gpt-4o-mini', usage(10_000, 1000));
  expect(one?.tokens).toEqual({ input: 1000, cached: 0, output: 100 });
  expect(one?.microUsd).toBeGreaterThan(0);
  expect(ten?.microUsd).toBe(10 * (one?.microUsd ?? 0));
});

test('tokens from the cache of the provider are cheaper', () => {
  const full = price('gpt-4o-mini', usage(100_000, 1))?.microUsd ?? 0;
  const cached = price('gpt-4o-mini', usage(100_000, 1, 90_000))?.microUsd ?? 0;
  expect(cached).toBeGreaterThan(0);
  expect(cached).toBeLessThan(full);
});

test('an unknown model has tokens and no price', () => {
  const priced = price('a-model-of-nobody', usage(5, 7));
  expect(priced).toEqual({ tokens: { input: 5, cached: 0, output: 7 }, microUsd: undefined });
});

test.each([
  ['no JSON', 'x'],
  ['null', 'null'],
  ['a list', '[1]'],
  ['no counts', '{}'],
  ['counts that are texts', '{"prompt_tokens":"1","completion_tokens":"2"}'],
  ['negative counts', '{"prompt_tokens":-1,"completion_tokens":2}'],
  ['counts in a prototype', '{"__proto__":{"prompt_tokens":1,"completion_tokens":2}}'],
])('%s is no usage', (_what, text) => {
  expect(readTokens(text)).toBeUndefined();
  expect(price('gpt-4o-mini', text)).toBeUndefined();
});

test('more cached tokens than there are count as all of them', () => {
  expect(readTokens(usage(10, 1, 99))).toEqual({ input: 10, cached: 10, output: 1 });
});

test("the operator's prices go before the table, and a budget is charged in whole micro-dollars, rounded up", () => {
  const cost = createCostOf('gpt-4o-mini', 'https://api.openai.com/v1', { input: 0.25, output: 2 });
  expect(cost({ input: 1, cached: 0, output: 1 })).toBe(3);
  expect(cost({ input: 4, cached: 0, output: 1 })).toBe(3);
});

test('without prices of the operator a budget goes by the table, or knows no cost', () => {
  const of = (model: string) => createCostOf(model, 'https://api.openai.com/v1', undefined);
  const cost = of('gpt-4o-mini')({ input: 1000, cached: 0, output: 100 }) ?? 0;
  expect(cost - (price('gpt-4o-mini', usage(1000, 100))?.microUsd ?? 0)).toBeLessThanOrEqual(1);
  expect(cost).toBeGreaterThan(0);
  expect(of('a-model-of-nobody')({ input: 1, cached: 0, output: 1 })).toBeUndefined();
});
