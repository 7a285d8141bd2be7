/** Pictures of every page, light and dark, and of some as on a phone. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { Seen } from './traffic.ts';

export interface Shot {
  readonly name: string;
  readonly path: string;
  /** What is done before the picture is taken. */
  readonly act?: (page: Page) => Promise<void>;
  readonly isNarrowToo?: boolean;
  /** Of this part of the page only. */
  readonly part?: string;
  /** In pixels; the window's, where it is left out. */
  readonly height?: number;
}

const WIDTH = 1280;
/** A phone. */
const NARROW = 380;
const HEIGHT = 860;
const PATIENCE_MS = 30_000;

export function shotsOf(seen: Seen): readonly Shot[] {
  return [
    { name: 'overview', path: '/?', height: 1220, isNarrowToo: true },
    { name: 'requests', path: '/requests', isNarrowToo: true },
    { name: 'decision-hit', path: `/requests/${seen.hit}`, height: 1180 },
    { name: 'decision-miss', path: `/requests/${seen.miss}`, height: 1080 },
    { name: 'tree', path: `/tree?scope=${seen.scope}`, act: openTree },
    { name: 'node', path: `/nodes/${seen.node}`, height: 1260, isNarrowToo: true },
    { name: 'merge', path: `/tree?scope=${seen.merged}`, act: dryRun, part: 'Merge what follows' },
    { name: 'projects', path: '/projects' },
    { name: 'settings', path: '/settings' },
    { name: 'status', path: '/up', height: 420 },
  ];
}

/** A small one is open at once. */
async function openTree(page: Page): Promise<void> {
  await page.locator('.card').nth(3).waitFor();
}

async function dryRun(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Dry run' }).click();
  await page.getByText(/what would become of it|nothing to merge/).waitFor();
  await page.getByRole('button', { name: 'Dry run' }).scrollIntoViewIfNeeded();
}

export async function withBrowser<T>(work: (browser: Browser) => Promise<T>): Promise<T> {
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
  try {
    return await work(browser);
  } finally {
    await browser.close();
  }
}

/** Errors: rejects when a page does not show what it should within half a minute. */
export async function takePictures(
  browser: Browser,
  adminUrl: string,
  shots: readonly Shot[],
  folder: string,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const shot of shots) {
    for (const width of [WIDTH, ...(shot.isNarrowToo === true ? [NARROW] : [])]) {
      const page = await openShot(browser, adminUrl, shot, width);
      await take(
        page,
        shot,
        path.join(folder, `${shot.name}${width === NARROW ? '-narrow' : ''}.png`),
      );
      if (width === WIDTH) {
        await page.emulateMedia({ colorScheme: 'dark' });
        await take(page, shot, path.join(folder, `${shot.name}-dark.png`));
      }
      await page.close();
    }
  }
}

async function openShot(browser: Browser, adminUrl: string, shot: Shot, width: number) {
  const viewport = { width, height: shot.height ?? HEIGHT };
  const page = await browser.newPage({ viewport, colorScheme: 'light', reducedMotion: 'reduce' });
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(adminUrl + shot.path);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.getByText('Loading …').first().waitFor({ state: 'detached' });
  await shot.act?.(page);
  return page;
}

async function take(page: Page, shot: Shot, file: string): Promise<void> {
  // Charts and graphs are drawn a moment after their data came.
  await page.waitForTimeout(600);
  const part = shot.part === undefined ? page : page.getByRole('region', { name: shot.part });
  await part.screenshot({ path: file });
}
