/** Child of the proxy bench: a provider that answers at once, or streams as slowly as `x-pace` (ms) says. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { answerTo, eventsOf, type Body } from './bodies.ts';

async function* paced(events: readonly string[], ms: number): AsyncGenerator<string> {
  for (const event of events) {
    yield event;
    if (ms > 0) await wait(ms);
  }
}

const server = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => {
    const { model, stream, messages } = JSON.parse(Buffer.concat(chunks).toString()) as Body;
    const last = messages.at(-1) as { content?: string } | undefined;
    const content = answerTo(last?.content);
    if (stream) {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      const pace = Number(req.headers['x-pace'] ?? 0);
      void (async () => {
        for await (const event of paced(eventsOf(model, content), pace)) res.write(event);
        res.end();
      })();
      return;
    }
    const message = { role: 'assistant', content, refusal: null };
    const text = JSON.stringify({
      id: 'chatcmpl-bench',
      object: 'chat.completion',
      created: 1_764_000_000,
      model,
      choices: [{ index: 0, message, logprobs: null, finish_reason: 'stop' }],
      usage: { prompt_tokens: 9, completion_tokens: 75, total_tokens: 84 },
    });
    res.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    });
    res.end(text);
  });
});
// A storm on a busy machine lasts longer than the five seconds after which Node closes idle connections.
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit(0));
