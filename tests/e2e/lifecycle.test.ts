/** What becomes of templates after they were learned: kept, taken elsewhere, revised, deleted; by API and command line. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { until } from '../support/until.ts';
import { ROOT } from '../../scripts/servers/tools.ts';
import { RunningGhee } from '../support/ghee.ts';
import { startScriptedProvider, type ScriptedProvider } from '../support/provider.ts';
import { SecondProxy } from '../support/second-proxy.ts';

const CANARY = 'Zanzibarovich';

let ghee: RunningGhee;
let second: SecondProxy;
let empty: SecondProxy;
let provider: ScriptedProvider;

beforeAll(async () => {
  provider = await startScriptedProvider();
  provider.respond(({ messages }) => {
    const text = JSON.stringify(messages);
    return {
      kind: 'text',
      content: `Here it is: ${/the word (\S+) for me/.exec(text)?.[1] ?? text.length}`,
    };
  });
  const env = { UPSTREAM_BASE_URL: `${provider.url}/v1` };
  ghee = await RunningGhee.start(env);
  second = await SecondProxy.start(ghee, env);
  empty = await SecondProxy.start(ghee, { ...env, MONGODB_DATABASE: 'empty' });
});

afterAll(async () => {
  await Promise.all([second.stop(), empty.stop()]);
  await ghee.stop();
  await provider.close();
});

interface Answer {
  readonly cache: string | null;
  readonly reason: string | null;
  readonly node: string;
  readonly requestId: string;
}

async function ask(
  baseUrl: string,
  content: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content }] }),
  });
  await response.text();
  const header = (name: string) => response.headers.get(name);
  return {
    cache: header('butter-cache'),
    reason: header('butter-reason'),
    node: header('butter-node') ?? '',
    requestId: header('x-request-id') ?? '',
  };
}

const bound = (baseUrl: string, verb: string, word: string, headers: Record<string, string> = {}) =>
  ask(baseUrl, `Please ${verb} the word ${word} for me`, {
    'butter-bindings': JSON.stringify({ word }),
    ...headers,
  });

let words = 0;
/** A miss is learned: asked again it would be an exact hit. */
const freshWord = (): string =>
  `honey${String(++words).replace(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? '')}`;

/** A template that serves at once, on both proxies: the client named what varies. */
async function learn(verb: string, headers: Record<string, string> = {}): Promise<Answer> {
  await bound(ghee.baseUrl, verb, CANARY, headers);
  await ghee.settle();
  for (const { baseUrl } of [ghee, second]) {
    await until('the template serves', async () => {
      return (await bound(baseUrl, verb, freshWord(), headers)).reason === 'template';
    });
  }
  return bound(ghee.baseUrl, verb, freshWord(), headers);
}

async function admin(method: string, where: string, body?: object, adminUrl = ghee.adminUrl) {
  const response = await fetch(adminUrl + where, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return {
    status: response.status,
    text,
    json: isJson ? (JSON.parse(text) as unknown) : undefined,
  };
}

const run = promisify(execFile);

/** The command line as a person uses it. */
async function command(...args: string[]): Promise<string> {
  const script = path.join(ROOT, 'scripts', 'ghee.js');
  const { stdout } = await run(process.execPath, [script, ...args, '--admin-url', ghee.adminUrl]);
  return stdout;
}

interface ShownNode {
  readonly state: string;
  readonly isPinned: boolean;
  readonly history: readonly {
    readonly note: string;
    readonly by?: string;
    readonly run?: string;
  }[];
}
const node = async (id: string) => (await admin('GET', `/admin/nodes/${id}`)).json as ShownNode;

describe('deletion', () => {
  test('of a node: counted first, then gone on every proxy, with what it was learned from', async () => {
    const { node: id } = await learn('whisper');
    const counted = await command('purge', '--node', id, '--dry-run', '--json');
    expect(JSON.parse(counted)).toMatchObject({ isDryRun: true, nodes: 1, scopes: 0 });
    expect((await bound(second.baseUrl, 'whisper', freshWord())).reason).toBe('template');
    const deleted = await admin('DELETE', `/admin/nodes/${id}`);
    expect(deleted).toMatchObject({ status: 200, json: { nodes: 1, observations: 1, answers: 1 } });
    // Not asked of the provider, from whose answers it would be learned again.
    const stored = { 'cache-control': 'only-if-cached' };
    for (const { baseUrl } of [second, ghee]) {
      await until('its template and its exact answer are gone', async () => {
        const fresh = await bound(baseUrl, 'whisper', freshWord(), stored);
        const exact = await bound(baseUrl, 'whisper', CANARY, stored);
        return fresh.cache !== 'hit' && exact.cache !== 'hit';
      });
    }
    expect((await admin('DELETE', `/admin/nodes/${id}`)).status).toBe(404);
    expect((await admin('GET', `/admin/nodes/${id}`)).status).toBe(404);
  });

  test('of a namespace, by command line; the rest stays', async () => {
    const blue = { 'butter-namespace': 'blue' };
    await learn('murmur', blue);
    await learn('mumble');
    expect(await command('purge', '--namespace', 'blue')).toMatch(/^Deleted 1 scopes, \d+ nodes/);
    await until('it is gone', async () => {
      return (await bound(second.baseUrl, 'murmur', freshWord(), blue)).reason !== 'template';
    });
    expect((await bound(second.baseUrl, 'mumble', freshWord())).reason).toBe('template');
  });

  test.each([{}, { filter: {} }, { filter: { node: { $ne: '' } } }, { filter: { all: true } }])(
    '%j is refused',
    async (body) => {
      expect((await admin('POST', '/admin/purge', body)).status).toBe(400);
    },
  );
});

test('pruning: a dry run counts, and the run that is asked for says what went', async () => {
  await learn('sing');
  const count = async (...options: string[]): Promise<unknown> =>
    JSON.parse(await command('prune', '--json', ...options)) as unknown;
  // What deletions above have left of branches goes, and nothing more.
  const counted = (await count('--dry-run')) as { readonly projects: readonly object[] };
  expect(await count()).toEqual({ ...counted, isDryRun: false });
  const nothing = { project: 'local', nodes: 0, answers: 0, observations: 0, tombstones: 0 };
  expect(await count('--dry-run')).toEqual({ isDryRun: true, projects: [nothing] });
  expect((await admin('POST', '/admin/prune', { dryRun: 'yes' })).status).toBe(400);
  expect((await bound(ghee.baseUrl, 'sing', freshWord())).reason).toBe('template');
});

describe('what a person decides about a node', () => {
  test('pin, quarantine, approve, unpin: by command line, and kept in its history', async () => {
    const { node: id } = await learn('shout');
    expect(await command('node', 'pin', id, '--note', 'we need it')).toContain('serving, pinned');
    expect(await node(id)).toMatchObject({ isPinned: true, state: 'serving' });
    await command('node', 'quarantine', id);
    await until('it is a miss', async () => {
      return (await bound(second.baseUrl, 'shout', freshWord())).reason !== 'template';
    });
    expect(await command('node', 'approve', id)).toContain('serving');
    expect(await command('node', 'unpin', id)).not.toContain('pinned');
    const { history, isPinned } = await node(id);
    expect(isPinned).toBe(false);
    expect(history[0]).toMatchObject({
      note: 'created',
      by: 'induce',
      run: expect.stringContaining('induce:'),
    });
    expect(history.slice(-4)).toMatchObject([
      { note: 'pinned: we need it', by: 'person' },
      { note: 'quarantined by hand', by: 'person' },
      { note: 'approved by hand', by: 'person' },
      { note: 'unpinned', by: 'person' },
    ]);
  });
});

describe('export and import', () => {
  test.each([
    ['templates', [], 0],
    ['all that they were learned from', ['--with-exemplars'], 1],
  ])(
    '%s: into an empty database and out again, byte for byte',
    async (_what, options, isWhole) => {
      const { node: id } = await learn(isWhole === 1 ? 'spell' : 'praise');
      const file = path.join(ghee.home, `trees-${isWhole}.yaml`);
      await command('export', ...options, '-o', file);
      const text = readFileSync(file, 'utf8');
      expect(text.includes(CANARY)).toBe(isWhole === 1);
      expect(await command('export', ...options)).toBe(text);
      const body = { file: text };
      const imported = await admin('POST', '/admin/import', body, empty.adminUrl);
      expect(imported).toMatchObject({
        status: 200,
        json: { conflicts: isWhole === 1 ? expect.any(Array) : [] },
      });
      const query = isWhole === 1 ? '?include=exemplars' : '';
      if (isWhole === 0) {
        const again = await admin('GET', `/admin/export${query}`, undefined, empty.adminUrl);
        expect(again.text).toBe(text);
      }
      // It serves there what it serves here.
      const verb = isWhole === 1 ? 'spell' : 'praise';
      await until('it serves', async () => {
        return (await bound(empty.baseUrl, verb, freshWord())).node === id;
      });
      // Once more: nothing is new, nothing changes.
      const repeated = await admin('POST', '/admin/import', body, empty.adminUrl);
      expect(repeated.json).toMatchObject({ nodes: 0 });
    },
    60_000,
  );

  test('a state is not raised, and what differs is said', async () => {
    const { node: id } = await learn('hum');
    const { text } = await admin('GET', '/admin/export');
    await command('node', 'quarantine', id);
    const file = path.join(ghee.home, 'hum.yaml');
    writeFileSync(file, text);
    expect(await command('import', file)).toContain(`${id}: its state here is another one`);
    expect((await node(id)).state).toBe('quarantined');
  });

  test('a file that is not valid is refused with the line', async () => {
    const { text } = await admin('GET', '/admin/export');
    const bad = text.replace('state: serving', 'state: best');
    const refused = await admin('POST', '/admin/import', { file: bad });
    expect(refused).toMatchObject({ status: 400, json: { error: { code: 'invalid_file' } } });
    expect(refused.text).toMatch(/line \d+, scopes\[\d+\]\.nodes\[\d+\]\.state/);
  });
});
