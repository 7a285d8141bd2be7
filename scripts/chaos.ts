/**
 * `npm run chaos`: proxies that are killed under load for a minute, and toxiproxy between client, proxy and provider.
 * Toxiproxy is installed where there is Go; what cannot be installed is not tested, and that is said.
 */
import { execa } from 'execa';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from '../adapters/config.ts';
import { explain } from './problem.ts';
import { toolsFolder, versionOf } from './servers/tools.ts';
import { runJest } from './test.ts';

const TOXIPROXY = 'github.com/Shopify/toxiproxy/v2/cmd/server@v2.5.0';
const INSTALL_TIMEOUT_MS = 10 * 60 * 1000;
const SECONDS = 60;

async function chaos(args: readonly string[]): Promise<number> {
  process.env['GHEE_CHAOS_SECONDS'] ??= String(SECONDS);
  const killing = await runJest([
    'tests/e2e/chaos.test.ts',
    '--selectProjects',
    'servers',
    ...args,
  ]);
  const toxiproxy = await findToxiproxy(toolsFolder(loadConfig(process.env).home));
  if (typeof toxiproxy !== 'string') {
    console.log(`\nNOT TESTED: toxiproxy could not be installed. ${toxiproxy.why}`);
    return killing.code;
  }
  process.env['GHEE_TEST_TOXIPROXY'] = toxiproxy;
  const faults = await runJest(['--selectProjects', 'faults', ...args]);
  return killing.code || faults.code;
}

/** Shape: the program. */
async function findToxiproxy(tools: string): Promise<string | { readonly why: string }> {
  if ((await versionOf('toxiproxy-server')) !== undefined) return 'toxiproxy-server';
  const folder = path.join(tools, 'toxiproxy-2.5.0');
  const program = path.join(folder, 'server');
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  console.log(`go: installing ${TOXIPROXY}`);
  const {
    failed,
    stderr,
    shortMessage = '',
  } = await execa('go', ['install', TOXIPROXY], {
    env: { GOBIN: folder },
    reject: false,
    timeout: INSTALL_TIMEOUT_MS,
  });
  return failed ? { why: stderr || shortMessage } : program;
}

try {
  process.exitCode = await chaos(process.argv.slice(2));
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
