/**
 * `npm run bench -- proxy`: hits beside the least that an exact cache costs in Node and in Express, misses beside
 * the least that a proxy costs.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { OwnGhee } from '../own-ghee.ts';
import { benchHits, printHits, type HitOptions, type Server } from './proxy/hits.ts';
import { benchMisses, printMisses } from './proxy/misses.ts';

export interface ProxyBenchOptions extends HitOptions {
  readonly only: 'hits' | 'misses' | undefined;
  readonly json: boolean;
}

const MISSES = { calls: 250, concurrent: 400 };

interface Child extends Server {
  readonly process: ChildProcess;
}

/** Starts a provider, the bare servers and Ghee, measures, prints, stops them. */
export async function benchProxy(options: ProxyBenchOptions): Promise<void> {
  const provider = await start('provider.ts');
  const children = {
    node: await start('exact-server.ts', 'node'),
    express: await start('exact-server.ts', 'express'),
    hop: await start('bare-hop.ts', provider.origin),
  };
  const ghee = await OwnGhee.start({ UPSTREAM_BASE_URL: `${provider.origin}/v1` });
  try {
    const hits = options.only === 'misses' ? [] : await benchHits(ghee, children, options);
    if (hits.length > 0) printHits(hits);
    const ways = {
      direct: `${provider.origin}/v1`,
      hop: `${children.hop.origin}/v1`,
      ghee: ghee.baseUrl,
    };
    const misses = options.only === 'hits' ? [] : await benchMisses(ways, MISSES);
    if (misses.length > 0) printMisses(misses);
    if (options.json) console.log(JSON.stringify({ hits, misses }));
  } finally {
    await ghee.stop();
    for (const child of [provider, ...Object.values(children)]) child.process.disconnect();
  }
}

async function start(file: string, ...args: readonly string[]): Promise<Child> {
  // In a session of its own, as Ghee's processes are: Linux shares the cores out among sessions first.
  const child = fork(path.join(import.meta.dirname, 'proxy', file), args, { detached: true });
  const [port] = (await once(child, 'message')) as [number];
  return { process: child, origin: `http://127.0.0.1:${String(port)}`, pid: child.pid ?? 0 };
}
