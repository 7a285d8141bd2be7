/** The dashboard as a person uses it: a real Chromium, a real Ghee, the built-in model. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { chromium, type Browser, type Page } from 'playwright-core';
import { RunningGhee } from '../support/ghee.ts';

/** A busy machine is slow; no test asserts how long anything takes. */
const PATIENCE_MS = 45_000;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TOKEN = 'a-token-of-sixteen-characters';
const FIRST_LOAD_BYTES_MAX = 300 * 1024;

let ghee: RunningGhee;
let browser: Browser;
let page: Page;
let problems: string[];

beforeAll(async () => {
  ghee = await RunningGhee.start({ LOG_CONTENT: 'on' });
  browser = await chromium.launch({
    executablePath: process.env['GHEE_TEST_BROWSER'] ?? '/usr/bin/chromium',
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
}, 240_000);

afterAll(async () => {
  await browser.close();
  await ghee.stop();
}, 60_000);

beforeEach(async () => {
  page = await newPage();
});

afterEach(async () => {
  await page.close();
});

async function newPage(options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
  const opened = await browser.newPage({ viewport: { width: 1280, height: 860 }, ...options });
  opened.setDefaultTimeout(PATIENCE_MS);
  problems = [];
  opened.on('pageerror', (error) => problems.push(error.message));
  opened.on('console', (message) => {
    if (/content security policy/i.test(message.text())) problems.push(message.text());
  });
  return opened;
}

/** The page's heading is there once its part is loaded. */
async function open(path: string, heading: string, on = page): Promise<void> {
  await on.goto(ghee.adminUrl + path);
  await on.getByRole('heading', { level: 1, name: heading }).waitFor();
  await on.getByText('Loading …').first().waitFor({ state: 'detached' });
}

async function ask(content: string): Promise<{ cache: string | null; id: string; node: string }> {
  const response = await fetch(`${ghee.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'demo', messages: [{ role: 'user', content }] }),
  });
  await response.text();
  const header = (name: string) => response.headers.get(name);
  return {
    cache: header('butter-cache'),
    id: header('x-request-id') ?? '',
    node: header('butter-node') ?? '',
  };
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

async function violations(on = page): Promise<string[]> {
  // A script of the test, which the page's policy would rightly refuse as an element.
  await on.evaluate(AXE);
  const { violations: found } = await on.evaluate<AxeResult>(
    'axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] })',
  );
  return found.map(
    ({ id, nodes }) =>
      `${id}: ${nodes[0]?.html.slice(0, 200) ?? ''} ${nodes[0]?.failureSummary ?? ''}`,
  );
}

describe('a person', () => {
  test('comes to an empty cache and sees a miss become a hit', async () => {
    await open('/', 'Get started');
    expect(await violations()).toEqual([]);
    await page.getByRole('tab', { name: 'Python' }).click();
    await page.getByRole('button', { name: 'Copy: Python client' }).waitFor();
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.getByText('commit', { exact: true }).waitFor();
    // What was committed reaches the proxy a moment later.
    await ghee.settle();
    await page.getByRole('button', { name: 'Send it' }).click();
    await page.getByText(/A hit: .* saved/).waitFor();
    expect(await violations()).toEqual([]);
    await page.getByRole('link', { name: 'Why was that so?' }).click();
    await page.getByRole('heading', { name: 'Decision' }).waitFor();
    await page.getByRole('region', { name: 'Path' }).waitFor();
    expect(problems).toEqual([]);
  }, 120_000);

  test('finds a call, reads why, calls it wrong, and sees its template quarantined', async () => {
    const hit = await learnGreeting();
    await open('/requests?outcome=hit&reason=template', 'Requests');
    await page.locator(`a[href="/requests/${hit.id}"]`).click();
    await page.getByRole('region', { name: 'Path' }).waitFor();
    expect(await violations()).toEqual([]);
    await page.getByRole('button', { name: 'This answer was wrong' }).click();
    await page.getByRole('button', { name: 'Take it back' }).click();
    await page.getByText('called wrong: quarantined').waitFor();
    await open(`/nodes/${hit.node}`, 'Node');
    await page.getByText('feedback: wrong answer').first().waitFor();
    await page.locator('.badge.bad', { hasText: 'quarantined' }).first().waitFor();
    expect(problems).toEqual([]);
  }, 120_000);

  test('looks through the tree by keyboard and search', async () => {
    await open('/tree', 'Tree');
    await page.locator('.card').first().waitFor();
    const opener = page.getByRole('button', { name: /^Show what follows/ }).first();
    await opener.focus();
    await page.keyboard.press('Enter');
    await page
      .getByRole('button', { name: /^Hide what follows/ })
      .first()
      .waitFor();
    await page.getByLabel('Search').fill('3 times');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.locator('.card.is-focus').waitFor();
    expect(await violations()).toEqual([]);
    await page.getByRole('button', { name: 'Dry run' }).click();
    await page.getByText(/what would become of it|nothing to merge/).waitFor();
    expect(problems).toEqual([]);
  }, 120_000);
});

/** Asks with new names until the greeting's template answers. */
async function learnGreeting() {
  for (const name of ['Erik', 'Ann', 'Grace', 'Ada', 'Ken', 'Linus', 'Barbara', 'Alan']) {
    const answer = await ask(`Say hello to ${name}`);
    if (answer.cache === 'hit') return answer;
    await ghee.settle();
  }
  throw new Error('the greeting was not learned');
}

describe('every page', () => {
  const PAGES: [path: string, heading: string][] = [
    ['/?', 'Overview'],
    ['/start', 'Get started'],
    ['/requests', 'Requests'],
    ['/tree', 'Tree'],
    ['/projects', 'Projects'],
    ['/settings', 'Settings'],
    ['/up', 'Status'],
    ['/nowhere', 'Not here'],
  ];

  test.each(PAGES)(
    '%s has no violation of WCAG AA, light, dark and at 380 px',
    async (path, heading) => {
      await ask('Say hello to Radia');
      for (const options of [
        { colorScheme: 'light' as const },
        { colorScheme: 'dark' as const },
        { viewport: { width: 380, height: 800 } },
      ]) {
        const opened = await newPage(options);
        await open(path, heading, opened);
        expect(await violations(opened)).toEqual([]);
        const overflow = await opened.evaluate(
          'document.documentElement.scrollWidth - window.innerWidth',
        );
        expect(overflow).toBeLessThanOrEqual(0);
        expect(problems).toEqual([]);
        await opened.close();
      }
    },
    120_000,
  );

  test('shows hostile messages as text', async () => {
    const hostile = '<img src=x onerror="window.owned=1"><script>window.owned=1</script>';
    const { id } = await ask(hostile);
    await ghee.settle();
    await open(`/requests/${id}`, 'Decision');
    await page.getByText('onerror').first().waitFor();
    await open('/tree', 'Tree');
    await page.getByLabel('Search').fill('onerror');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByText(/1 of|Nothing has/).waitFor();
    expect(await page.evaluate('window.owned')).toBeUndefined();
    expect(await page.locator('img[src="x"]').count()).toBe(0);
  }, 120_000);

  test('needs less than 300 KB of script at first, none of it inline', async () => {
    const scripts: Promise<Buffer>[] = [];
    page.on('response', (response) => {
      if (response.url().endsWith('.js')) scripts.push(response.body());
    });
    await open('/requests', 'Requests');
    const bytes = (await Promise.all(scripts)).map((body) => gzipSync(body).length);
    expect(bytes.length).toBeGreaterThan(0);
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(FIRST_LOAD_BYTES_MAX);
    const policy = (await fetch(ghee.adminUrl)).headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self';");
  }, 60_000);
});

describe('with tokens', () => {
  let guarded: RunningGhee;

  beforeAll(async () => {
    guarded = await RunningGhee.start({
      GHEE_ADMIN_TOKEN: TOKEN,
      GHEE_VIEWER_TOKENS: 'viewer-token-of-twenty=shop',
    });
  }, 240_000);

  afterAll(() => guarded.stop(), 60_000);

  test('an owner logs in; a viewer may look and not change', async () => {
    await page.goto(guarded.adminUrl);
    await page.getByRole('heading', { name: 'Log in to Ghee' }).waitFor();
    expect(await violations()).toEqual([]);
    await page.getByLabel(/^Token/).fill(TOKEN);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('button', { name: 'Try it' }).waitFor();
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    // The cookie alone, as a page of another site would have it sent: refused.
    const forged = await fetch(`${guarded.adminUrl}/admin/try`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        cookie: `${cookie?.name ?? ''}=${cookie?.value ?? ''}`,
      },
      body: '{"word":"butter"}',
    });
    expect(forged.status).toBe(403);
    const viewer = await newPage();
    await viewer.goto(guarded.adminUrl);
    await viewer.getByLabel(/^Token/).fill('viewer-token-of-twenty');
    await viewer.getByRole('button', { name: 'Log in' }).click();
    await viewer.getByText('Only owners may send calls from here.').waitFor();
    await viewer.close();
  }, 120_000);
});
