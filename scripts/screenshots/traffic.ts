/** Traffic for the pictures of the dashboard: workloads of the evals, then what people do about what was learned. */
import { BEHAVIOURS, generate } from '../../evals/workloads/generate.ts';
import { createNamedRandom } from '../../evals/workloads/random.ts';
import { Replayer } from '../../evals/replay/replay.ts';
import type { RecordedProvider } from '../../evals/replay/recorded-provider.ts';
import { connectMongo } from '../../adapters/mongo/connect.ts';
import { Ledger, type LedgerCounts } from '../../adapters/mongo/ledger.ts';
import type { RequestDocument } from '../../adapters/mongo/request-store.ts';
import { REQUESTS } from '../../proxy/admin/contract/requests.ts';
import { SCOPES } from '../../proxy/admin/contract/scopes.ts';
import { callsOf, MERGEABLE } from '../../tests/support/merge-behaviours.ts';
import { storeSiblings } from '../../tests/support/stored-siblings.ts';
import type { OwnGhee } from '../own-ghee.ts';

/** Of several kinds: copies, derivations, agents with tools, numbers; some are asked for in several wordings. */
const WORKLOADS = [
  ...['form-shipping', 'agent-order-status', 'agent-refund', 'email-meeting', 'extract-invoice'],
  ...['sql-orders-since', 'report-expenses', 'code-rename', 'mail-address', 'percent'],
  ...['date-format', 'initials', 'email-quote', 'like-shipping'],
];
const CALLS_EACH = 14;
const MERGED_EACH = 12;
const SEED = 7;
const HOUR_MS = 3_600_000;
/** Calls are spread over so many hours, so that there is something to see over time. */
const HOURS = 20;

export interface Seen {
  readonly scope: string;
  /** Of a template that computes something, or another one that answers. */
  readonly node: string;
  /** A call that it answered. */
  readonly hit: string;
  /** A call whose message is near a template. */
  readonly miss: string;
  /** A scope whose calls a merge finds templates for. */
  readonly merged: string;
}

/** Errors: rejects when Ghee refuses a call or a run does not end. */
export async function makeTraffic(ghee: OwnGhee, provider: RecordedProvider): Promise<Seen> {
  const replayer = await Replayer.start({ ghee, provider, mode: 'live', settle: true });
  const wanted = BEHAVIOURS.filter(({ name }) => WORKLOADS.includes(name));
  for (const row of generate(SEED, CALLS_EACH, wanted)) await replayer.call(row);
  await replayer.close();
  for (const word of ['butter', 'honey', 'milk', 'sugar', 'salt', 'bread']) {
    await askDemo(ghee, `say ${word} 3 times`, { 'butter-bindings': JSON.stringify({ word }) });
  }
  for (const name of ['Erik', 'Ann', 'Grace', 'Ada', 'Ken', 'Barbara']) {
    await askDemo(ghee, `Say hello to ${name}`);
  }
  // Near a template, and not learned from, so that it can be seen where it leaves it.
  const isKept = { 'butter-disable-induction': 'true' };
  await askDemo(ghee, 'say butter 3 times, and loudly', isKept);
  await askDemo(ghee, 'What is the capital of France?', { 'cache-control': 'no-store' });
  await callAnswerWrong(ghee);
  await send(ghee, '/admin/projects', { name: 'support', settings: { mode: 'observe' } });
  await send(ghee, '/admin/projects', { name: 'billing' });
  await spreadOverTime(ghee);
  const merged = await storeGreetings(ghee);
  return { ...(await choose(ghee)), merged };
}

async function askDemo(ghee: OwnGhee, content: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${ghee.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'demo', messages: [{ role: 'user', content }] }),
  });
  await response.text();
  await ghee.settle();
}

/** One of them is quarantined, as a person would have it. */
async function callAnswerWrong(ghee: OwnGhee): Promise<void> {
  const found = await read(
    ghee,
    '/admin/requests?outcome=hit&reason=template&text=invoice&limit=1',
  );
  const [hit] = REQUESTS.parse(found).requests;
  if (hit === undefined) return;
  await send(ghee, '/admin/feedback', { requestId: hit.requestId, verdict: 'wrong' });
}

/** Calls of a scope of their own that were all answered by the provider. */
async function storeGreetings(ghee: OwnGhee): Promise<string> {
  const database = connectMongo({ uri: ghee.mongodbUri, database: 'ghee' });
  const scope = 'greetings';
  const recorded = ['greet', 'orders', 'capitals'].flatMap((name) => {
    const talk = MERGEABLE[name];
    return talk === undefined ? [] : callsOf(createNamedRandom(SEED, name), talk, MERGED_EACH);
  });
  await storeSiblings(database, { scope, project: 'local' }, recorded);
  await database.close();
  return scope;
}

/** Calls and their counts stay as they were; only when they were is made up. */
async function spreadOverTime(ghee: OwnGhee): Promise<void> {
  await read(ghee, '/admin/stats'); // Writes down what waits.
  const database = connectMongo({ uri: ghee.mongodbUri, database: 'ghee' });
  let at = Date.now();
  const ledger = new Ledger(database, { now: () => at, process: 'pictures' });
  const rows = await database.requests.find({}, { sort: { at: 1 } }).toArray();
  const end = at;
  await database.ledger.deleteMany({});
  for (const [index, row] of rows.entries()) {
    // Fewer calls at first.
    at = Math.round(end - HOURS * HOUR_MS * (1 - (index + 1) / rows.length) ** 1.3);
    await database.requests.updateOne({ _id: row._id }, { $set: { at } });
    ledger.add(row.project ?? '', row.model ?? '', countsOf(row));
  }
  ledger.add('local', 'gpt-5.4-mini', { feedback: 1 });
  await ledger.flush();
  await database.close();
}

const COUNTS = { hit: 'hitsTemplate', miss: 'misses', bypass: 'bypasses', refused: 'refused' };

function countsOf({
  outcome,
  reason,
  tokens,
  microUsd,
}: Omit<RequestDocument, 'content'>): LedgerCounts {
  const kind = outcome === 'hit' ? 'saved' : 'spent';
  return {
    [reason === 'exact' ? 'hitsExact' : COUNTS[outcome]]: 1,
    [`${kind}InputTokens`]: tokens?.input ?? 0,
    [`${kind}OutputTokens`]: tokens?.output ?? 0,
    [`${kind}MicroUsd`]: microUsd ?? 0,
  };
}

async function choose(ghee: OwnGhee): Promise<Omit<Seen, 'merged'>> {
  const { scopes } = SCOPES.parse(await read(ghee, '/admin/scopes'));
  const [largest] = scopes.toSorted((a, b) => b.nodes - a.nodes);
  const newest = async (filter: string) =>
    REQUESTS.parse(await read(ghee, `/admin/requests?${filter}&limit=200`)).requests;
  const hits = await newest('outcome=hit&reason=template');
  const computed =
    hits.find(({ model, variables }) => model !== 'demo' && variables.includes('result')) ??
    hits[0];
  const misses = await newest('outcome=miss&reason=no_path&model=demo');
  return {
    scope: largest?.id ?? '',
    node: computed?.node ?? '',
    hit: computed?.requestId ?? '',
    miss: misses[0]?.requestId ?? '',
  };
}

async function read(ghee: OwnGhee, path: string): Promise<unknown> {
  const response = await fetch(ghee.adminUrl + path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

async function send(ghee: OwnGhee, path: string, body: object): Promise<void> {
  const response = await fetch(ghee.adminUrl + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
}
