/** A viewer's token reads its own projects: whatever is asked, no id of another project is in the answer. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { until } from '../support/until.ts';
import { MADE_PROJECT } from '../../proxy/admin/contract/projects.ts';
import { SCOPES } from '../../proxy/admin/contract/scopes.ts';
import { OVERVIEW, STATS } from '../../proxy/admin/contract/stats.ts';
import { RunningGhee } from '../support/ghee.ts';
import { SecondProxy } from '../support/second-proxy.ts';

const OWNER = 'owner-token-of-sixteen';
const VIEWERS = { shop: 'viewer-token-of-the-shop', blog: 'viewer-token-of-the-blog' };
type Name = keyof typeof VIEWERS;
const OTHER: Readonly<Record<Name, Name>> = { shop: 'blog', blog: 'shop' };

interface Project {
  readonly id: string;
  readonly key: string;
}

let ghee: RunningGhee;
let viewed: SecondProxy;
let projects: Readonly<Record<Name, Project>>;

beforeAll(async () => {
  ghee = await RunningGhee.start({ LOG_CONTENT: 'on', GHEE_ADMIN_TOKEN: OWNER });
  projects = { shop: await makeProject('shop'), blog: await makeProject('blog') };
  const tokens = Object.entries(VIEWERS).map(
    ([name, token]) => `${token}=${projects[name as Name].id}`,
  );
  // Projects have their ids when they are made: tokens for them come with a proxy that starts later.
  viewed = await SecondProxy.start(ghee, {
    ...{ GHEE_ADMIN_TOKEN: OWNER, GHEE_VIEWER_TOKENS: tokens.join(',') },
    LOG_CONTENT: 'on',
  });
  for (const name of ['shop', 'blog'] as const) await makeTraffic(name);
}, 240_000);

afterAll(async () => {
  await viewed.stop();
  await ghee.stop();
});

async function makeProject(name: string): Promise<Project> {
  const response = await fetch(`${ghee.adminUrl}/admin/projects`, {
    method: 'POST',
    headers: { authorization: `Bearer ${OWNER}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  });
  const { project, key } = MADE_PROJECT.parse(await response.json());
  return { id: project.id, key: key.key };
}

/** Misses, hits, a template that was called wrong, a dry run of a merge: of both projects alike. */
async function makeTraffic(name: Name): Promise<void> {
  let hit = '';
  for (const word of ['butter', 'honey', 'milk']) {
    const response = await fetch(`${viewed.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: {
        ...{ 'content-type': 'application/json', 'butter-auth': `Bearer ${projects[name].key}` },
        'butter-bindings': JSON.stringify({ word }),
      },
      body: JSON.stringify({
        model: 'demo',
        messages: [{ role: 'user', content: `say ${word} 3 times` }],
      }),
    });
    await response.text();
    if (response.headers.get('butter-cache') === 'hit') {
      hit = response.headers.get('x-request-id') ?? '';
    }
    await ghee.settle();
  }
  const scope = (await ghee.collection('scopes').findOne({ project: projects[name].id }))?._id;
  await write('/admin/merge', { scope, dryRun: true });
  await write('/admin/feedback', { requestId: hit, verdict: 'wrong' });
}

async function write(path: string, body: object): Promise<void> {
  const response = await fetch(`${viewed.adminUrl}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${OWNER}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect([path, response.status]).toEqual([path, 200]);
}

async function read(token: string, path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${viewed.adminUrl}${path}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return { status: response.status, text: await response.text() };
}

/** The ids of a project, of whatever kind; `most` of each kind. */
async function idsOf(name: Name, most = 0): Promise<readonly string[]> {
  const project = projects[name].id;
  const found = await Promise.all(
    ['scopes', 'nodes', 'observations', 'merges', 'requests', 'exactAnswers'].map((collection) =>
      ghee.collection(collection).find({ project }, { limit: most }).toArray(),
    ),
  );
  const rows = found.flat() as { _id: string; requestId?: string; workflowId?: string }[];
  return [
    project,
    ...rows.flatMap(({ _id, requestId, workflowId }) => [_id, requestId, workflowId]),
  ].filter((id) => id !== undefined);
}

/** All that can be read without an id, and with every id of a project. */
async function pathsOf(name: Name): Promise<readonly string[]> {
  // Two of each are enough to ask for.
  const ids = await idsOf(name, 2);
  const lists = [
    ...['stats', 'stats?hours=24', 'overview', 'overview?hours=720', 'scopes', 'requests'],
    ...['requests?text=say', 'merges', 'projects', 'session', 'health'],
    ...[`requests?project=${projects[name].id}`],
  ];
  const byId = ids.flatMap((id) => {
    const text = encodeURIComponent(id);
    return [
      ...[`nodes/${text}`, `decisions/${text}`, `requests/${text}/run`, `merges/${text}`],
      ...[`tree?scope=${text}`, `tree?scope=${text}&all=true`, `tree?scope=${text}&q=say`],
      ...[`requests?node=${text}`, `merges?parent=${text}`, `projects/${text}`],
    ];
  });
  return [...lists, ...byId].map((path) => `/admin/${path}`);
}

test.each(['shop', 'blog'] as const)(
  'the viewer of %s sees no id of the other project, by whatever path',
  async (name) => {
    const theirs = await idsOf(OTHER[name]);
    expect(theirs.length).toBeGreaterThan(10);
    const asked = [...(await pathsOf(name)), ...(await pathsOf(OTHER[name]))];
    // All at once: a call that is not there is looked for several times.
    const answers = await Promise.all(
      [...new Set(asked)].map(async (path) => ({ path, ...(await read(VIEWERS[name], path)) })),
    );
    for (const { path, text, status } of answers) {
      expect([path, [200, 400, 404]]).toEqual([path, expect.arrayContaining([status])]);
      // What was asked for may be said again in a refusal; nothing else of theirs.
      const leaked = theirs.filter((id) => text.includes(id) && !path.includes(id));
      expect([path, leaked]).toEqual([path, []]);
      if (status === 200)
        expect([path, theirs.filter((id) => text.includes(id))]).toEqual([path, []]);
    }
  },
  180_000,
);

test('and sees its own: calls, nodes in quarantine, the tree, the merge', async () => {
  const ofShop = async (path: string): Promise<unknown> =>
    JSON.parse((await read(VIEWERS.shop, path)).text);
  const { scopes } = SCOPES.parse(await ofShop('/admin/scopes'));
  expect(scopes.map(({ project }) => project)).toEqual([projects.shop.id]);
  const own = await idsOf('shop');
  await until('the calls are counted', async () => {
    const { total } = STATS.parse(await ofShop('/admin/stats'));
    return total.calls.misses === 1 && total.calls.hitsTemplate === 2;
  });
  const overview = OVERVIEW.parse(await ofShop('/admin/overview'));
  expect(overview.sample.calls).toBe(3);
  expect(overview.budget).toMatchObject({ served: 2, wrong: 1 });
  expect(overview.watch.quarantined.length).toBeGreaterThan(0);
  for (const { id } of overview.watch.quarantined) expect(own).toContain(id);
});

test.each(['/admin/settings', '/admin/export', '/metrics', '/status'])(
  '%s is not for viewers',
  async (path) => {
    expect((await read(VIEWERS.shop, path)).status).toBe(403);
    expect((await read(OWNER, path)).status).toBe(200);
  },
);
