/**
 * A server with a sandbox, as the proxy is one: run as a process of its own with `--expose-gc`, it answers every
 * request, and on POST runs costly hostile derivations one after the other until the next POST.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readResidentBytes } from '../../adapters/sandbox/child.ts';
import { Pool } from '../../adapters/sandbox/pool.ts';
import { startChild } from '../../adapters/sandbox/start-child.ts';
import { HOSTILE_DERIVATIONS } from './hostile-derivations.ts';

const BUDGET_MS = 100;
const pool = new Pool({ size: 1, startChild, readResidentBytes });
let isAttacked = false;
let attack: Promise<number> | undefined;

/** Shape: how many derivations were run. */
async function attackUntilTold(): Promise<number> {
  let count = 0;
  for (; isAttacked; count++) {
    const { source } = HOSTILE_DERIVATIONS[count % HOSTILE_DERIVATIONS.length] ?? { source: '' };
    await pool.run({ source, inputs: [[['city', 'Boston']]], budgetMs: BUDGET_MS });
  }
  return count;
}

async function toggle(): Promise<{ attacks: number; residentBytes: number }> {
  isAttacked = !isAttacked;
  const attacks = isAttacked ? 0 : await attack;
  globalThis.gc?.();
  const residentBytes = process.memoryUsage.rss();
  if (isAttacked) attack = attackUntilTold();
  return { attacks: attacks ?? 0, residentBytes };
}

const server = createServer((request, response) => {
  if (request.method === 'POST') {
    void toggle().then((report) => response.end(JSON.stringify(report)));
  } else {
    response.end('ok');
  }
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => void pool.close().then(() => process.exit(0)));
