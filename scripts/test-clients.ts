/** `npm run test:clients`: the official Python client against a running Ghee; installs what it needs. */
import { loadConfig } from '../adapters/config.ts';
import { explain } from './problem.ts';
import { installWithPip, findPipTool, pipToolEnvironment, toolsFolder } from './servers/tools.ts';
import { runTests } from './test.ts';

const PACKAGE = 'openai==3.54.0';

async function testClients(args: readonly string[]): Promise<number> {
  const report = (line: string) => console.log(line);
  const context = { tools: toolsFolder(loadConfig(process.env).home), report };
  const tool =
    findPipTool(PACKAGE, context) ??
    (await installWithPip(PACKAGE, 'OpenAI client for Python', context));
  Object.assign(process.env, pipToolEnvironment(tool), { GHEE_TEST_PYTHON: tool.python });
  return runTests(['--selectProjects', 'clients', ...args]);
}

try {
  process.exitCode = await testClients(process.argv.slice(2));
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
