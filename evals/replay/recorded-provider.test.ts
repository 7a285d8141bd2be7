import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readAnswer } from '../../proxy/miss/read-answer.ts';
import { startRecordedProvider, type RecordedProvider } from './recorded-provider.ts';

const request = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] };
const call = {
  id: 'call_12345678',
  type: 'function',
  function: { name: 'f', arguments: '{"a":1}' },
};
const response = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: null, tool_calls: [call] },
      finish_reason: 'tool_calls',
    },
  ],
  usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
};

let provider: RecordedProvider;
beforeEach(async () => (provider = await startRecordedProvider()));
afterEach(() => provider.close());

async function ask(body: object): Promise<{ status: number; bytes: Buffer }> {
  const answer = await fetch(`${provider.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) };
}

test.each([false, true])(
  'the recorded answer is what a client reads, streamed: %s',
  async (stream) => {
    const asked = { ...request, stream };
    provider.record(asked, response);
    const { bytes } = await ask(asked);
    const read = readAnswer(bytes, { isStream: stream, encoding: undefined }, 1e6);
    expect(read).toMatchObject({
      completion: { finishReason: 'tool_calls', message: { tool_calls: [call] } },
    });
    expect(provider.callCount).toBe(1);
  },
);

test('a call that is not in the recording is refused loudly', async () => {
  expect(await ask(request)).toMatchObject({ status: 404 });
  expect(provider.callCount).toBe(0);
});
