/**
 * Three proxies on one MongoDB, killed under load one after the other; and several processes on one port, which are killed
 * likewise. Ten seconds here; `npm run chaos` takes a minute and prints what it saw. GHEE_CHAOS_PAUSE_MS=0: without pauses.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../support/until.ts';
import { Balancer } from '../support/balancer.ts';
import { RunningGhee } from '../support/ghee.ts';
import { startScriptedProvider, type ScriptedProvider } from '../support/provider.ts';
import { SecondProxy } from '../support/second-proxy.ts';

const SECONDS = Number(process.env['GHEE_CHAOS_SECONDS'] ?? '10');
const KILL_EVERY_MS = 5000;
const CLIENTS = 4;
/** Far beyond what it takes; what it took is in the report of `npm run chaos`. */
const SEEN_MS = 30_000;

let ghee: RunningGhee;
let provider: ScriptedProvider;
let proxies: SecondProxy[];

beforeAll(async () => {
  provider = await startScriptedProvider();
  provider.respond(({ messages }) => {
    const last: unknown = (messages as { content?: unknown }[]).at(-1)?.content;
    return { kind: 'text', content: answerTo(String(last)) };
  });
  const env = { UPSTREAM_BASE_URL: `${provider.url}/v1` };
  ghee = await RunningGhee.start({ ...env, PROXY_PROCESSES: '2' });
  proxies = await Promise.all([1, 2, 3].map(() => SecondProxy.start(ghee, env)));
}, 240_000);

afterAll(async () => {
  await Promise.all(proxies.map((proxy) => proxy.stop()));
  await ghee.stop();
  await provider.close();
});

/** What the provider says; no answer is right for two questions. */
function answerTo(question: string): string {
  const word = /the word (\S+) for me/.exec(question)?.[1];
  return word === undefined ? `You asked: ${question}` : `Here it is: ${word}, as you wished.`;
}

async function ask(baseUrl: string, content: string, bindings: Record<string, string> = {}) {
  const response = await fetch(`${baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'butter-bindings': JSON.stringify(bindings) },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] }),
  });
  const { choices } = (await response.json()) as { choices: { message: { content: string } }[] };
  return {
    reason: response.headers.get('butter-reason') ?? '',
    node: response.headers.get('butter-node') ?? '',
    said: choices[0]?.message.content,
  };
}

let words = 0;
const freshWord = () => `w${'abcdefghij'[words++ % 10] ?? ''}x${String(words)}`;

/** Milliseconds until each proxy serves (or no longer serves) `verb` from a template. */
async function untilAll(verb: string, serves: boolean): Promise<number> {
  const began = performance.now();
  await Promise.all(
    proxies.map((proxy) =>
      until(
        `${verb} ${serves ? 'is' : 'is not'} served`,
        async () => {
          const { reason } = await ask(proxy.baseUrl, sentence(verb, freshWord()));
          return (reason === 'template') === serves;
        },
        SEEN_MS,
      ),
    ),
  );
  return Math.round(performance.now() - began);
}

const sentence = (verb: string, word: string) => `Please ${verb} the word ${word} for me`;

/** Learned at once, since the word is named. Resolves when the template is committed. */
async function teach(proxy: SecondProxy | undefined, verb: string): Promise<void> {
  const word = freshWord();
  await ask(proxy?.baseUrl ?? '', sentence(verb, word), { word });
  const committed = { $or: [{ state: { $eq: 'serving' } }], 'template.role': { $eq: 'user' } };
  await until(
    'it is committed',
    async () => {
      const nodes = await ghee.collection('nodes').find(committed).toArray();
      return nodes.some((node) => JSON.stringify(node).includes(`Please ${verb} the word `));
    },
    60_000,
  );
}

test('what one proxy learns all serve, and what one deletes none', async () => {
  await teach(proxies[0], 'spell');
  const seenMs = await untilAll('spell', true);
  const { node } = await ask(proxies[1]?.baseUrl ?? '', sentence('spell', freshWord()));
  const parent = await ghee.collection('nodes').findOne({ _id: { $eq: node } });
  const path = `/admin/nodes/${String((parent as { parent?: string } | null)?.parent)}`;
  const deleted = await fetch(`${proxies[2]?.adminUrl ?? ''}${path}`, {
    method: 'DELETE',
    headers: { 'content-type': 'application/json' },
  });
  expect(deleted.status).toBe(200);
  const goneMs = await untilAll('spell', false);
  process.stderr.write(`chaos: all serve after ${seenMs} ms, none after ${goneMs} ms\n`);
});

test(
  'one is killed every five seconds: no wrong answer, and only its own calls fail',
  async () => {
    await teach(proxies[0], 'sing');
    await untilAll('sing', true);
    const balancer = new Balancer(proxies, answerTo);
    const endsAt = Date.now() + SECONDS * 1000;
    const isOver = () => Date.now() > endsAt;
    let asked = 0;
    const question = (): string => {
      const kind = asked++ % 4;
      if (kind === 0) return `A question of its own, number ${String(asked)}`;
      return kind === 1 ? `A common question ${String(asked % 5)}` : sentence('sing', freshWord());
    };
    const loads = Array.from({ length: CLIENTS }, () => balancer.load(question, isOver));
    let kills = 0;
    while (!isOver()) {
      const began = Date.now();
      const victim = proxies[kills++ % proxies.length];
      if (victim !== undefined) await balancer.kill(victim);
      await sleep(Math.max(0, KILL_EVERY_MS - (Date.now() - began)));
    }
    await Promise.all(loads);
    const { right, wrong, failed, inFlight } = balancer.judged;
    const counts = [...right].map(([reason, count]) => `${count} ${reason}`).join(', ');
    process.stderr.write(`chaos: ${kills} kills, ${inFlight} calls cut off; right: ${counts}\n`);
    expect({ wrong, failed }).toEqual({ wrong: [], failed: [] });
    expect(inFlight).toBeLessThanOrEqual(kills * CLIENTS);
    expect(right.get('template')).toBeGreaterThan(0);
    expect(right.get('exact')).toBeGreaterThan(0);
    // What was acknowledged is there, and what was learned was learned rightly.
    const began = performance.now();
    await ghee.settle();
    const settledMs = Math.round(performance.now() - began);
    process.stderr.write(`chaos: nothing waits for its run any more after ${settledMs} ms\n`);
    const lines = proxies.flatMap((proxy) => proxy.log().split('\n'));
    const acknowledged = lines
      .filter((line) => line.includes('"observation.acknowledged"'))
      .map((line) => (JSON.parse(line) as { observation: string }).observation);
    const kept = await ghee.collection('observations').countDocuments({
      _id: { $in: acknowledged.slice(-2000) },
    });
    expect(kept).toBe(new Set(acknowledged.slice(-2000)).size);
  },
  // As long as there is progress: `settle` notices when there is none.
  SECONDS * 1000 + 20 * 60_000,
);

interface Status {
  readonly processes: readonly { readonly pid: number; readonly calls: number }[];
}

test('of several processes on one port a dead one is replaced, and all are counted', async () => {
  const status = async () => (await (await fetch(`${ghee.adminUrl}/status`)).json()) as Status;
  await until('both serve', async () => (await status()).processes.length === 2, SEEN_MS);
  const before = (await status()).processes.map(({ pid }) => pid);
  for (let index = 0; index < 20; index++) {
    const { said } = await ask(ghee.baseUrl, 'A common question 1');
    expect(said).toBe(answerTo('A common question 1'));
  }
  const sum = ({ processes }: Status) => processes.reduce((all, { calls }) => all + calls, 0);
  await until('all are counted', async () => sum(await status()) === 20, SEEN_MS);
  const metrics = await (await fetch(`${ghee.adminUrl}/metrics`)).text();
  const counted = [...metrics.matchAll(/^ghee_calls_total\{.*\} (\d+)$/gm)];
  expect(counted.reduce((all, [, count]) => all + Number(count), 0)).toBe(20);
  const [victim = 0] = before;
  process.kill(victim, 'SIGKILL');
  await until(
    'it is replaced',
    async () => {
      const now = (await status()).processes.map(({ pid }) => pid);
      return now.length === 2 && !now.includes(victim) && now.includes(before[1] ?? 0);
    },
    SEEN_MS,
  );
  expect((await ask(ghee.baseUrl, 'A common question 2')).said).toContain('question 2');
  // Ctrl-C: all of them end, and say that they did so in order.
  const pids = (await status()).processes.map(({ pid }) => pid);
  expect(await ghee.halt()).toBe(0);
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});
