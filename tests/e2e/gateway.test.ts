/** Who may call, what a call may ask for, and where it goes: one Ghee, one scripted provider. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import OpenAI from 'openai';
import { PROJECTS, MADE_KEY, MADE_PROJECT } from '../../proxy/admin/contract/projects.ts';
import { until } from '../support/until.ts';
import { RunningGhee } from '../support/ghee.ts';
import { SecondProxy } from '../support/second-proxy.ts';
import { startScriptedProvider, type ScriptedProvider } from '../support/provider.ts';

let ghee: RunningGhee;
let provider: ScriptedProvider;

beforeAll(async () => {
  provider = await startScriptedProvider();
  // Nobody goes alone only because the machine is busy.
  const env = { UPSTREAM_BASE_URL: `${provider.url}/v1`, COLLAPSE_SECONDS: '100' };
  ghee = await RunningGhee.start(env);
});

afterAll(async () => {
  await ghee.stop();
  await provider.close();
});

beforeEach(() => {
  provider.reset();
});

type Headers = Record<string, string>;

function ask(content: string, headers: Headers = {}, more: object = {}): Promise<Response> {
  return fetch(`${ghee.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content }], ...more }),
  });
}

const outcomeOf = (response: Response): string =>
  `${response.headers.get('butter-cache') ?? ''} ${response.headers.get('butter-reason') ?? ''}`;

const cacheHeadersOf = ({ headers }: Response) =>
  ['butter-cache', 'butter-reason', 'cache-status'].map((name) => headers.get(name));

async function outcome(content: string, headers: Headers = {}): Promise<string> {
  const response = await ask(content, headers);
  await response.arrayBuffer();
  return outcomeOf(response);
}

async function admin(method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(ghee.adminUrl + path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return response.json();
}

const errorOf = async (response: Response) =>
  ((await response.json()) as { error: Record<string, unknown> }).error;

describe('identical misses at the same time', () => {
  const HERD = 500;

  test.each([false, true])(
    'make one call (stream: %p)',
    async (stream) => {
      // A connection that the provider closed while this busy process did not look would fail the leader.
      provider.respond(() => ({ kind: 'text', content: 'awake' }));
      const wake = () => outcome('awake?', { 'cache-control': 'no-store' });
      await until('the way is open', async () => (await wake()) === 'bypass no_store');
      provider.reset();
      const released = Promise.withResolvers<undefined>();
      provider.respond(async () => {
        await released.promise;
        return { kind: 'text', content: 'one for all' };
      });
      const before = await ghee.collection('observations').countDocuments();
      const client = new OpenAI({ baseURL: ghee.baseUrl, apiKey: 'herd', maxRetries: 0 });
      const messages = [{ role: 'user' as const, content: `all at once ${stream}` }];
      const call = async (): Promise<string> => {
        if (!stream) {
          const answer = await client.chat.completions.create({ model: 'm', messages });
          return answer.choices[0]?.message.content ?? '';
        }
        const final = await client.chat.completions.stream({ model: 'm', messages }).finalMessage();
        return String(final.content);
      };
      const answers = Array.from({ length: HERD }, call);
      await until('the leader is at the provider', () => Promise.resolve(provider.callCount > 0));
      released.resolve(undefined);
      expect(new Set(await Promise.all(answers))).toEqual(new Set(['one for all']));
      expect(provider.callCount).toBe(1);
      await ghee.settle();
      expect((await ghee.collection('observations').countDocuments()) - before).toBe(1);
    },
    60_000,
  );

  test('a follower says so, and callers with other credentials do not follow', async () => {
    const released = Promise.withResolvers<undefined>();
    provider.respond(async () => {
      await released.promise;
      return { kind: 'text', content: 'shared' };
    });
    const credentials = ['Bearer a', 'Bearer a', 'Bearer b'];
    const calls = credentials.map((authorization) => ask('follow me', { authorization }));
    await until('both leaders', () => Promise.resolve(provider.callCount === 2));
    released.resolve(undefined);
    const responses = await Promise.all(calls);
    const reasons = responses.map((response) => response.headers.get('butter-reason'));
    expect(reasons.toSorted()).toEqual(['collapsed', 'no_path', 'no_path']);
    const follower = responses.find(
      (response) => response.headers.get('butter-reason') === 'collapsed',
    );
    expect(follower?.headers.get('cache-status')).toBe('ghee; fwd=miss; collapsed');
  });

  test("a leader's error is its own", async () => {
    provider.respond(() => ({ kind: 'text', content: 'fine' }));
    const released = Promise.withResolvers<undefined>();
    provider.failNext({
      kind: 'pieces',
      status: 500,
      headers: { 'content-type': 'application/json' },
      pieces: ['{"error":{"message":"broken","type":"x","param":null,"code":null}}'],
      pace: () => released.promise,
      ends: 'end',
    });
    const leader = ask('who fails?');
    await until('the leader is at the provider', () => Promise.resolve(provider.callCount === 1));
    const followers = [ask('who fails?'), ask('who fails?')];
    released.resolve(undefined);
    expect((await leader).status).toBe(500);
    const statuses = (await Promise.all(followers)).map((response) => response.status);
    expect(statuses).toEqual([200, 200]);
  });

  test('a leader whose client goes away leaves its place to one follower', async () => {
    const held = Promise.withResolvers<undefined>();
    provider.respond(async () => {
      if (provider.callCount === 1) await held.promise;
      return { kind: 'text', content: 'still there' };
    });
    const leaving = new AbortController();
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'bye' }] });
    const send = (signal?: AbortSignal) =>
      fetch(`${ghee.baseUrl}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        ...(signal === undefined ? {} : { signal }),
      });
    const leader = send(leaving.signal).catch((error: unknown) => error);
    await until('the leader is at the provider', () => Promise.resolve(provider.callCount === 1));
    const followers = [send(), send(), send()];
    await new Promise((resolve) => setTimeout(resolve, 200));
    leaving.abort();
    const texts = (await Promise.all(followers)).map((response) => response.text());
    for (const text of await Promise.all(texts)) expect(text).toContain('still there');
    expect(provider.callCount).toBe(2);
    held.resolve(undefined);
    expect(await leader).toMatchObject({ name: 'AbortError' });
  });
});

describe('what a call asks for', () => {
  test('observe forwards what would have been a hit, and counts how it compares', async () => {
    provider.respond(() => ({ kind: 'text', content: 'first' }));
    await outcome('observed');
    expect(await outcome('observed')).toBe('hit exact');
    expect(await outcome('observed', { 'butter-mode': 'observe' })).toBe('miss would-hit');
    provider.respond(() => ({ kind: 'text', content: 'something else altogether: 42' }));
    expect(await outcome('observed', { 'butter-mode': 'observe' })).toBe('miss would-hit');
    expect(provider.callCount).toBe(3);
    // The client has its answer before it is counted.
    await until('both are counted', async () => {
      const stats = (await admin('GET', '/admin/stats')) as {
        total: { observed: Record<string, number> };
      };
      const { agreed, contradicted } = stats.total.observed;
      return agreed === 1 && contradicted === 1;
    });
  });

  test('frozen never asks the provider, and says what is nearest', async () => {
    provider.respond(() => ({ kind: 'text', content: 'known' }));
    await outcome('a frozen question');
    await ghee.settle();
    provider.reset();
    const frozen = { 'butter-mode': 'frozen' };
    expect(await outcome('a frozen question', frozen)).toBe('hit exact');
    const response = await ask('a frozen riddle', frozen);
    expect(response.status).toBe(504);
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(cacheHeadersOf(response)).toEqual(['miss', 'no_path', 'ghee; detail=no_path']);
    const error = await errorOf(response);
    expect(error).toMatchObject({ code: 'not_cached', details: { depth: 0 } });
    expect(JSON.stringify(error)).not.toContain('riddle');
    expect((await ask('several', frozen, { n: 2 })).status).toBe(504);
    expect((await fetch(`${ghee.baseUrl}/models`, { headers: frozen })).status).toBe(504);
    expect(provider.requests).toHaveLength(0);
  });

  test.each([
    ['butter-mode', 'frozne', 'invalid_mode'],
    ['butter-trust', 'yes', 'invalid_trust'],
    ['butter-disable-induction', '1', 'invalid_disable_induction'],
  ])('%s: %s is refused', async (name, value, code) => {
    const response = await ask('slip', { [name]: value });
    expect([response.status, (await errorOf(response))['code']]).toEqual([400, code]);
    expect(provider.requests).toHaveLength(0);
  });

  test('the age of an answer counts: max-age, no-cache, no-store', async () => {
    provider.respond(() => ({ kind: 'text', content: 'aged' }));
    await outcome('how old?');
    const control = (value: string) => outcome('how old?', { 'cache-control': value });
    expect(await control('max-age=3600')).toBe('hit exact');
    await until('it is older', async () => (await control('max-age=0')) === 'miss expired');
    expect(await control('no-cache')).toBe('miss no_cache');
    expect(await control('no-store')).toBe('bypass no_store');
    expect(await control('only-if-cached')).toBe('hit exact');
  });
});

describe('projects', () => {
  async function make(name: string) {
    return MADE_PROJECT.parse(await admin('POST', '/admin/projects', { name }));
  }

  const withKey = (key: string, more: Headers = {}): Headers => ({
    'butter-auth': `Bearer ${key}`,
    ...more,
  });

  /** Refused until the mirror has heard of the key. */
  async function known(key: string): Promise<void> {
    await until('the key is known', async () => {
      const response = await ask('knock', withKey(key, { 'cache-control': 'only-if-cached' }));
      return response.status !== 401;
    });
  }

  test('callers of a project share, of two projects never', async () => {
    provider.respond(() => ({ kind: 'text', content: 'ours' }));
    const [one, two] = [await make('one'), await make('two')];
    await Promise.all([known(one.key.key), known(two.key.key)]);
    const call = (key: string, authorization: string) =>
      outcome('whose?', withKey(key, { authorization }));
    expect(await call(one.key.key, 'Bearer x')).toBe('miss no_path');
    expect(await call(one.key.key, 'Bearer y')).toBe('hit exact');
    expect(await call(two.key.key, 'Bearer x')).toBe('miss no_path');
    expect(await outcome('whose?', { authorization: 'Bearer x' })).toBe('miss no_path');
    const headers = provider.requests.flatMap((request) => Object.keys(request.headers));
    expect(headers.filter((name) => name.startsWith('butter'))).toEqual([]);
  });

  test('a key is shown once, stored as a hash, and refused everywhere once revoked', async () => {
    provider.respond(() => ({ kind: 'text', content: 'ok' }));
    const { project } = await make('keys');
    const path = `/admin/projects/${project.id}/keys`;
    const made = MADE_KEY.parse(await admin('POST', path, { label: 'second' }));
    const second = await SecondProxy.start(ghee, { UPSTREAM_BASE_URL: `${provider.url}/v1` });
    try {
      await known(made.key);
      const listed = PROJECTS.parse(await admin('GET', '/admin/projects'));
      expect(JSON.stringify(listed)).not.toContain(made.key);
      const stored = JSON.stringify(await ghee.collection('projects').find({}).toArray());
      expect(stored).not.toContain(made.key);
      const models = (baseUrl: string) =>
        fetch(`${baseUrl}/models`, { headers: withKey(made.key) }).then(({ status }) => status);
      expect(await models(second.baseUrl)).toBe(200);
      expect(await admin('DELETE', `${path}/${made.id}`)).toEqual({
        id: made.id,
        isRevoked: true,
      });
      for (const baseUrl of [ghee.baseUrl, second.baseUrl]) {
        await until('the key is refused', async () => (await models(baseUrl)) === 401);
      }
      expect(await admin('DELETE', `${path}/${made.id}`)).toMatchObject({
        error: { code: 'unknown_key' },
      });
    } finally {
      await second.stop();
    }
  });

  test('settings of a project go before those of the server, headers before both', async () => {
    provider.respond(() => ({ kind: 'text', content: 'set' }));
    const { project, key } = await make('settings');
    await known(key.key);
    const path = `/admin/projects/${project.id}`;
    await admin('PATCH', path, { settings: { mode: 'frozen', separate_by_credential: 'on' } });
    const status = async (more: Headers = {}) => (await ask('set?', withKey(key.key, more))).status;
    await until('it is frozen', async () => (await status()) === 504);
    expect(await status({ 'butter-mode': 'live', authorization: 'Bearer x' })).toBe(200);
    expect(await status({ authorization: 'Bearer x' })).toBe(200);
    expect(await status({ authorization: 'Bearer y' })).toBe(504);
    expect(await admin('PATCH', path, { settings: { mode: null } })).toMatchObject({
      settings: { separate_by_credential: 'on' },
    });
    const bad = { settings: { mode: 'fast' } };
    expect(await admin('PATCH', path, bad)).toMatchObject({ error: { code: 'invalid_request' } });
    expect(await admin('POST', '/admin/projects', { name: 'settings' })).toMatchObject({
      error: { code: 'name_taken' },
    });
  });
});

describe('trust', () => {
  const greet = (request: object): string => {
    const { messages } = request as { messages: { content: string }[] };
    return `Welcome aboard, ${messages[0]?.content.split(' ').at(-1) ?? ''}.`;
  };

  /** How the second of two greetings is answered, in a partition of its own. */
  async function second(namespace: string, headers: Headers = {}): Promise<string> {
    provider.respond((request) => ({ kind: 'text', content: greet(request) }));
    const own = { ...headers, 'butter-namespace': namespace };
    await outcome('Please greet Erik', own);
    await ghee.settle();
    return outcome('Please greet Grace', { ...headers, 'butter-namespace': namespace });
  }

  test('at once needs the permission of the project, and does not wait for a confirmation', async () => {
    const trusting = { 'butter-trust': 'immediate' };
    expect(await second('without a project', trusting)).toBe('miss probation');
    const settings = { immediate_trust: 'on' };
    const body = { name: 'trusting', settings };
    const { key } = MADE_PROJECT.parse(await admin('POST', '/admin/projects', body));
    const headers = { ...trusting, 'butter-auth': `Bearer ${key.key}` };
    await until('the key is known', async () => {
      const knock = { ...headers, 'cache-control': 'only-if-cached' };
      return (await ask('knock', knock)).status !== 401;
    });
    expect(await second('trusting', headers)).toBe('hit template');
    const aged = { ...headers, 'butter-namespace': 'trusting' };
    const ages = ['max-age=3600', 'max-age=0'].map((age) =>
      outcome('Please greet Ada', { ...aged, 'cache-control': age }),
    );
    expect(await Promise.all(ages)).toEqual(['hit template', 'miss expired']);
  });

  test('the TTL of a project ends exact answers and templates, and no header makes it longer', async () => {
    const body = { name: 'aging', settings: { immediate_trust: 'on' } };
    const { key, project } = MADE_PROJECT.parse(await admin('POST', '/admin/projects', body));
    const headers = { 'butter-auth': `Bearer ${key.key}`, 'butter-namespace': 'aging' };
    await until('the key is known', async () => {
      const knock = { ...headers, 'cache-control': 'only-if-cached' };
      return (await ask('knock', knock)).status !== 401;
    });
    expect(await second('aging', { ...headers, 'butter-trust': 'immediate' })).toBe('hit template');
    // Of the two names only the first has an exact answer. Nothing is asked, so nothing gets younger.
    const known = async (age: string): Promise<string[]> => {
      const asking = { ...headers, 'cache-control': `only-if-cached${age}` };
      const responses = await Promise.all(
        ['Erik', 'Ada'].map((name) => ask(`Please greet ${name}`, asking)),
      );
      return Promise.all(
        responses.map(async (response) =>
          response.status === 200
            ? outcomeOf(response)
            : JSON.stringify((await errorOf(response))['details']),
        ),
      );
    };
    const setTtl = (seconds: string | null) =>
      admin('PATCH', `/admin/projects/${project.id}`, { settings: { ttl_seconds: seconds } });
    const hits = ['hit exact', 'hit template'];
    expect(await known('')).toEqual(hits);
    await setTtl('0');
    await until('both are too old', async () =>
      (await known(', max-age=3600')).every((outcome) => outcome.includes('"expired"')),
    );
    await setTtl('3600');
    await until('they are young enough', async () => String(await known('')) === String(hits));
    const younger = await known(', max-age=0');
    expect(younger.every((outcome) => outcome.includes('"expired"'))).toBe(true);
    await setTtl(null);
    await until('the server has none', async () => String(await known('')) === String(hits));
  });

  test('probation holds even for values that the client named', async () => {
    provider.respond((request) => ({ kind: 'text', content: greet(request) }));
    const named = (name: string, more: Headers) =>
      outcome(`Please greet ${name}`, { 'butter-bindings': `{"name":"${name}"}`, ...more });
    const cautious = { 'butter-namespace': 'cautious', 'butter-trust': 'probation' };
    await named('Erik', cautious);
    await named('Erik', { 'butter-namespace': 'named' });
    await ghee.settle();
    expect(await named('Grace', { 'butter-namespace': 'named' })).toBe('hit template');
    expect(await named('Grace', cautious)).toBe('miss probation');
  });
});

describe('where a call goes', () => {
  let trap: Server;
  let reached = 0;
  let port = 0;

  beforeAll(async () => {
    trap = createServer((_req, res) => res.end('caught'));
    trap.on('connection', () => reached++);
    trap.listen(0, '127.0.0.1');
    await once(trap, 'listening');
    port = (trap.address() as { port: number }).port;
  });

  afterAll(() => {
    trap.close();
    trap.closeAllConnections();
  });

  /** The status line's code; undefined where the connection was closed without an answer. */
  function raw(text: string): Promise<number | undefined> {
    return new Promise((resolve) => {
      const socket = connect(Number(new URL(ghee.baseUrl).port), '127.0.0.1');
      let answer = '';
      const end = (): void => {
        socket.destroy();
        resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? Number.NaN) || undefined);
      };
      socket.on('data', (chunk: Buffer) => {
        answer += chunk.toString('latin1');
        if (answer.includes('\r\n\r\n')) end();
      });
      socket.on('close', end);
      socket.on('error', end);
      socket.write(text, 'latin1');
    });
  }

  /** Ways to write the trap's address, or other private ones. */
  function hosts(): string[] {
    return [
      ...['127.0.0.1', 'localhost', 'localhost.', '127.1', '0x7f000001', '2130706433'],
      ...['017700000001', '0', '0.0.0.0', '[::1]', '[::ffff:127.0.0.1]', '127.0.0.1.nip.io'],
    ].map((host) => `${host}:${port}`);
  }

  const get = (target: string, headers: string[] = []): string =>
    [`GET ${target} HTTP/1.1`, 'Host: ghee', ...headers, '', ''].join('\r\n');

  function attempts(): string[] {
    const [first = ''] = hosts();
    const targets = hosts().flatMap((host) => [
      `http://${host}/v1/models`,
      `//${host}/v1/models`,
      `/http://${host}/v1/models`,
    ]);
    const more = [
      `@${first}/`,
      `/@${first}/v1/models`,
      `/v1@${first}/models`,
      `/v1/@${first}`,
      `/v1//${first}/models`,
      `/v1/..//${first}/`,
      `/v1/%2e%2e/%2e%2e/${first}`,
      `/%2f%2f${first}/models`,
      `/\\${first}/models`,
      `/v1/\\\\${first}`,
      `/v1/models?url=http://${first}/`,
      `/v1/models#@${first}/`,
      `https://${first}/v1/models`,
      `ftp://${first}/v1/models`,
      `/${first}/v1/models`,
      `/v1/models;@${first}`,
    ];
    const names = [
      ...['X-Forwarded-Host', 'X-Forwarded-For', 'X-Forwarded-Server', 'X-Host', 'Forwarded'],
      ...['X-Original-URL', 'X-Rewrite-URL', 'X-Upstream', 'Butter-Upstream', 'Butter-Base-Url'],
      ...['Proxy-Connection', 'X-HTTP-Host-Override', 'Referer', 'Origin'],
    ];
    return [
      ...[...targets, ...more].map((target) => get(target)),
      ...names.map((name) => get('/v1/models', [`${name}: http://${first}/`])),
      `GET /v1/models HTTP/1.1\r\nHost: ${first}\r\n\r\n`,
      `CONNECT ${first} HTTP/1.1\r\nHost: ${first}\r\n\r\n`,
    ];
  }

  test('only to the configured provider, however another address is written', async () => {
    const texts = attempts();
    expect(texts.length).toBeGreaterThanOrEqual(60);
    const statuses = await Promise.all(texts.map(raw));
    expect(reached).toBe(0);
    expect(statuses.filter((status) => status !== undefined && status >= 500)).toEqual([]);
    for (const { url, headers } of provider.requests) {
      expect(url.startsWith('/v1/')).toBe(true);
      expect(headers.host).toBe(new URL(provider.url).host);
    }
  });

  test('a header that would end another one is refused', async () => {
    const texts = [
      'Butter-Namespace: a\rX-Evil: b',
      'Butter-Namespace: a\0b',
      'Butter Namespace: a',
      'Butter-Namespace : a',
    ].map((header) => get('/v1/models', [header]));
    expect(await Promise.all(texts.map(raw))).toEqual([400, 400, 400, 400]);
    expect(provider.requests).toHaveLength(0);
  });
});

describe('WebSocket connections', () => {
  let realtime: Server;
  let second: SecondProxy;
  const seen: (string | undefined)[] = [];

  beforeAll(async () => {
    realtime = createServer((_req, res) => res.writeHead(404).end());
    realtime.on('upgrade', (req, socket) => {
      seen.push(`${req.url ?? ''} ${String(req.headers['butter-auth'])}`);
      const key = String(req.headers['sec-websocket-key']);
      const accept = createHash('sha1')
        .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      // One unmasked text frame: "hello".
      socket.write(Buffer.from([0x81, 5, ...Buffer.from('hello')]));
      socket.on('error', () => socket.destroy());
      socket.on('data', () => socket.end(Buffer.from([0x88, 0])));
    });
    realtime.listen(0, '127.0.0.1');
    await once(realtime, 'listening');
    const { port } = realtime.address() as { port: number };
    second = await SecondProxy.start(ghee, { UPSTREAM_BASE_URL: `http://127.0.0.1:${port}/v1` });
  });

  afterAll(async () => {
    await second.stop();
    realtime.close();
    realtime.closeAllConnections();
  });

  const url = (): string => `${second.baseUrl.replace('http', 'ws')}/realtime?model=m`;

  test('pass in both directions, without what is meant for us', async () => {
    const socket = new WebSocket(url());
    const message = await new Promise<unknown>((resolve, reject) => {
      socket.onmessage = ({ data }) => resolve(data);
      socket.onerror = () => reject(new Error('no connection'));
    });
    expect(message).toBe('hello');
    const closed = new Promise((resolve) => (socket.onclose = resolve));
    socket.send('bye');
    await closed;
    expect(seen).toEqual(['/v1/realtime?model=m undefined']);
  });

  test('are refused to unknown keys, also after others were let in', async () => {
    const before = seen.length;
    const socket = connect(Number(new URL(second.baseUrl).port), '127.0.0.1');
    socket.write(
      'GET /v1/realtime HTTP/1.1\r\nHost: ghee\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nButter-Auth: Bearer nobody\r\n\r\n',
    );
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(socket, 'close');
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 401 [\s\S]*unknown_project_key/);
    expect(seen.length).toBe(before);
  });
});
