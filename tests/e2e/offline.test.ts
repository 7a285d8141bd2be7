/** docs/offline-tests.md: its tests are recorded through a Ghee with everything, and run again with the file alone. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import OpenAI, { type APIError } from 'openai';
import { ROOT } from '../../scripts/servers/tools.ts';
import { RunningGhee } from '../support/ghee.ts';

let recording: RunningGhee;
let offline: RunningGhee;
let lock: string;

/** The page's program, where it finds the client. */
const FOLDER = path.join(ROOT, '.ghee', 'tools');
const SUITE = path.join(FOLDER, `agent-${process.pid}.test.mjs`);

async function runSuite(baseUrl: string, env: Record<string, string> = {}) {
  const { exitCode, stdout } = await execa(process.execPath, ['--test', SUITE], {
    env: { OPENAI_BASE_URL: baseUrl, OPENAI_API_KEY: 'none', NODE_OPTIONS: '', ...env },
    reject: false,
  });
  return { passes: exitCode === 0, said: stdout };
}

async function exportLock(...options: readonly string[]): Promise<string> {
  const command = [path.join(ROOT, 'scripts', 'ghee.js'), 'export', ...options];
  const { stdout } = await execa(
    process.execPath,
    [...command, '--admin-url', recording.adminUrl],
    {
      stripFinalNewline: false,
    },
  );
  return stdout;
}

beforeAll(async () => {
  const page = readFileSync(path.join(ROOT, 'docs', 'offline-tests.md'), 'utf8');
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(SUITE, /```js\n([^]*?)\n```/.exec(page)?.[1] ?? '');
  recording = await RunningGhee.start();
  lock = path.join(recording.home, 'behaviour.lock');
  for (const env of [{}, { NAMES: 'Ben Cleo' }]) {
    expect(await runSuite(recording.baseUrl, env)).toMatchObject({ passes: true });
    await recording.settle();
  }
  // A conversation that no template answers: only its own answer is there.
  await ask(recording.baseUrl, 'What is the weather in Paris?', { tools });
  await recording.settle();
  writeFileSync(lock, await exportLock('--with-answers'));
  await recording.halt();
  offline = await RunningGhee.start({ BEHAVIOUR_LOCK: lock });
}, 240_000);

afterAll(async () => {
  await offline.stop();
  await recording.stop();
  rmSync(SUITE);
});

const tools: OpenAI.ChatCompletionTool[] = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      parameters: { type: 'object', properties: { city: { type: 'string' } } },
    },
  },
];

async function ask(
  baseURL: string,
  content: string,
  more: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming> = {},
  headers: Record<string, string> = {},
) {
  const client = new OpenAI({ baseURL, apiKey: 'another key', defaultHeaders: headers });
  const { data, response } = await client.chat.completions
    .create({ model: 'demo', messages: [{ role: 'user', content }], ...more })
    .withResponse();
  const { message } = data.choices[0] ?? {};
  return {
    reason: response.headers.get('butter-reason'),
    content: message?.content,
    call:
      message?.tool_calls?.[0]?.type === 'function' ? message.tool_calls[0].function : undefined,
  };
}

async function refusal(work: Promise<unknown>): Promise<APIError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof OpenAI.APIError) return error;
  throw new Error(`no refusal: ${String(error)}`);
}

describe('with the file alone', () => {
  test('the tests pass, with values that they never had before, too', async () => {
    expect(await runSuite(offline.baseUrl)).toMatchObject({ passes: true });
    expect(await runSuite(offline.baseUrl, { NAMES: 'Linus Ada' })).toMatchObject({ passes: true });
    expect(await ask(offline.baseUrl, 'Say hello to Erik')).toMatchObject({ reason: 'exact' });
    expect(await ask(offline.baseUrl, 'Say hello to Linus')).toMatchObject({ reason: 'template' });
  });

  test('an exact answer, plain and as a stream, whatever else the caller asks for', async () => {
    const paris = 'What is the weather in Paris?';
    for (const headers of [
      {},
      { 'Butter-Auth': 'Bearer anything' },
      { 'Butter-Mode': 'live' },
      { 'Cache-Control': 'max-age=0' },
    ]) {
      const { call } = await ask(offline.baseUrl, paris, { tools }, headers);
      expect(JSON.parse(call?.arguments ?? '{}')).toEqual({ city: 'Paris' });
    }
    const client = new OpenAI({ baseURL: offline.baseUrl, apiKey: 'none' });
    const messages = [{ role: 'user' as const, content: paris }];
    const stream = client.chat.completions.stream({ model: 'demo', messages, tools });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]?.finish_reason).toBe('tool_calls');
  });

  test('a miss is a 504 that no client asks for again, with the nearest template', async () => {
    const error = await refusal(ask(offline.baseUrl, 'Say a word to Erik'));
    expect(error.status).toBe(504);
    expect(error.headers?.get('x-should-retry')).toBe('false');
    expect(error.message).toMatch(/\n- user: Say .*\n\+ user: Say a word to Erik\n {8,}\^/);
    // The template is for another word, too, but never had one.
    const { said } = await runSuite(offline.baseUrl, { PROMPT: 'Say goodbye to' });
    expect(said).toMatch(/- \{\{word\}\}: hello\n *\+ \{\{word\}\}: goodbye/);
  });

  test('other parameters, endpoints and forced calls are refused, with what differs', async () => {
    const hello = 'Say hello to Erik';
    const warmer = await refusal(ask(offline.baseUrl, hello, { temperature: 0.5 }));
    expect(warmer.message).toContain('temperature: not given in the lock file, 0.5 here');
    const other = await refusal(ask(offline.baseUrl, hello, {}, { 'Butter-Namespace': 'x' }));
    expect(other.message).toContain('Butter-Namespace: none in the lock file, x here');
    const client = new OpenAI({ baseURL: offline.baseUrl, apiKey: 'none' });
    expect((await refusal(client.models.list())).status).toBe(504);
    const fresh = await refusal(ask(offline.baseUrl, hello, {}, { 'Cache-Control': 'no-cache' }));
    expect(fresh.status).toBe(504);
  });
});

describe('the file', () => {
  test('has answers, and no request', () => {
    const text = readFileSync(lock, 'utf8');
    expect(text).toContain('Hello, Erik!');
    expect(text).not.toContain('What is the weather in Paris?');
    expect(text).not.toContain('observations:');
  });

  test.each([
    ['two trees for the same requests', (text: string) => twice(text, 'id: other'), 'Delete one'],
    [
      'trees of two projects',
      (text: string) => twice(text, 'id: other').replace(/project: local/, 'project: shop'),
      'export --project',
    ],
    [
      'a state that there is not',
      (text: string) => text.replace('state: serving', 'state: x'),
      'line',
    ],
    ['no YAML', () => '[', 'line'],
  ])('%s: refused at the start', async (_what, change, told) => {
    const file = path.join(recording.home, 'refused.lock');
    writeFileSync(file, change(readFileSync(lock, 'utf8')));
    const { exitCode, stdout } = await execa(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', path.join(ROOT, 'proxy', 'server.ts')],
      { env: { BEHAVIOUR_LOCK: file, PROXY_PORT: '1', NODE_OPTIONS: '' }, reject: false },
    );
    expect(exitCode).toBe(1);
    expect(stdout).toContain(told);
  });
});

/** The first tree once more, without its nodes and answers, under another id. */
function twice(text: string, id: string): string {
  const [head = ''] = /^ {2}- id: [^]*?(?=^ {4}nodes:)/m.exec(text) ?? [];
  return `${text}${head.replace(/id: \S+/, id)}    nodes: []\n`;
}
