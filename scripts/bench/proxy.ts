/**
 * `npm run bench -- proxy`: what Ghee adds to a call, beside the least that any proxy costs. The five ways take
 * turns, so that a busy moment of the machine hits all of them alike.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import path from 'node:path';
import { startProvider } from '../../adapters/demo-provider/start-provider.ts';
import { fieldOf, isArray, stringOf } from '../../core/completion/completion.ts';
import { OwnGhee } from '../own-ghee.ts';
import { Problem } from '../problem.ts';

const ROUNDS = 400;
const WARM_UP = 100;

const agent = new Agent({ keepAlive: true });

interface Answer {
  readonly ms: number;
  readonly cache: string | undefined;
  readonly reason: string | undefined;
  readonly body: string;
}

function call(baseUrl: string, content: string, headers = {}): Promise<Answer> {
  const body = JSON.stringify({ model: 'bench', messages: [{ role: 'user', content }] });
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(
      `${baseUrl}/chat/completions`,
      {
        agent,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve({
            ms: performance.now() - startedAt,
            cache: response.headers['butter-cache']?.toString(),
            reason: response.headers['butter-reason']?.toString(),
            body: Buffer.concat(chunks).toString(),
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** A name of its own for each number: "Aab", "Aac", … */
function nameOf(index: number): string {
  const letters = Array.from(index.toString(26).padStart(4, '0'), (digit) =>
    String.fromCharCode(97 + parseInt(digit, 26)),
  );
  return `A${letters.join('')}`;
}

/** Starts a provider, a bare proxy and Ghee, measures, prints, stops them. */
export async function benchProxy(): Promise<void> {
  const provider = await startProvider({
    latencyMs: 0,
    respond: (body) => {
      const messages = fieldOf(body, 'messages');
      const last: unknown = isArray(messages) ? messages.at(-1) : undefined;
      const content =
        (last as { content?: string } | undefined)?.content ?? stringOf(body, 'model');
      return { kind: 'text', content: `Hello, ${content?.split(' ').at(-1) ?? ''}!` };
    },
  });
  const hop = fork(path.join(import.meta.dirname, 'bare-hop.ts'), [provider.url]);
  const [hopPort] = (await once(hop, 'message')) as [number];
  const ghee = await OwnGhee.start({ UPSTREAM_BASE_URL: `${provider.url}/v1` });
  try {
    await measure(ghee, `${provider.url}/v1`, `http://127.0.0.1:${String(hopPort)}/v1`);
  } finally {
    await ghee.stop();
    hop.disconnect();
    await provider.close();
    agent.destroy();
  }
}

async function measure(ghee: OwnGhee, direct: string, hop: string): Promise<void> {
  for (const name of ['Erik', 'Ann', 'Grace']) {
    await call(ghee.baseUrl, `Say hello to ${name}`);
    await ghee.settle();
  }
  const exactOnly = { 'butter-disable-induction': 'true' };
  const ways: Record<string, (index: number) => Promise<Answer>> = {
    direct: (index) => call(direct, `Say hello to ${nameOf(index)}`),
    'bare hop': (index) => call(hop, `Say hello to ${nameOf(index)}`),
    miss: (index) => call(ghee.baseUrl, `Number ${String(index)} of the bench`, exactOnly),
    'exact hit': () => call(ghee.baseUrl, 'Say hello to Erik'),
    'templated hit': (index) => call(ghee.baseUrl, `Say hello to ${nameOf(index)}`),
  };
  const expected: Record<string, string | undefined> = {
    miss: 'miss',
    'exact hit': 'hit',
    'templated hit': 'hit',
  };
  const times = new Map(Object.keys(ways).map((way) => [way, [] as number[]]));
  for (let index = 0; index < WARM_UP + ROUNDS; index++) {
    for (const [way, run] of Object.entries(ways)) {
      const answer = await run(index);
      if (answer.cache !== expected[way]) {
        throw new Problem(`bench: ${way} was a ${String(answer.cache)} (${String(answer.reason)})`);
      }
      if (index >= WARM_UP) times.get(way)?.push(answer.ms);
    }
  }
  report(times);
}

function report(times: ReadonlyMap<string, readonly number[]>): void {
  const at = (way: string, share: number): number => {
    const sorted = [...(times.get(way) ?? [])].sort((a, b) => a - b);
    return sorted[Math.floor(share * (sorted.length - 1))] ?? NaN;
  };
  console.log(`\n${String(ROUNDS)} interleaved calls of each kind; milliseconds\n`);
  for (const way of times.keys()) {
    const columns = [0.5, 0.9, 0.99].map((share) => at(way, share).toFixed(2).padStart(8));
    console.log(`${way.padEnd(14)} p50${columns[0]}  p90${columns[1]}  p99${columns[2]}`);
  }
  const hopAdds = at('bare hop', 0.5) - at('direct', 0.5);
  const missAdds = at('miss', 0.5) - at('direct', 0.5);
  console.log(
    `\na miss adds ${missAdds.toFixed(2)} ms, a bare hop ${hopAdds.toFixed(2)} ms: ratio ${(missAdds / hopAdds).toFixed(2)}`,
  );
}
