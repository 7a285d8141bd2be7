/** Toxiproxy between client, proxy and provider: `npm run chaos` installs it. Twelve kinds of faults, fifty calls each. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import type { Provider } from '../../adapters/demo-provider/start-provider.ts';
import { until } from '../support/until.ts';
import { findFreePorts } from '../../scripts/ports.ts';
import { EACH, faultRound, startLongWinded } from '../support/fault-rounds.ts';
import { RunningGhee } from '../support/ghee.ts';

interface Toxic {
  readonly type: string;
  /** `downstream`: towards the client. */
  readonly stream: 'upstream' | 'downstream';
  readonly attributes: Readonly<Record<string, number>>;
}

const down = (type: string, attributes: Toxic['attributes']): Toxic => ({
  ...{ type, stream: 'downstream', attributes },
});
const up = (type: string, attributes: Toxic['attributes']): Toxic => ({
  ...{ type, stream: 'upstream', attributes },
});

const TOXICS = {
  none: undefined,
  'slow answers': down('latency', { latency: 50, jitter: 40 }),
  'slow requests': up('latency', { latency: 50, jitter: 40 }),
  'a narrow line': down('bandwidth', { rate: 20 }),
  'slow to close': down('slow_close', { delay: 200 }),
  'answers that hang, then close': down('timeout', { timeout: 200 }),
  'requests that hang, then close': up('timeout', { timeout: 200 }),
  'a reset before the answer': down('reset_peer', { timeout: 0 }),
  'a reset in the answer': down('reset_peer', { timeout: 15 }),
  'a reset in the request': up('reset_peer', { timeout: 0 }),
  'small pieces': down('slicer', { average_size: 97, size_variation: 60, delay: 100 }),
  'an answer cut short': down('limit_data', { bytes: 900 }),
  'a request cut short': up('limit_data', { bytes: 120 }),
} as const;
type Kind = keyof typeof TOXICS;

let provider: Provider;
let ghee: RunningGhee;
let server: ChildProcess;
let api: string;
let ports: { readonly upstream: number; readonly client: number };

beforeAll(async () => {
  const [control = 0, upstream = 0, client = 0] = await findFreePorts(3);
  ports = { upstream, client };
  api = `http://127.0.0.1:${control}`;
  const command = process.env['GHEE_TEST_TOXIPROXY'] ?? 'toxiproxy-server';
  server = spawn(command, ['-host', '127.0.0.1', '-port', String(control)], { stdio: 'ignore' });
  await until('toxiproxy answers', async () => (await call('GET', '/version')) === 200, 30_000);
  provider = await startLongWinded();
  await open('upstream', upstream, new URL(provider.url).port);
  ghee = await RunningGhee.start({ UPSTREAM_BASE_URL: `http://127.0.0.1:${upstream}/v1` });
  await open('client', client, new URL(ghee.baseUrl).port);
});

afterAll(async () => {
  await ghee.stop();
  await provider.close();
  server.kill();
});

async function call(method: string, url: string, body?: object): Promise<number> {
  const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  return fetch(api + url, init).then(
    async (response) => {
      await response.body?.cancel();
      return response.status;
    },
    () => 0, // Not listening yet.
  );
}

async function open(name: string, port: number, target: string): Promise<void> {
  const links = { listen: `127.0.0.1:${port}`, upstream: `127.0.0.1:${target}`, enabled: true };
  expect(await call('POST', '/proxies', { name, ...links })).toBe(201);
}

/** From now on; connections that are open are closed, so that all have it from their beginning. */
async function poison(name: string, kind: Kind): Promise<void> {
  await call('DELETE', `/proxies/${name}/toxics/fault`);
  await call('POST', `/proxies/${name}`, { enabled: false });
  await call('POST', `/proxies/${name}`, { enabled: true });
  const toxic = TOXICS[kind];
  if (toxic === undefined) return;
  const status = await call('POST', `/proxies/${name}/toxics`, { name: 'fault', ...toxic });
  expect(status).toBe(200);
}

test.each(Object.keys(TOXICS) as Kind[])(
  '%s: no answer is shown that is not whole',
  async (kind) => {
    const links = {
      own: Number(new URL(ghee.baseUrl).port),
      upstream: { fault: (next: Kind) => poison('upstream', next) },
      client: { port: ports.client, fault: (next: Kind) => poison('client', next) },
    };
    const { whole, kept } = await faultRound(links, kind, 'none');
    process.stderr.write(`toxiproxy: ${kind}: ${whole} of ${EACH} whole, ${kept} kept\n`);
    if (kind === 'none') expect([whole, kept]).toEqual([EACH, EACH]);
  },
  180_000,
);
