/** The dashboard as a person uses it: a real Chromium, a real Ghee, the built-in model. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { until } from '../support/until.ts';
import { createNamedRandom } from '../../evals/workloads/random.ts';
import { RunningGhee } from '../support/ghee.ts';
import { callsOf, MERGEABLE } from '../support/merge-behaviours.ts';
import { connectTo, storeSiblings } from '../support/stored-siblings.ts';

/** A busy machine is slow; no test asserts how long anything takes. */
const PATIENCE_MS = 45_000;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TOKEN = 'a-token-of-sixteen-characters';
const FIRST_LOAD_BYTES_MAX = 300_000;

let ghee: RunningGhee;
let browser: Browser;
let page: Page;
let problems: string[];

beforeAll(async () => {
  ghee = await RunningGhee.start({ LOG_CONTENT: 'on', MERGE_EVERY_MINUTES: '1000' });
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
});

beforeEach(async () => {
  page = await newPage();
});

afterEach(async () => {
  await page.close();
});

async function newPage(options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
  const opened = await browser.newPage({
    viewport: { width: 1280, height: 860 },
    reducedMotion: 'reduce',
    ...options,
  });
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

async function ask(
  content: string,
  parameters: object = {},
  headers: Record<string, string> = {},
): Promise<{ cache: string | null; id: string; node: string }> {
  const response = await fetch(`${ghee.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'demo', ...parameters, messages: [{ role: 'user', content }] }),
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
  });

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
  });

  test('looks through the tree by keyboard and search', async () => {
    await open('/tree', 'Tree');
    await page.locator('.card').first().waitFor();
    // A small tree is open at once.
    const closer = page.getByRole('button', { name: /^Hide what follows/ }).first();
    await closer.focus();
    await page.keyboard.press('Enter');
    const opener = page.getByRole('button', { name: /^Show what follows/ }).first();
    await opener.focus();
    await page.keyboard.press('Enter');
    await opener.waitFor({ state: 'detached' });
    await page.getByLabel('Search').fill('3 times');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.locator('.card.is-focus').waitFor();
    expect(await violations()).toEqual([]);
    expect(problems).toEqual([]);
  });

  test('opens cards of the tree by pointer, and sees where their variables come from', async () => {
    const { node } = await learnRepetition('anise');
    await open('/tree', 'Tree');
    const card = page.locator(`.card[data-node="${node}"]`);
    await card.locator('.template').click();
    await page.locator('.card.is-focus').waitFor();
    await page.locator('.react-flow__edge.animated').first().waitFor();
    const closer = page.getByRole('button', { name: /^Hide what follows/ }).first();
    await closer.click();
    await page
      .getByRole('button', { name: /^Show what follows/ })
      .first()
      .click();
    await card.getByRole('link').click();
    await page.getByRole('heading', { level: 1, name: 'Node' }).waitFor();
    expect(problems).toEqual([]);
  });

  test('merges siblings: a dry run first, then for good, and takes it back', async () => {
    const scope = await storeGreetings();
    await open(`/tree?scope=${scope}`, 'Tree');
    await page.getByRole('button', { name: 'Dry run' }).click();
    await page.getByText('This is what would become of it.').waitFor();
    const template = page.getByRole('region', { name: 'Template for 10 siblings' });
    await template.getByText('+ user: Say hello to').waitFor();
    expect(await template.getByText(/^− Say hello to /).count()).toBeGreaterThan(0);
    expect(await violations()).toEqual([]);
    expect((await askGreeting('Zoe')).cache).not.toBe('hit');
    await page.getByRole('button', { name: 'Merge for good' }).click();
    await page.getByText('Merged.').waitFor();
    await until('the merged template serves', async () => {
      return (await askGreeting('Yvonne')).cache === 'hit';
    });
    await page.getByRole('button', { name: 'Take it back' }).click();
    await page.getByText('Taken back.').waitFor();
    await expectRun(page.getByRole('link', { name: 'This run in the Temporal UI' }));
    expect(problems).toEqual([]);
  });

  test('pins a node, quarantines it, approves it, and finds its run', async () => {
    const { node } = await learnRepetition('pepper');
    await open(`/nodes/${node}`, 'Node');
    await page.getByLabel('Note for the history').fill('we like this one');
    await page.getByRole('button', { name: 'Pin', exact: true }).click();
    await page.getByText('It is serving and pinned now.').waitFor();
    await page.getByText('we like this one').waitFor();
    await page.getByRole('button', { name: 'Unpin' }).click();
    await page.getByText('It is serving now.').waitFor();
    await page.getByRole('button', { name: 'Quarantine' }).click();
    await page.getByText('It is quarantined now.').waitFor();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('It is serving now.').waitFor();
    await expectRun(page.getByRole('link', { name: 'Run in the Temporal UI' }).first());
    expect(problems).toEqual([]);
  });

  test('deletes a subtree, and the next call is a miss', async () => {
    const { node } = await learnRepetition('sugar');
    await open(`/nodes/${node}`, 'Node');
    await page.getByRole('button', { name: 'Delete the subtree' }).click();
    const counts = page.getByRole('table', { name: 'What would be deleted' });
    await counts.getByRole('row', { name: /^Nodes [1-9]/ }).waitFor();
    expect(await violations()).toEqual([]);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect((await askRepetition('vanilla')).cache).toBe('hit');
    await page.getByRole('button', { name: 'Delete the subtree' }).click();
    await page.getByRole('button', { name: 'Delete for good' }).click();
    await page.getByRole('heading', { level: 1, name: 'Tree' }).waitFor();
    await until('the proxy has forgotten', async () => {
      return (await askRepetition('cinnamon')).cache === 'miss';
    });
    await page.goto(`${ghee.adminUrl}/nodes/${node}`);
    await page.getByText('Not here').waitFor();
    expect(problems).toEqual([]);
  });

  test('reaches calls and cards of the tree by Tab alone', async () => {
    const { id } = await learnRepetition('saffron');
    await open('/requests', 'Requests');
    await page.locator(`a[href="/requests/${id}"]`).waitFor();
    await page.locator('body').press('Tab');
    expect(await tabTo('Calls')).toBe(true);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Decision' }).waitFor();
    await open('/tree', 'Tree');
    await page.locator('.card').first().waitFor();
    expect(await tabTo('Tree of templates')).toBe(true);
    const seen = await viewport();
    await page.keyboard.press('ArrowDown');
    await until('the picture moved', async () => (await viewport()) !== seen);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Node' }).waitFor();
    expect(problems).toEqual([]);
  });
});

describe('by keyboard alone', () => {
  test('a first call is sent, learned from and becomes a hit', async () => {
    await open('/start', 'Get started');
    await page.keyboard.press('Tab');
    expect(await page.evaluate<string>(FOCUSED_NAME)).toBe('Skip to the content');
    expect(await tabTo('curl')).toBe(true);
    await page.keyboard.press('ArrowRight');
    await page.getByRole('button', { name: 'Copy: Node client' }).waitFor();
    await page.locator('body').press('Home');
    expect(await tabTo('Try it')).toBe(true);
    await page.keyboard.press('Enter');
    const another = page.getByLabel('Another word');
    await another.waitFor();
    await ghee.settle();
    await another.focus();
    await page.keyboard.press('Enter');
    await page.getByText(/^A hit: /).waitFor();
    expect(problems).toEqual([]);
  });

  test('calls are filtered, and one is called wrong', async () => {
    const question = 'Is cardamom a spice?';
    await ask(question);
    await ghee.settle();
    const { id, cache } = await ask(question);
    expect(cache).toBe('hit');
    await open('/requests', 'Requests');
    expect(await tabTo('Outcome')).toBe(true);
    await page.keyboard.press('ArrowDown');
    await page.getByRole('option', { name: 'hit' }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(/outcome=hit/);
    await open(`/requests/${id}`, 'Decision');
    expect(await tabTo('This answer was wrong')).toBe(true);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    // The focus comes back to where it was.
    await page.locator('button:focus', { hasText: 'This answer was wrong' }).waitFor();
    await page.keyboard.press('Enter');
    expect(await tabTo('Take it back')).toBe(true);
    await page.keyboard.press('Enter');
    await page.getByText('called wrong: removed').waitFor();
    expect(problems).toEqual([]);
  });

  test('a node is pinned, and a merge is tried', async () => {
    const { node } = await learnRepetition('turmeric');
    await open(`/nodes/${node}`, 'Node');
    expect(await tabTo('Pin')).toBe(true);
    await page.keyboard.press('Enter');
    await page.getByText('It is serving and pinned now.').waitFor();
    await open('/tree', 'Tree');
    await page.locator('.card').first().waitFor();
    expect(await tabTo('Dry run')).toBe(true);
    await page.keyboard.press('Enter');
    await page.getByText(/nothing to merge|would become of it/).waitFor();
    expect(problems).toEqual([]);
  });

  test.each([
    ['/requests', 'Requests'],
    ['/tree', 'Tree'],
    ['/start', 'Get started'],
    ['/projects', 'Projects'],
  ])(
    '%s shows where the focus is, and moves nothing',
    async (path, heading) => {
      await ask('Say hello to Katherine');
      await open(path, heading);
      const unseen = new Set<string>();
      for (let pressed = 0; pressed < 30; pressed++) {
        await page.keyboard.press('Tab');
        const { name, isSeen } = await page.evaluate<{ name: string; isSeen: boolean }>(
          FOCUS_STYLE,
        );
        if (!isSeen) unseen.add(name);
      }
      expect([...unseen]).toEqual([]);
      // This page was asked for with prefers-reduced-motion.
      expect(await page.evaluate<string[]>(MOVING)).toEqual([]);
    },
    120_000,
  );
});

/** Whether something is drawn around what has the focus: a field has its border in another colour. */
const FOCUS_STYLE = `(() => {
  const element = document.activeElement;
  const name = element.outerHTML.slice(0, 120);
  if (element === document.body) return { name, isSeen: true };
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
  const isOutlined = outlineStyle !== "none" && outlineWidth !== "0px";
  const focused = getComputedStyle(element).borderColor;
  element.blur();
  const isBordered = getComputedStyle(element).borderColor !== focused;
  element.focus({ focusVisible: true });
  return { name, isSeen: isOutlined || isBordered || boxShadow !== "none" };
})()`;

const MOVING = `[...document.querySelectorAll("*")]
  .filter((element) => {
    const { animationName, transitionDuration } = getComputedStyle(element);
    return animationName !== "none" || !/^0s(, 0s)*$/.test(transitionDuration);
  })
  .map(({ outerHTML }) => outerHTML.slice(0, 120))`;

const TABS_MAX = 80;

/** What a screen reader calls the element that has the focus. */
const FOCUSED_NAME = `(() => {
  const element = document.activeElement;
  return element?.getAttribute("aria-label") ?? element?.labels?.[0]?.textContent ?? element?.textContent ?? "";
})()`;

/** Presses Tab until what has the focus is so called. */
async function tabTo(name: string): Promise<boolean> {
  for (let pressed = 0; pressed < TABS_MAX; pressed++) {
    if ((await page.evaluate<string>(FOCUSED_NAME)).startsWith(name)) return true;
    await page.keyboard.press('Tab');
  }
  return false;
}

function viewport(): Promise<string | null> {
  return page.locator('.react-flow__viewport').getAttribute('style');
}

/** The page of the link is there, and Temporal knows its run. */
async function expectRun(link: Locator): Promise<void> {
  const url = new URL((await link.getAttribute('href')) ?? '');
  expect(url.origin).toBe(ghee.temporalUiUrl);
  const [, namespace, id] = /^\/namespaces\/([^/]+)\/workflows\/([^/]+)$/.exec(url.pathname) ?? [];
  const known = await fetch(
    `${url.origin}/api/v1/namespaces/${namespace ?? ''}/workflows/${id ?? ''}`,
  );
  expect(known.status).toBe(200);
}

/** Parameters that make a scope of its own. */
const GREETINGS = { temperature: 0.7 };

/** Greetings of a scope of their own that were all answered by the model, and no template yet. */
async function storeGreetings(): Promise<string> {
  const before = new Set(await scopeIds());
  await ask('Good morning', GREETINGS);
  await ghee.settle();
  const scope = (await scopeIds()).find((id) => !before.has(id)) ?? '';
  const greet = MERGEABLE['greet'];
  if (greet === undefined) throw new Error('there is no such behaviour');
  const database = connectTo(ghee.mongodbUri);
  await storeSiblings(
    database,
    { scope, project: 'local' },
    callsOf(createNamedRandom(3, 'greet'), greet, 10),
  );
  await database.close();
  return scope;
}

async function scopeIds(): Promise<readonly string[]> {
  return (await ghee.collection('scopes').find().toArray()).map(({ _id }) => _id);
}

/** What is asked and not known is not learned from. */
function askGreeting(name: string) {
  return ask(`Say hello to ${name} Miller.`, GREETINGS, { 'cache-control': 'only-if-cached' });
}

function askRepetition(word: string) {
  return ask(`say ${word} 3 times`, {}, { 'butter-bindings': JSON.stringify({ word }) });
}

/** A template that a named value made, and a call that it answered. */
async function learnRepetition(word: string) {
  await askRepetition(word);
  await ghee.settle();
  const hit = await askRepetition(`${word}y`);
  if (hit.cache !== 'hit') throw new Error('the repetition was not learned');
  return hit;
}

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
  const PAGES: [path: string | (() => Promise<string>), heading: string][] = [
    [async () => `/nodes/${(await learnRepetition('thyme')).node}`, 'Node'],
    [async () => `/requests/${(await learnRepetition('thyme')).id}`, 'Decision'],
    [async () => `/requests/${(await ask('What about an unheard question?')).id}`, 'Decision'],
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
    async (place, heading) => {
      const path = typeof place === 'string' ? place : await place();
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

  test('shows a near miss beside its template, with the difference marked', async () => {
    await learnRepetition('nutmeg');
    const { id } = await ask(
      'say nutmeg 3 times, and loudly',
      {},
      {
        'butter-disable-induction': 'true',
      },
    );
    await open(`/requests/${id}`, 'Decision');
    const message = page.getByRole('region', { name: 'This message' });
    await message.locator('.marked', { hasText: ', and loudly' }).waitFor();
    expect(await page.locator('.expected').count()).toBe(0);
    await message.locator('.variable', { hasText: 'nutmeg' }).waitFor();
    expect(await violations()).toEqual([]);
  });

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
  });

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
  });
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
  });
});
