/** `npm run check`: format, lint, types, cycles, then the tests; all but the tests run to their end. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { runNode } from './run-node.ts';
import { ROOT } from './servers/tools.ts';
import { runTests } from './test.ts';

const FOLDERS = [
  'core',
  'adapters',
  'proxy',
  'workflows',
  'activities',
  'evals',
  'scripts',
  'tests',
  'web',
];

/** Shape: the exit code. */
export async function check(testArgs: readonly string[]): Promise<number> {
  const folders = FOLDERS.filter((folder) => existsSync(path.join(ROOT, folder)));
  const rules = ['--config', 'scripts/dependency-rules.json', '--output-type', 'err'];
  const steps: [string, string[]][] = [
    ['format', ['prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.']],
    ['lint', ['eslint/bin/eslint.js', '--max-warnings=0', '.']],
    ['types', ['typescript/bin/tsc']],
    ['types of the dashboard', ['typescript/bin/tsc', '-p', 'web']],
    ['cycles', ['dependency-cruiser/bin/dependency-cruiser.mjs', ...rules, ...folders]],
  ];
  const failed: string[] = [];
  for (const [name, [script = '', ...args]] of steps) {
    console.log(`\n— ${name}`);
    const code = await runNode([path.join(ROOT, 'node_modules', script), ...args]);
    if (code !== 0) failed.push(name);
  }
  console.log('\n— tests');
  if ((await runTests(testArgs)) !== 0) failed.push('tests');
  console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.join(', ')}.`);
  return failed.length === 0 ? 0 : 1;
}
