/** `npm run test:browser`: the dashboard in a real Chromium against a running Ghee; installs what it needs. */
import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { explain } from './problem.ts';
import { runJest } from './test.ts';

/** Debian's, Google's and what a person names. */
const PLACES = [
  process.env['CHROMIUM'] ?? '',
  ...['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
];
const INSTALL_MS = 10 * 60_000;

/** Shape: the exit code. Without a browser nothing can be tested, which is told and is no failure. */
async function testBrowser(args: readonly string[]): Promise<number> {
  const browser = findBrowser() ?? (await installBrowser());
  if (browser === undefined) {
    console.log('test:browser is skipped: Chromium is not here and could not be installed.');
    return 0;
  }
  process.env['GHEE_TEST_BROWSER'] = browser;
  const { code, passed, failed } = await runJest(['--selectProjects', 'browser', ...args]);
  // Not in the form of `npm test`: CI runs both, and counts that one.
  console.log(`\nBrowser: ${String(passed)} tests hold, ${String(failed)} do not.`);
  return code;
}

function findBrowser(): string | undefined {
  return PLACES.find((file) => file !== '' && existsSync(file));
}

/** Debian's package, where we may install one. */
async function installBrowser(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  console.log('Installing Chromium (apt-get install chromium) …');
  const apt = (...args: string[]) =>
    execa('apt-get', args, {
      reject: false,
      timeout: INSTALL_MS,
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    });
  await apt('update');
  await apt('install', '--yes', '--no-install-recommends', 'chromium');
  return findBrowser();
}

try {
  process.exitCode = await testBrowser(process.argv.slice(2));
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
