/** Starts a sandbox, sets an endless derivation going in it, tells the ids of its processes and waits to be killed. */
import { readResidentBytes } from '../../adapters/sandbox/child.ts';
import { Pool } from '../../adapters/sandbox/pool.ts';
import { startChild } from '../../adapters/sandbox/start-child.ts';

const pool = new Pool({ size: 1, startChild, readResidentBytes });
const inputs = [[]];
await pool.run({ source: '() => 1', inputs, budgetMs: 10_000 });
void pool.run({ source: '() => 7n ** (1n << 28n) > 1n', inputs, budgetMs: 60_000 });
process.send?.(pool.pids);
