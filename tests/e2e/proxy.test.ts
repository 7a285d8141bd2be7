/** The HTTP side against a provider that does what the test says: bytes, errors, bad input. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { isDeepStrictEqual } from 'node:util';
import { gzipSync } from 'node:zlib';
import { RunningGhee } from '../support/ghee.ts';
import { startScriptedProvider, type ScriptedProvider } from '../support/provider.ts';
import { until } from '../support/until.ts';

let ghee: RunningGhee;
let provider: ScriptedProvider;

beforeAll(async () => {
  provider = await startScriptedProvider();
  ghee = await RunningGhee.start({
    UPSTREAM_BASE_URL: `${provider.url}/v1`,
    REQUEST_BYTES_MAX: '20000',
  });
});

afterAll(async () => {
  await ghee.stop();
  await provider.close();
});

beforeEach(() => {
  provider.reset();
});

const bodyOf = (content: string): string =>
  JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] });

function post(
  body: string | Buffer,
  headers: Record<string, string> = {},
  path = '/chat/completions',
): Promise<Response> {
  return fetch(`${ghee.baseUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: body as string,
  });
}

describe('bad input', () => {
  const cases: [string, number, string, () => Promise<Response>][] = [
    ['malformed JSON', 400, 'malformed_json', () => post('{"model": nope')],
    ['a body that is not UTF-8', 400, 'malformed_json', () => post(Buffer.from([0xff, 0x22]))],
    [
      'a wrong method',
      405,
      'method_not_allowed',
      () => fetch(`${ghee.baseUrl}/chat/completions`, { method: 'PUT', body: '{}' }),
    ],
    [
      'bindings that are a list',
      400,
      'invalid_bindings',
      () => post(bodyOf('a'), { 'butter-bindings': '["a"]' }),
    ],
    [
      'bindings that are nested',
      400,
      'invalid_bindings',
      () => post(bodyOf('a'), { 'butter-bindings': '{"a":{"b":1}}' }),
    ],
    [
      'an unknown upstream',
      404,
      'unknown_upstream',
      () => fetch(`${ghee.baseUrl.replace(/\/v1$/, '')}/nobody/v1/chat/completions`),
    ],
    [
      'an unknown project key',
      401,
      'unknown_project_key',
      () => post(bodyOf('a'), { 'butter-auth': 'Bearer nobody' }),
    ],
  ];

  test.each(cases)('%s gets an error of the API', async (_what, status, code, send) => {
    const response = await send();
    expect(response.status).toBe(status);
    const { error } = (await response.json()) as { error: Record<string, unknown> };
    expect(error).toMatchObject({ code, message: expect.any(String), type: expect.any(String) });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      ...{ 'x-should-retry': 'false', 'x-request-id': expect.stringMatching(/^req_/) },
      ...{
        'butter-cache': 'bypass',
        'butter-reason': code,
        'cache-status': `ghee; detail=${code}`,
      },
    });
    expect(provider.requests).toHaveLength(0);
  });

  const large = Buffer.from(bodyOf('x'.repeat(300_000)));
  /** Without a length, so that it shows only on the way. */
  const pieces = (): ReadableStream =>
    ReadableStream.from(
      [0, 1, 2].map((part) =>
        large.subarray(part * 100_000, part === 2 ? undefined : (part + 1) * 100_000),
      ),
    );

  test.each([
    ['with its length', () => large, {}],
    ['in pieces', pieces, {}],
    ['compressed', () => gzipSync(large), { 'content-encoding': 'gzip' }],
  ])('a body over the limit passes unread, %s', async (_how, body, headers) => {
    provider.respond(() => ({ kind: 'text', content: 'read by me' }));
    const send = (more: Record<string, string>) =>
      fetch(`${ghee.baseUrl}/chat/completions`, {
        ...{ method: 'POST', duplex: 'half', body: body() as unknown as string },
        headers: { 'content-type': 'application/json', ...headers, ...more },
      });
    const response = await send({ 'butter-namespace': 'mine' });
    expect(response.headers.get('butter-reason')).toBe('request_too_large');
    expect(await response.text()).toContain('read by me');
    const [sent] = provider.requests;
    const isCompressed = 'content-encoding' in headers;
    expect(sent?.body.equals(isCompressed ? gzipSync(large) : large)).toBe(true);
    expect(Object.keys(sent?.headers ?? {}).join()).not.toContain('butter');
    expect((await send({ 'butter-mode': 'frozen' })).status).toBe(504);
    expect((await send({ 'butter-auth': 'Bearer nobody' })).status).toBe(401);
    expect(provider.requests).toHaveLength(1);
  });

  test('nothing of it is stored', async () => {
    expect(await ghee.collection('observations').countDocuments()).toBe(0);
  });
});

describe('a miss', () => {
  test('reaches the provider byte for byte, without what is meant for us', async () => {
    provider.respond(() => ({ kind: 'text', content: 'done' }));
    const body =
      '{ "messages" : [ {"role":"user","content":"odd  \\u00e9 spacing"} ],"model":"m" }';
    const response = await post(body, { authorization: 'Bearer sk-1', 'butter-bindings': '{}' });
    expect(response.status).toBe(200);
    expect(response.headers.get('butter-cache')).toBe('miss');
    const [request] = provider.requests;
    expect(request?.body.toString('utf8')).toBe(body);
    expect(request?.headers['authorization']).toBe('Bearer sk-1');
    expect(
      Object.keys(request?.headers ?? {}).filter((name) => /butter|forward/.test(name)),
    ).toEqual([]);
  });

  test('is answered to nobody with another credential', async () => {
    provider.respond(() => ({ kind: 'text', content: 'mine' }));
    await post(bodyOf('secret?'), { authorization: 'Bearer one' });
    await ghee.settle();
    const same = await post(bodyOf('secret?'), { authorization: 'Bearer one' });
    const other = await post(bodyOf('secret?'), { authorization: 'Bearer two' });
    expect([same, other].map((response) => response.headers.get('butter-cache'))).toEqual([
      'hit',
      'miss',
    ]);
    await ghee.settle();
  });

  test.each([400, 401, 429, 500])('passes on a %d unchanged and stores nothing', async (status) => {
    const before = await ghee.collection('observations').countDocuments();
    const body = `{"error":{"message":"no ${status}","type":"x","param":null,"code":"y"}}`;
    provider.failNext({
      kind: 'status',
      status,
      headers: { 'content-type': 'application/json', 'retry-after': '7' },
      body,
    });
    const response = await post(bodyOf(`fails with ${status}`));
    expect(response.status).toBe(status);
    expect(await response.text()).toBe(body);
    expect(response.headers.get('retry-after')).toBe('7');
    await ghee.settle();
    expect(await ghee.collection('observations').countDocuments()).toBe(before);
  });

  test('a stream that breaks off is not learned', async () => {
    const before = await ghee.collection('observations').countDocuments();
    provider.failNext({
      kind: 'pieces',
      headers: { 'content-type': 'text/event-stream' },
      pieces: ['data: {"id":"c","choices":[{"index":0,"delta":{"content":"hal"}}]}\n\n'],
      ends: 'reset',
    });
    const response = await post(
      bodyOf('breaks off').replace('}', '}').replace('{', '{"stream":true,'),
    );
    await expect(response.text()).rejects.toThrow();
    await ghee.settle();
    expect(await ghee.collection('observations').countDocuments()).toBe(before);
  });
});

test('other endpoints pass through', async () => {
  provider.failNext({ kind: 'status', status: 200, body: { object: 'list', data: [] } });
  const response = await fetch(`${ghee.baseUrl}/models`);
  expect(await response.json()).toEqual({ object: 'list', data: [] });
});

test('with MongoDB and Temporal away, hits are served and misses forwarded and kept', async () => {
  provider.respond(() => ({ kind: 'text', content: 'kept' }));
  await post(bodyOf('known'));
  await ghee.settle();
  const pids = [ghee.pidOf('mongodb'), ghee.pidOf('temporal')];
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    const hit = await post(bodyOf('known'));
    const miss = await post(bodyOf('new while they are away'));
    expect([hit, miss].map((response) => response.headers.get('butter-cache'))).toEqual([
      'hit',
      'miss',
    ]);
    expect(await miss.json()).toMatchObject({ choices: [{ message: { content: 'kept' } }] });
    await until('the spool has it', () => ghee.log('proxy').includes('"by":"spool"'));
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
  const acknowledged = [...new Set(ghee.acknowledged())].sort();
  await until('MongoDB has all that was acknowledged', async () => {
    const stored = await ghee.collection('observations').find({}).toArray();
    return isDeepStrictEqual(stored.map((document) => document._id).sort(), acknowledged);
  });
});
