/** A model that settles wording, over the real wire to a scripted one. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadConfig } from '../../adapters/config.ts';
import { startScriptedProvider, type ScriptedProvider } from '../../tests/support/provider.ts';
import { createJudge, mayBeWording, settleWording } from './judge.ts';

let model: ScriptedProvider;
beforeAll(async () => (model = await startScriptedProvider()));
afterAll(() => model.close());

const said = (content: string, more: object = {}): string =>
  JSON.stringify({ role: 'assistant', content, ...more });
const call = {
  id: 'call_1',
  type: 'function',
  function: { name: 'f', arguments: '{"a":1}' },
};

test.each([
  ['other words', said('Order 7 is on its way.'), said('Your order 7 was shipped.'), true],
  [
    'other ids of the same call',
    said('Done.', { tool_calls: [call] }),
    said('OK.', { tool_calls: [{ ...call, id: 'call_2' }] }),
    true,
  ],
  ['another number', said('Order 7 is on its way.'), said('Order 8 is on its way.'), false],
  ['a number less', said('Order 7 costs 3 €.'), said('Order 7 was shipped.'), false],
  ['a tool call more', said('Done.', { tool_calls: [call] }), said('Done.'), false],
  ['JSON', said('{"a":1}'), said('{"a":1,"b":"c"}'), false],
  ['no prose', said(''), said('OK.'), false],
  ['nothing that was served', 'null', said('OK.'), false],
])('%s: may be wording', (_, served, recorded, expected) => {
  expect(mayBeWording({ served, recorded })).toBe(expected);
});

test('what the judge finds to say the same is not wrong; only wording is put to it', async () => {
  const asked: unknown[] = [];
  model.respond((body) => {
    asked.push(body);
    const isKind = JSON.stringify(body).includes('Goodbye');
    return { kind: 'text', content: JSON.stringify({ same: isKind }) };
  });
  const judge = createJudge(
    loadConfig({
      JUDGE_MODEL: 'judge',
      INDUCER_BASE_URL: `${model.url}/v1`,
      INDUCER_PRICES: '1/1',
    }),
  );
  const wrong = (served: string, recorded: string) => ({
    wrong: { question: '[]', served: said(served), recorded: said(recorded) },
  });
  const calls = [
    wrong('Bye, Ann!', 'Goodbye, Ann!'),
    wrong('Bye, Ann!', 'Never come back, Ann!'),
    wrong('Bye 1', 'Goodbye 2'),
    { wrong: undefined },
  ];
  if (judge === undefined) throw new Error('there is a judge');
  const { calls: judged, settled } = await settleWording(calls, judge);
  expect(judged.map((each) => each.wrong !== undefined)).toEqual([false, true, true, false]);
  expect(settled).toEqual({ asked: 2, same: 1 });
  expect(asked).toHaveLength(2);
});

test('without JUDGE_MODEL there is no judge', () => {
  expect(createJudge(loadConfig({}))).toBeUndefined();
});
