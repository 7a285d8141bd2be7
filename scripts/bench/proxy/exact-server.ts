/**
 * Child of the proxy bench: the least that an exact cache costs. `node exact-server.ts <node|express>` parses each
 * body, takes one step through a Map for each message, and answers. It sends its port over IPC.
 */
import express from 'express';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerTo, eventsOf } from './bodies.ts';

interface Chat {
  readonly model: string;
  readonly stream?: boolean;
  readonly messages: readonly { role: string; content: unknown; tool_calls?: unknown }[];
}

interface Step {
  readonly next: Map<string, Step>;
  answer: { readonly content: string; readonly events: Buffer } | undefined;
}

const root: Step = { next: new Map(), answer: undefined };
let served = 0;

function answer(body: Buffer, res: ServerResponse): void {
  const chat = JSON.parse(body.toString('utf8')) as Chat;
  const known = find(chat);
  if (chat.stream === true) {
    res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Transfer-Encoding': 'chunked' });
    res.end(known.events);
    return;
  }
  const message = { role: 'assistant', content: known.content, refusal: null };
  const text = Buffer.from(
    JSON.stringify({
      id: `chatcmpl-${String(++served)}`,
      object: 'chat.completion',
      created: Math.floor(Date.now() / 1000),
      model: chat.model,
      choices: [{ index: 0, message, logprobs: null, finish_reason: 'stop' }],
      usage: { prompt_tokens: 9, completion_tokens: 16, total_tokens: 25 },
    }),
  );
  res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': text.byteLength });
  res.end(text);
}

function find({ model, messages }: Chat): NonNullable<Step['answer']> {
  let step = root;
  for (const { role, content, tool_calls: calls } of messages) {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    const key = `${role}\n${text}${calls === undefined ? '' : JSON.stringify(calls)}`;
    let next = step.next.get(key);
    if (next === undefined) {
      next = { next: new Map(), answer: undefined };
      step.next.set(key, next);
    }
    step = next;
  }
  if (step.answer === undefined) {
    const content = answerTo(messages.at(-1)?.content);
    step.answer = { content, events: Buffer.from(eventsOf(model, content).join('')) };
  }
  return step.answer;
}

function serve(kind: string | undefined): Server {
  if (kind === 'express') {
    const app = express();
    app.disable('x-powered-by');
    app.disable('etag');
    app.post('/v1/chat/completions', express.raw({ type: () => true, limit: '10mb' }), (req, res) =>
      answer(req.body as Buffer, res),
    );
    return createServer(app);
  }
  return createServer((req: IncomingMessage, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => answer(Buffer.concat(chunks), res));
  });
}

const server = serve(process.argv[2]);
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit(0));
