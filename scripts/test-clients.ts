/**
 * `npm run test:clients`: client libraries against a running Ghee, by the programs of docs/integrations. Installs what
 * they need, each set of packages in a folder of its own; what cannot be installed is not tested, and that is said.
 */
import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from '../adapters/config.ts';
import type { ClientSets } from '../tests/clients/page.ts';
import { explain, Problem } from './problem.ts';
import { installRequirements, ROOT, toolsFolder, type ToolContext } from './servers/tools.ts';
import { runJest } from './test.ts';

/** Python packages that go together; the last two bring half a gigabyte each. */
const LIGHT = ['openai', 'frameworks'];
const HEAVY = ['litellm', 'crewai'];
const FOLDER = path.join(ROOT, 'tests', 'clients');
const NPM_TIMEOUT_MS = 10 * 60 * 1000;

async function testClients(args: readonly string[]): Promise<number> {
  const isAll = args.includes('--all');
  const report = (line: string) => console.log(line);
  const context = { tools: toolsFolder(loadConfig(process.env).home), report };
  const sets = await install(isAll ? [...LIGHT, ...HEAVY] : LIGHT, context);
  process.env['GHEE_TEST_CLIENTS'] = JSON.stringify(sets);
  if (!isAll) report(`\nNOT TESTED without --all: the pages that need ${HEAVY.join(' or ')}.\n`);
  const { code, passed, failed } = await runJest([
    ...['--selectProjects', 'clients'],
    ...(sets.python['openai'] === undefined ? ['--testPathIgnorePatterns', 'python.test'] : []),
    ...args.filter((arg) => arg !== '--all'),
  ]);
  // Not in the form of `npm test`: CI runs both, and counts that one.
  console.log(`\nClients: ${String(passed)} tests hold, ${String(failed)} do not.`);
  return code;
}

async function install(names: readonly string[], context: ToolContext): Promise<ClientSets> {
  const python: Record<string, string> = {};
  for (const name of names) {
    const file = path.join(FOLDER, 'requirements', `${name}.txt`);
    const tool = await orSkip(name, installRequirements(name, file, context));
    if (tool !== undefined) {
      python[name] = tool.folder;
      process.env['GHEE_TEST_PYTHON'] = tool.python;
    }
  }
  return { python, node: await orSkip('frameworks for Node', installNode(context)) };
}

async function orSkip<T>(name: string, installing: Promise<T>): Promise<T | undefined> {
  try {
    return await installing;
  } catch (error) {
    console.log(`\nNOT TESTED, since it could not be installed: ${name}. ${explain(error)}\n`);
    return undefined;
  }
}

/** By `npm install` into a folder of its own: they would weigh more than all that Ghee itself needs. */
async function installNode({ tools, report }: ToolContext): Promise<string> {
  const list = path.join(FOLDER, 'node-packages.json');
  const hash = createHash('sha256').update(readFileSync(list)).digest('hex').slice(0, 12);
  const folder = path.join(tools, `clients-node-${hash}`);
  if (existsSync(folder)) return folder;
  const draft = `${folder}.draft-${String(process.pid)}`;
  mkdirSync(draft, { recursive: true });
  copyFileSync(list, path.join(draft, 'package.json'));
  report('npm: installing the client libraries for Node');
  try {
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await execa('npm', ['install', ...options], { cwd: draft, timeout: NPM_TIMEOUT_MS });
    renameSync(draft, folder);
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
    throw new Problem(`npm said: ${said.trim().split('\n').slice(-2).join(' ')}`, { cause: error });
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return folder;
}

try {
  process.exitCode = await testClients(process.argv.slice(2));
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
