import { RecordingRoom } from '../miss/recording-room.ts';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { parseJson } from '../../core/json/json.ts';
import { readChatRequest } from '../../core/messages/request.ts';
import { Auditor, auditRate, type AuditorOptions, type ServedHit } from './audit.ts';
import type { Lesson } from '../miss/learn.ts';
import type { AnswerResult } from '../miss/read-answer.ts';
import type { OwnRequest, Upstream } from '../miss/upstream.ts';

const ANSWER = JSON.stringify({
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'yes' }, finish_reason: 'stop' }],
});

/** What the provider does with the next requests: writes, or nothing at all. */
let reply: (url: string) => { status?: number; body: string } | 'break' | 'hang';
let server: Server;
let url: string;

beforeEach(async () => {
  server = createServer((req, res) => {
    const what = reply(req.url ?? '');
    if (what === 'hang') return;
    if (what === 'break') {
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': '9999' });
      res.write('{', () => res.destroy());
      return;
    }
    res.writeHead(what.status ?? 200, { 'content-type': 'application/json' });
    res.end(what.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

function hit(more: { audits?: boolean; induce?: boolean; exact?: boolean } = {}): ServedHit {
  const parsed = parseJson('{"model":"m","messages":[{"role":"user","content":"well?"}]}');
  const chat = parsed.kind === 'json' ? readChatRequest(parsed.value) : undefined;
  if (chat?.kind !== 'request') throw new Error('not a request');
  const answer = {
    message: '{}',
    finishReason: 'stop',
    model: 'm',
    usage: undefined,
    extras: '{}',
  };
  const reason = more.exact === true ? 'exact' : 'template';
  return {
    asked: {
      question: {
        scope: { id: 's', project: 'p', model: 'm', parameters: '', endpoint: 'e' },
        request: chat.request,
        thread: 't',
        bindings: new Map(),
        noCache: false,
        maxAge: undefined,
      },
      messages: '[]',
      upstream: {
        identity: 'u',
        forward: () => undefined,
        ask,
        open: () => {
          throw new Error('an audit opens no WebSocket');
        },
        close: () => undefined,
      } satisfies Upstream,
      induce: more.induce !== false,
      rules: {
        ...{ mode: 'live', mayForward: true, separate: false },
        ...{ maxAge: undefined, trust: undefined },
        allows: { content: false, audits: more.audits !== false },
      },
    },
    found: {
      kind: 'found',
      answer,
      message: '{}',
      outcome: { cache: 'hit', reason, node: 'node' },
      reached: undefined,
    },
    headers: {},
    path: '/chat/completions',
    body: Buffer.from('{}'),
    requestId: 'req_1',
  };
}

function ask({ path, signal }: OwnRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(`${url}${path}`, { signal, agent: false }, resolve).once('error', reject);
  });
}

interface Made {
  readonly auditor: Auditor;
  readonly results: string[];
  readonly learned: { lesson: Lesson; result: AnswerResult }[];
  readonly clock: { ms: number };
}

function make(more: Partial<AuditorOptions> = {}): Made {
  const made = { results: [] as string[], learned: [] as Made['learned'], clock: { ms: 0 } };
  const auditor = new Auditor({
    rate: 1,
    auditsOf: () => 0,
    random: () => 0,
    clock: () => made.clock.ms,
    log: pino({ level: 'silent' }),
    bounds: { bytesMax: 10_000, room: new RecordingRoom(100_000) },
    learn: (lesson, { result }) => {
      made.learned.push({ lesson, result });
      return Promise.resolve();
    },
    onAudit: (result) => made.results.push(result),
    ...more,
  });
  return { auditor, ...made };
}

async function settled(made: Made, count: number): Promise<void> {
  while (made.results.length < count) await new Promise((resolve) => setTimeout(resolve, 2));
}

test('a template begins with a fifth of its hits and comes down to the rate, never below it', () => {
  expect(auditRate(0, 0.01)).toBe(0.2);
  expect(auditRate(10, 0.01)).toBeCloseTo(0.1);
  expect(auditRate(20, 0.01)).toBe(0.01);
  expect(auditRate(10_000, 0.01)).toBe(0.01);
  expect(auditRate(0, 0.5)).toBe(0.5);
  expect(auditRate(20, 0)).toBe(0);
});

test('the drawn share of hits is audited', () => {
  reply = () => ({ body: ANSWER });
  const draws = [0.19, 0.2, 0.99];
  const made = make({ rate: 0, random: () => draws.shift() ?? 1 });
  for (let n = 0; n < 3; n++) made.auditor.consider(hit());
  return settled(made, 1).then(() => expect(made.results).toEqual(['asked']));
});

test.each([
  ['the project does not allow it', { audits: false }],
  ['the client wants nothing learned', { induce: false }],
  ['the provider itself said it', { exact: true }],
])('no audit where %s', async (_why, more) => {
  reply = () => {
    throw new Error('nobody may ask');
  };
  const made = make();
  made.auditor.consider(hit(more));
  await made.auditor.close();
  expect(made.results).toEqual([]);
});

test('the provider is asked what the client asked, though the body is emptied meanwhile', async () => {
  const made = make();
  const asked = hit();
  const bodies: string[] = [];
  const upstream: Upstream = {
    ...asked.asked.upstream,
    ask: ({ body }) => {
      bodies.push(body.toString());
      return Promise.reject(new Error('enough'));
    },
  };
  const body = Buffer.from('{"of":"the call"}');
  made.auditor.consider({ ...asked, asked: { ...asked.asked, upstream }, body });
  body.fill(0);
  await settled(made, 1);
  expect(bodies).toEqual(['{"of":"the call"}']);
});

test('a good answer is learned from, as an audit of the node', async () => {
  reply = () => ({ body: ANSWER });
  const made = make();
  made.auditor.consider(hit());
  await settled(made, 1);
  await made.auditor.close();
  expect(made.results).toEqual(['asked']);
  expect(made.learned[0]).toMatchObject({
    lesson: { audit: 'node', induce: true, replace: false },
    result: { kind: 'answer' },
  });
});

describe('nothing is learned from', () => {
  test.each<[string, ReturnType<typeof reply>]>([
    ['an error', { status: 500, body: ANSWER }],
    ['an answer that breaks off', 'break'],
    ['an answer that was cut off', { body: ANSWER.replace('"stop"', '"length"') }],
    ['a refusal to talk JSON', { body: 'no' }],
    ['an answer that is too long', { body: ANSWER.replace('yes', 'y'.repeat(20_000)) }],
  ])('%s', async (_what, what) => {
    reply = () => what;
    const made = make();
    made.auditor.consider(hit());
    await settled(made, 1);
    expect(made.results).toEqual(['unusable']);
    expect(made.learned).toEqual([]);
  });

  test('a provider that is away', async () => {
    const made = make();
    server.closeAllConnections();
    const port = url;
    url = 'http://127.0.0.1:1';
    made.auditor.consider(hit());
    await settled(made, 1);
    url = port;
    expect(made.results).toEqual(['unusable']);
  });

  test('a provider that never answers, once the proxy ends', async () => {
    reply = () => 'hang';
    const made = make();
    made.auditor.consider(hit());
    await made.auditor.close();
    expect(made.results).toEqual(['unusable']);
    made.auditor.consider(hit());
    expect(made.results).toEqual(['unusable', 'skipped']);
  });
});

test('few are under way at once, and few begin in a second', async () => {
  reply = () => 'hang';
  const made = make();
  for (let n = 0; n < 10; n++) made.auditor.consider(hit());
  expect(made.results).toEqual(Array<string>(6).fill('skipped'));
  await made.auditor.close();
  const next = make();
  reply = () => ({ body: ANSWER });
  for (let n = 0; n < 8; n++) {
    next.auditor.consider(hit());
    await settled(next, n + 1);
  }
  expect(next.results.filter((result) => result === 'asked')).toHaveLength(5);
  next.clock.ms = 1000;
  next.auditor.consider(hit());
  await settled(next, 9);
  expect(next.results.at(-1)).toBe('asked');
});
