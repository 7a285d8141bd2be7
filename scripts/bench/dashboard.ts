/**
 * `npm run bench -- dashboard`: what the dashboard costs a real Chromium: script of the first load, a tree of 5,000
 * nodes until it can be used, and memory while a log of 100,000 calls is paged through.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { connectMongo, type Database } from '../../adapters/mongo/connect.ts';
import type { StoredNode } from '../../adapters/mongo/node-writes.ts';
import { RequestStore } from '../../adapters/mongo/request-store.ts';
import { SCOPES } from '../../proxy/admin/contract/scopes.ts';
import { OwnGhee } from '../own-ghee.ts';
import { withBrowser } from '../screenshots/pictures.ts';

export interface DashboardBenchOptions {
  readonly nodes: number;
  readonly calls: number;
  /** So many pages of the log are turned. */
  readonly pages: number;
  readonly json: boolean;
}

const PATIENCE_MS = 120_000;
const BATCH = 1000;
/** Children of a node, so that the tree is neither a line nor a fan. */
const CHILDREN = 6;
/** Memory is looked at when as many pages were turned as fill all caches. */
const WARM_PAGES = 20;

/** Starts a Ghee of its own, fills it, measures, prints, stops it. */
export async function benchDashboard(options: DashboardBenchOptions): Promise<void> {
  const ghee = await OwnGhee.start();
  const database = connectMongo({ uri: ghee.mongodbUri, database: 'ghee' });
  try {
    const scope = await growTree(ghee, database, options.nodes);
    await fillLog(database, options.calls);
    await untilKnown(ghee, options.nodes);
    const nodes = await database.nodes.countDocuments({ scope: { $eq: scope } });
    const measured = await withBrowser(async (browser) => ({
      ...(await measureFirstLoad(browser, ghee.adminUrl)),
      ...(await measureTree(browser, `${ghee.adminUrl}/tree?scope=${scope}`, {
        last: options.nodes - 1,
        known: nodes.toLocaleString('en'),
      })),
      ...(await measureLog(browser, ghee.adminUrl, options.pages)),
    }));
    if (options.json) console.log(JSON.stringify(measured));
    else for (const [what, value] of Object.entries(measured)) console.log(`${what}: ${value}`);
  } finally {
    await database.close();
    await ghee.stop();
  }
}

/** Copies of one learned template below one another. Gives back their scope. */
async function growTree(ghee: OwnGhee, database: Database, count: number): Promise<string> {
  await fetch(`${ghee.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'butter-bindings': '{"word":"butter"}' },
    body: JSON.stringify({
      model: 'demo',
      messages: [{ role: 'user', content: 'say butter 3 times' }],
    }),
  });
  await ghee.settle();
  const learned = await database.nodes.findOne({ depth: { $eq: 0 } });
  if (learned === null) throw new Error('nothing was learned from the first call');
  const { scope, project } = learned;
  const highest = await database.nodes.find({}, { sort: { revision: -1 }, limit: 1 }).next();
  const copies = Array.from({ length: count }, (_, index) =>
    copyOf(database, { learned, highest }, index),
  );
  for (let from = 0; from < count; from += BATCH) {
    await database.nodes.insertMany(copies.slice(from, from + BATCH));
  }
  await database.counters.updateOne(
    { _id: { $eq: `revision:${project}` } },
    { $inc: { value: count } },
  );
  return scope;
}

function copyOf(
  { contents }: Database,
  { learned, highest }: { readonly learned: StoredNode; readonly highest: StoredNode | null },
  index: number,
): StoredNode {
  const depth = depthOf(index);
  const parent = index < CHILDREN ? learned.scope : idOf(Math.floor(index / CHILDREN) - 1);
  const literal = { kind: 'literal', text: `Step ${String(index)}: say ` };
  const variable = { kind: 'variable', name: 'word', matcher: { kind: 'word' } };
  const template = { role: 'user', skeleton: 'user{"content"=T}', leaves: [[literal, variable]] };
  return {
    ...learned,
    ...contents.seal('nodes', idOf(index), { template }),
    _id: idOf(index),
    parent,
    depth,
    revision: (highest?.revision ?? 0) + index + 1,
  };
}

function depthOf(index: number): number {
  let depth = 0;
  for (let at = index; at >= CHILDREN; at = Math.floor(at / CHILDREN) - 1) depth++;
  return depth;
}

function idOf(index: number): string {
  return index.toString(16).padStart(64, '0');
}

async function fillLog(database: Database, count: number): Promise<void> {
  const store = new RequestStore(database, { now: Date.now, days: 30 });
  const now = Date.now();
  for (let from = 0; from < count; from += BATCH) {
    await store.insert(
      Array.from({ length: Math.min(BATCH, count - from) }, (_, step) => {
        const id = idOf(from + step).slice(-24);
        return {
          ...{ id, requestId: `req_${id}`, at: now - (from + step) * 250, endpoint: 'POST /v1' },
          ...{ outcome: step % 3 === 0 ? 'miss' : 'hit', reason: 'template', status: 200 },
          ...{ isAborted: false, model: 'demo', ms: { total: 1.5 }, path: [], variables: ['word'] },
          ...{ project: 'local', tokens: { input: 12, cached: 0, output: 6 } },
        } as const;
      }),
    );
  }
}

/** The proxy hears of the nodes by a stream. */
async function untilKnown(ghee: OwnGhee, nodes: number): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end;) {
    const response = await fetch(`${ghee.adminUrl}/admin/scopes`);
    const { scopes } = SCOPES.parse(await response.json());
    if (scopes.some((scope) => scope.nodes >= nodes)) return;
    await sleep(200);
  }
  throw new Error('the proxy did not hear of the tree');
}

async function newPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  page.setDefaultTimeout(PATIENCE_MS);
  return page;
}

async function measureFirstLoad(browser: Browser, adminUrl: string) {
  const page = await newPage(browser);
  const scripts: Promise<Buffer>[] = [];
  page.on('response', (response) => {
    if (response.url().endsWith('.js')) scripts.push(response.body());
  });
  await page.goto(adminUrl, { waitUntil: 'networkidle' }).catch(() => undefined);
  const sizes = (await Promise.all(scripts)).map((body) => gzipSync(body).length);
  await page.close();
  return { firstLoadScriptKiB: Math.round(sizes.reduce((sum, size) => sum + size, 0) / 1024) };
}

async function measureTree(
  browser: Browser,
  url: string,
  { last, known }: { readonly last: number; readonly known: string },
) {
  const page = await newPage(browser);
  const first = performance.now();
  await page.goto(url);
  await page.locator('.card').first().waitFor();
  const shown = performance.now();
  await page.getByRole('button', { name: 'Open all' }).click();
  await page.getByText(new RegExp(`^${known} of `)).waitFor();
  await page.locator('.card.is-focus').waitFor();
  // It answers again when a frame is drawn.
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done)))');
  const opened = performance.now();
  await page.getByLabel('Search').fill(`Step ${String(last)}:`);
  await page.getByRole('button', { name: 'Find' }).click();
  await page.locator('.card.is-focus', { hasText: `Step ${String(last)}:` }).waitFor();
  const found = performance.now();
  const cards = await page.locator('.card').count();
  await page.close();
  return {
    treeFirstCardsMs: Math.round(shown - first),
    treeAllOpenMs: Math.round(opened - shown),
    treeFindMs: Math.round(found - opened),
    treeCardsInDocument: cards,
  };
}

async function measureLog(browser: Browser, adminUrl: string, pages: number) {
  const page = await newPage(browser);
  await page.goto(`${adminUrl}/requests`);
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.enable');
  const older = page.getByRole('button', { name: 'Older' });
  const heap = async (): Promise<number> => {
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    return Math.round((usedSize / 1024 / 1024) * 10) / 10;
  };
  const turn = async (number: number): Promise<void> => {
    await older.click();
    await page.getByText(`Page ${String(number)}, `).waitFor();
  };
  for (let number = 2; number <= WARM_PAGES; number++) await turn(number);
  const before = await heap();
  const start = performance.now();
  for (let number = WARM_PAGES + 1; number <= pages; number++) await turn(number);
  const turning = (performance.now() - start) / Math.max(1, pages - WARM_PAGES);
  const after = await heap();
  const elements = await page.evaluate<number>('document.getElementsByTagName("*").length');
  await page.close();
  return {
    logHeapMiBEarly: before,
    logHeapMiBLate: after,
    logElementsInDocument: elements,
    logPagesTurned: pages,
    logMsAPage: Math.round(turning),
  };
}
