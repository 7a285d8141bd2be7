/** Induction with models, end to end: real proxy, worker, sandbox, Temporal and MongoDB, a scripted model. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RunningGhee } from '../support/ghee.ts';
import { startScriptedProvider, type ScriptedProvider } from '../support/provider.ts';
import { plausible, startScriptedModel, type ScriptedModel } from '../support/scripted-model.ts';
import { EXAMPLES, knowledgeOf, type Example } from '../support/world-knowledge.ts';

let ghee: RunningGhee;
let provider: ScriptedProvider;
let model: ScriptedModel;

beforeAll(async () => {
  provider = await startScriptedProvider();
  model = await startScriptedModel(plausible(knowledgeOf));
  ghee = await RunningGhee.start({
    UPSTREAM_BASE_URL: `${provider.url}/v1`,
    INDUCER_BASE_URL: model.baseUrl,
    INDUCER_MODEL: 'scripted',
    INDUCER_PRICES: '1/1',
    INDUCER_DAILY_USD: '5',
  });
}, 120_000);

afterAll(async () => {
  await ghee.stop();
  await Promise.all([provider.close(), model.close()]);
}, 60_000);

interface Answered {
  readonly cache: string | null;
  readonly reason: string | null;
  readonly message: object;
}

async function ask(example: Example, value: string): Promise<Answered> {
  provider.respond(() => toReply(example.answer(value)));
  const response = await fetch(`${ghee.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'gpt-5.4-mini',
      messages: [{ role: 'user', content: example.ask(value) }],
    }),
  });
  const body = (await response.json()) as { choices: [{ message: object }] };
  return {
    cache: response.headers.get('butter-cache'),
    reason: response.headers.get('butter-reason'),
    message: body.choices[0].message,
  };
}

function toReply(message: object) {
  const { content, tool_calls: calls } = message as {
    content: string | null;
    tool_calls?: { function: { name: string; arguments: string } }[];
  };
  return calls === undefined
    ? ({ kind: 'text', content: content ?? '' } as const)
    : ({ kind: 'tool-calls', calls: calls.map((call) => call.function) } as const);
}

/** Without the parts that are fresh in every answer. */
function saidIn(message: object): object {
  const { content, calls } = { calls: undefined, ...toReply(message) } as Record<string, unknown>;
  return { content, calls };
}

describe('with the agents', () => {
  test.each(EXAMPLES)('$name is learned, confirmed twice, and served', async (example) => {
    for (const value of example.taught) {
      expect(await ask(example, value)).toMatchObject({ cache: 'miss' });
      await ghee.settle();
    }
    const served = [];
    for (const value of example.fresh) {
      const { cache, reason, message } = await ask(example, value);
      expect(saidIn(message)).toEqual(saidIn(example.answer(value)));
      served.push(`${cache} ${reason}`);
    }
    // The sandbox has 20 ms: on a busy machine one may be a miss.
    expect(served).toContain('hit template');
    expect(await ask(example, example.unknown)).toMatchObject({ cache: 'miss' });
    await ghee.settle();
  });
});
