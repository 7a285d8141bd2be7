/**
 * Every page of docs/integrations, run three times: straight to the provider, through Ghee for the first time, and
 * again. Nobody can tell them apart, but for the headers that say what Ghee did.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RunningGhee } from '../support/ghee.ts';
import { isInstalled, readPages, runPage, type Page } from './page.ts';
import { openTap, type Exchange, type Tap } from './tap.ts';
import { startWireProvider, type WireProvider } from './wire-provider.ts';

/** All that differs between a miss and the provider's own answer. */
const OWN_HEADERS = [
  ...['butter-cache', 'butter-reason', 'cache-status'],
  ...['date', 'connection', 'keep-alive', 'transfer-encoding', 'content-length'],
];
let provider: WireProvider;
let ghee: RunningGhee;
let taps: readonly [Tap, Tap];

beforeAll(async () => {
  provider = await startWireProvider();
  taps = [await openTap(), await openTap()];
  ghee = await RunningGhee.start({ UPSTREAM_BASE_URL: `${provider.url}/v1` });
});

afterAll(async () => {
  await ghee.stop();
  for (const tap of taps) tap.close();
  await provider.close();
});

interface Run {
  readonly printed: string;
  readonly exchanges: readonly Exchange[];
}

async function run(page: Page, tap: Tap, origin: string): Promise<Run> {
  tap.aim(origin);
  const printed = await runPage(page, tap.url);
  return { printed, exchanges: tap.take() };
}

const caches = ({ exchanges }: Run) => exchanges.map(({ headers }) => headers['butter-cache']);

/** Some ask for the list of models, too. */
const expected = (ofChats: string, { exchanges }: Run) =>
  exchanges.map(({ url }) => (url === '/v1/chat/completions' ? ofChats : 'bypass'));

/** What its calls ask for: each program shows all three, but where its library writes tools into the text. */
function asksFor({ exchanges }: Run): string[] {
  const bodies = exchanges.map(({ sent }) => (sent === '' ? {} : (JSON.parse(sent) as object)));
  const isStream = (body: object) => 'stream' in body && body.stream === true;
  return [
    ...(bodies.some((body) => 'messages' in body && !isStream(body)) ? ['plain'] : []),
    ...(bodies.some(isStream) ? ['stream'] : []),
    ...(bodies.some((body) => 'tools' in body) ? ['tools'] : []),
  ];
}

function withoutOwn({ url, sent, status, headers, body }: Exchange) {
  const others = Object.entries(headers).filter(([name]) => !OWN_HEADERS.includes(name));
  return { url, sent, status, headers: Object.fromEntries(others), body };
}

describe('clients', () => {
  // What could not be installed is named by scripts/test-clients.ts.
  for (const page of readPages().filter(isInstalled)) {
    const runAll = async (): Promise<void> => {
      const origin = new URL(ghee.baseUrl).origin;
      const [first, second] = taps;
      const [direct, missed] = await Promise.all([
        run(page, first, provider.url),
        run(page, second, origin),
      ]);
      const tools = page.name === 'dspy' ? [] : ['tools'];
      expect(asksFor(direct)).toEqual(['plain', 'stream', ...tools]);
      expect(caches(missed)).toEqual(expected('miss', direct));
      expect(missed.exchanges.map(withoutOwn)).toEqual(direct.exchanges.map(withoutOwn));
      const callsBefore = provider.calls();
      const hit = await run(page, second, origin);
      expect(caches(hit)).toEqual(expected('hit', direct));
      expect(provider.calls()).toBe(callsBefore);
      expect([missed.printed, hit.printed]).toEqual([direct.printed, direct.printed]);
    };
    test(page.name, runAll, 400_000);
  }
});
