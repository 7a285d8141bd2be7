/** Load for the proxy bench: so many connections, each with one request after the other, and what they took. */
import { readFileSync } from 'node:fs';
import { Client } from 'undici';
import { Problem } from '../../problem.ts';

export interface Target {
  /** Such as http://127.0.0.1:8787. */
  readonly origin: string;
  /** The process whose CPU time is counted. */
  readonly pid: number;
  /** The body of the nth request. */
  readonly body: (index: number) => Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** What `Butter-Cache` and `Butter-Reason` must say, as in `hit template`; undefined for other servers. */
  readonly expects?: string;
}

export interface Round {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of CPU time that the server took for each request, all its threads together. */
  readonly cpuMicros: number;
}

const PATH = '/v1/chat/completions';

/** Errors: Problem when an answer is not what was expected. */
export async function run(target: Target, connections: number, ms: number): Promise<Round> {
  const clients = Array.from({ length: connections }, () => new Client(target.origin));
  let index = 0;
  const times: number[] = [];
  const work = async (client: Client, until: number): Promise<void> => {
    while (performance.now() < until) {
      const startedAt = performance.now();
      await call(client, target, index++);
      times.push(performance.now() - startedAt);
    }
  };
  try {
    // Connections are made, and code is warm, before anything is measured.
    await Promise.all(clients.map((client) => work(client, performance.now() + ms / 5)));
    times.length = 0;
    const cpuBefore = cpuMicrosOf(target.pid);
    const startedAt = performance.now();
    await Promise.all(clients.map((client) => work(client, startedAt + ms)));
    const seconds = (performance.now() - startedAt) / 1000;
    return {
      perSecond: times.length / seconds,
      p50: quantile(times, 0.5),
      p99: quantile(times, 0.99),
      cpuMicros: (cpuMicrosOf(target.pid) - cpuBefore) / times.length,
    };
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}

async function call(client: Client, target: Target, index: number): Promise<void> {
  const response = await client.request({
    path: PATH,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...target.headers },
    body: target.body(index),
  });
  await response.body.arrayBuffer();
  const { statusCode, headers } = response;
  const said = `${String(headers['butter-cache'])} ${String(headers['butter-reason'])}`;
  const isRight = target.expects === undefined || said === target.expects;
  if (statusCode !== 200 || !isRight) {
    throw new Problem(`bench: ${target.origin} answered ${String(statusCode)}, ${said}`);
  }
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? NaN;
}

/** Linux counts in hundredths of a second; NaN elsewhere. */
function cpuMicrosOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10_000;
  } catch {
    return NaN;
  }
}
