/** `npx ghee screenshots`: the pictures of docs/screenshots, of a Ghee of its own with traffic of our workloads. */
import path from 'node:path';
import type { Page } from 'playwright-core';
import { startRecordedProvider } from '../evals/replay/recorded-provider.ts';
import { OwnGhee } from './own-ghee.ts';
import { shotsOf, takePictures, withBrowser, type Shot } from './screenshots/pictures.ts';
import { makeTraffic } from './screenshots/traffic.ts';
import { ROOT } from './servers/tools.ts';

const TOKEN = 'a-token-of-the-pictures';
/** As a small model takes for a short answer. */
const THINK_MS = 400;
const FOLDER = path.join(ROOT, 'docs', 'screenshots');

const START: Shot = { name: 'start', path: '/', act: tryIt, height: 1330 };
const LOGIN: Shot = { name: 'login', path: '/', height: 480 };

async function tryIt(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Try it' }).click();
  await page.getByRole('button', { name: 'Send it' }).waitFor();
  // What was learned reaches the proxy a moment later.
  await page.waitForTimeout(1500);
  await page.getByRole('button', { name: 'Send it' }).click();
  await page.getByText('Why was that so?').waitFor();
  await page.evaluate('window.scrollTo(0, 0)');
}

const provider = await startRecordedProvider(THINK_MS);
const env = { UPSTREAM_BASE_URL: `${provider.url}/v1`, LOG_CONTENT: 'on' };
const ghee = await OwnGhee.start({ ...env, MERGE_EVERY_MINUTES: '1000' });
const empty = await OwnGhee.start();
const guarded = await OwnGhee.start({ GHEE_ADMIN_TOKEN: TOKEN });
try {
  const seen = await makeTraffic(ghee, provider);
  await withBrowser(async (browser) => {
    await takePictures(browser, empty.adminUrl, [START], FOLDER);
    await takePictures(browser, guarded.adminUrl, [LOGIN], FOLDER);
    await takePictures(browser, ghee.adminUrl, shotsOf(seen), FOLDER);
  });
  console.log(FOLDER);
} finally {
  await Promise.all([ghee.stop(), empty.stop(), guarded.stop(), provider.close()]);
}
process.exit();
