/** With GHEE_ENCRYPTION_KEY nothing that anybody said lies readable on the disk, and everything works as without it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { RunningGhee } from '../support/ghee.ts';
import { isLive } from '../support/is-live.ts';
import { startScriptedProvider, type ScriptedProvider } from '../support/provider.ts';
import { until } from '../support/until.ts';

/** In all that is said, and so in each of its parts. */
const CANARY = 'Zanzibarovich';
/** Of what is not encrypted: it shows that the search finds things. */
const MODEL = 'Quixotelmodel';
const KEY = randomBytes(32).toString('hex');

let ghee: RunningGhee;
let provider: ScriptedProvider;

beforeAll(async () => {
  provider = await startScriptedProvider();
  provider.respond(({ messages }) => {
    const last: unknown = (messages as { content?: unknown }[]).at(-1)?.content;
    return { kind: 'text', content: answerTo(String(last)) };
  });
  ghee = await RunningGhee.start({
    GHEE_ENCRYPTION_KEY: KEY,
    LOG_CONTENT: 'on',
    UPSTREAM_BASE_URL: `${provider.url}/v1`,
  });
});

afterAll(async () => {
  await ghee.stop();
  await provider.close();
});

/** Not all of the question, or a template for any question could be learned from it. */
function answerTo(question: string): string {
  const word = /sing of (\S+) to me/.exec(question)?.[1];
  return word === undefined ? `Nobody asks ${CANARY} that.` : `La la, ${word}!`;
}

const sentence = (word: string) => `Please sing of ${CANARY}${word} to me`;

async function ask(content: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${ghee.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({
      model: MODEL,
      tools: [{ type: 'function', function: { name: 'f', description: `of ${CANARY}` } }],
      messages: [
        { role: 'system', content: `You know ${CANARY}.` },
        { role: 'user', content },
      ],
    }),
  });
  const { choices } = (await response.json()) as { choices: { message: { content: string } }[] };
  expect(choices[0]?.message.content).toBe(answerTo(content));
  return response.headers.get('butter-reason');
}

/** Files below the home that hold a text; those of caches are ours. */
function filesWith(text: string, folder = ghee.home): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}

/** Collections of which a document holds a text. */
async function collectionsWith(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const { name } of await ghee.database().listCollections().toArray()) {
    const documents = await ghee.collection(name).find({}).toArray();
    if (JSON.stringify(documents).includes(text)) found.push(name);
  }
  return found.sort();
}

test('learning, serving and the spool work, and nothing readable is left anywhere', async () => {
  const word = `${CANARY}One`;
  expect(await ask(sentence('One'), { 'butter-bindings': JSON.stringify({ word }) })).toBe(
    'no_path',
  );
  await ghee.settle();
  expect(await ask(sentence('One'))).toBe('exact');
  await until(
    'the template serves',
    async () => (await ask(sentence(`T${String(Date.now())}`))) === 'template',
  );
  const mongodb = ghee.pidOf('mongodb');
  process.kill(mongodb, 'SIGSTOP');
  try {
    let asked = 0;
    await until('the spool has some', async () => {
      await ask(`Something else of ${CANARY}, ${asked++}`, { 'butter-disable-induction': 'true' });
      return ghee.log('proxy').includes('"by":"spool"');
    });
    const spool = path.join(ghee.home, 'spool');
    expect(filesWith(MODEL, spool)).not.toEqual([]);
    expect(filesWith(CANARY, spool)).toEqual([]);
  } finally {
    process.kill(mongodb, 'SIGCONT');
  }
  await until('MongoDB has what the spool had', async () => {
    const stored = await ghee.collection('observations').countDocuments();
    return stored === new Set(ghee.acknowledged()).size;
  });
  expect(ghee.log('proxy')).not.toMatch(/observation\.lost|answer\.unusable/);
  await ghee.settle();
  await until(
    'the log has its rows',
    async () =>
      (await ghee.collection('requests').countDocuments({ content: { $exists: true } })) > 2,
  );
  expect(await collectionsWith(MODEL)).toEqual(
    expect.arrayContaining(['observations', 'requests', 'scopes']),
  );
  expect(await collectionsWith(CANARY)).toEqual([]);
  expect(filesWith(MODEL, path.join(ghee.home, 'data'))).not.toEqual([]);
  expect(filesWith(CANARY)).toEqual([]);
});

test('people read it as ever', async () => {
  const { requests } = (await (await fetch(`${ghee.adminUrl}/admin/requests`)).json()) as {
    requests: { requestId: string }[];
  };
  const id = requests.at(-1)?.requestId ?? '';
  const decision = await (await fetch(`${ghee.adminUrl}/admin/decisions/${id}`)).text();
  expect(decision).toContain(CANARY);
  const exported = await fetch(`${ghee.adminUrl}/admin/export`);
  expect(await exported.text()).toContain(CANARY);
});

test('with another key it does not start and says why; with its own all is there', async () => {
  await ghee.halt();
  await expect(
    ghee.resume({ GHEE_ENCRYPTION_KEY: randomBytes(32).toString('hex') }),
  ).rejects.toThrow(
    'Database `ghee`: this database is encrypted with another key; set GHEE_ENCRYPTION_KEY to that key',
  );
  // A file of a process that is dead, which had another key.
  const left = path.join(ghee.home, 'spool', '4194305-5.jsonl');
  writeFileSync(left, `${JSON.stringify({ _id: 'o', messages: 'ghee1:00000000:AAAA' })}\n`);
  await ghee.resume();
  await until('the mirror is live', () => isLive(ghee.baseUrl));
  await until('the file is told of', async () => {
    const health = await (await fetch(`${ghee.adminUrl}/admin/health`)).text();
    return health.includes('Observations in GHEE_HOME/spool (1) were sealed with another');
  });
  expect(existsSync(left)).toBe(true);
  expect(await ask(sentence('One'))).toBe('exact');
  expect(await ask(sentence('Two'))).toBe('template');
});
