/** What providers may say on the wire, byte by byte, and what the client then gets. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { openCall } from '../call.ts';
import { createUpstream, type Upstream } from './upstream.ts';

const ANSWER = '{"ok":true}';
const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const WHOLE = `${HEAD}content-length: 11\r\n\r\n${ANSWER}`;
const CHUNKED = `${HEAD}transfer-encoding: chunked\r\n\r\nb\r\n${ANSWER}\r\n0\r\n`;

/** By path: what the provider does once it has the head of a request. */
const PROVIDER: Readonly<Record<string, (socket: Socket) => void>> = {
  '/hints': (socket) => socket.write(`HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${WHOLE}`),
  '/switch': (socket) =>
    socket.write('HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
  '/trailers': (socket) => socket.write(`${CHUNKED}x-trailer: 1\r\n\r\n`),
  '/chunked': (socket) => socket.write(`${CHUNKED}\r\n`),
  '/empty': (socket) => socket.write('HTTP/1.1 204 No Content\r\nx-a: 1\r\n\r\n'),
  '/fresh': (socket) => socket.write('HTTP/1.1 304 Not Modified\r\ncontent-length: 11\r\n\r\n'),
  '/head': (socket) => socket.write(`${HEAD}content-length: 11\r\n\r\n`),
  '/twice': (socket) =>
    socket.write(`${HEAD}Set-Cookie: a\r\nset-cookie: b\r\n\r\n`, () => socket.end()),
  '/noise': (socket) => socket.write(`${WHOLE}EXTRA`),
  '/early': (socket) => {
    socket.write(WHOLE.replace('200 OK', '413 Too Large'));
  },
  '/cut': (socket) => socket.write(WHOLE.slice(0, -1), () => socket.resetAndDestroy()),
};

let provider: ReturnType<typeof createTcpServer>;
let proxy: Server;
let upstream: Upstream;

beforeAll(async () => {
  provider = createTcpServer((socket) => {
    let head = '';
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      head += bytes.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      const [, path = ''] = head.split(' ', 2);
      [head] = [''];
      PROVIDER[path]?.(socket);
    });
  });
  await listening(provider);
  const log = pino({ level: 'silent' });
  const baseUrl = `http://127.0.0.1:${portOf(provider)}`;
  upstream = createUpstream({ identity: 'test', baseUrl, log });
  const deps = { log, now: Date.now, admitLine: () => false, onCall: () => undefined };
  proxy = createServer((req, res) => {
    const call = openCall(req, res, deps);
    upstream.forward(req, res, { path: req.url ?? '', body: undefined, call });
  });
  await listening(proxy);
});

afterAll(async () => {
  upstream.close();
  proxy.closeAllConnections();
  await Promise.all([close(proxy), close(provider)]);
});

async function listening(server: Server | typeof provider): Promise<void> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

async function close(server: Server | typeof provider): Promise<void> {
  server.close();
  await once(server, 'close');
}

const portOf = (server: Server | typeof provider): number => (server.address() as AddressInfo).port;

/** Sends bytes and reads until the connection ends. */
async function exchange(bytes: string): Promise<{ status: string; headers: string; body: string }> {
  const socket = connect(portOf(proxy), '127.0.0.1');
  socket.write(bytes, 'latin1');
  const said = await text(socket);
  const [head = '', ...rest] = said.split('\r\n\r\n');
  const [status = '', ...headers] = head.split('\r\n');
  return { status, headers: headers.join('\n').toLowerCase(), body: rest.join('\r\n\r\n') };
}

const get = (path: string, method = 'GET', version = '1.1'): string =>
  `${method} ${path} HTTP/${version}\r\nhost: x\r\nconnection: close\r\n\r\n`;

const IN_ONE_CHUNK = `b\r\n${ANSWER}\r\n0\r\n\r\n`;

test.each([
  ['hints before the answer', get('/hints'), 'HTTP/1.1 200 OK', ANSWER],
  ['trailers', get('/trailers'), 'HTTP/1.1 200 OK', IN_ONE_CHUNK],
  ['a stream for a client of HTTP/1.0', get('/chunked', 'GET', '1.0'), 'HTTP/1.1 200 OK', ANSWER],
  ['no content', get('/empty'), 'HTTP/1.1 204 No Content', ''],
  ['not modified', get('/fresh'), 'HTTP/1.1 304 Not Modified', ''],
  ['a HEAD', get('/head', 'HEAD'), 'HTTP/1.1 200 OK', ''],
  ['bytes behind the answer', get('/noise'), 'HTTP/1.1 200 OK', ANSWER],
])('%s: the client gets the answer and nothing else', async (_what, request, status, body) => {
  const got = await exchange(request);
  expect([got.status, got.body]).toEqual([status, body]);
  expect(got.headers).toContain('butter-cache');
});

test('headers that come twice stay two', async () => {
  expect((await exchange(get('/twice'))).headers).toContain('set-cookie: a\nset-cookie: b');
});

test('a provider that switches protocols unasked is unreachable, and no client waits for it', async () => {
  const { status, body } = await exchange(get('/switch'));
  expect(status).toBe('HTTP/1.1 502 Bad Gateway');
  expect(body).toContain('upstream_unreachable');
});

test('an answer that comes before the whole request reaches the client, which still sends', async () => {
  const answer = await fetch(`http://127.0.0.1:${portOf(proxy)}/early`, {
    method: 'POST',
    body: 'x'.repeat(8_000_000),
  });
  expect([answer.status, await answer.text()]).toEqual([413, ANSWER]);
});

test('an answer that is cut is never shown as whole', async () => {
  const { headers, body } = await exchange(get('/cut'));
  expect(headers === '' || headers.includes('content-length: 11')).toBe(true);
  expect(body.length).toBeLessThan(ANSWER.length);
});
