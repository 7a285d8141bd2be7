/** `npm test`: jest under Node 24, then one line of totals that a machine can read. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runNode } from './run-node.ts';
import { ROOT } from './servers/tools.ts';
import { endLeftTestServers } from './test-servers.ts';

interface JestResults {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  /** Files that could not run at all: their tests are in no other number. */
  readonly numRuntimeErrorTestSuites: number;
}

/** Shape: the exit code; not 0 when a test failed or none ran. */
export async function runTests(args: readonly string[]): Promise<number> {
  const { code, passed, failed } = await runJest(args);
  console.log(`\n${passed} passed, ${failed} failed`);
  return code;
}

export interface Totals {
  readonly code: number;
  readonly passed: number;
  readonly failed: number;
}

export async function runJest(args: readonly string[]): Promise<Totals> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ghee-results-'));
  const file = path.join(folder, 'results.json');
  const jest = path.join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
  try {
    const code = await runNode([
      // isolated-vm asks for the first, jest's ES modules for the second.
      ...['--no-node-snapshot', '--experimental-vm-modules'],
      ...['--disable-warning=ExperimentalWarning', jest, '--rootDir', ROOT],
      ...['--json', '--outputFile', file, ...args],
    ]);
    const { passed, failed } = readTotals(file);
    return { code: passed === 0 || failed > 0 ? 1 : code, passed, failed };
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await endLeftTestServers(); // When jest was killed it could not do so itself.
  }
}

/** No results: jest broke before any test ran, which counts as one failure. */
function readTotals(file: string): { passed: number; failed: number } {
  try {
    const results = JSON.parse(readFileSync(file, 'utf8')) as JestResults;
    return {
      passed: results.numPassedTests,
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    };
  } catch {
    return { passed: 0, failed: 1 };
  }
}
