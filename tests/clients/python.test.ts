/** The official Python client, as in README: miss, hit, templated hit, streams, two-turn tool calls. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { RunningGhee } from '../support/ghee.ts';
import { PYTHON, pythonEnvironment } from './page.ts';

let ghee: RunningGhee;
let python: ChildProcessWithoutNullStreams;
let answers: AsyncIterator<string>;
let lines: Interface;
let complaints = '';

beforeAll(async () => {
  ghee = await RunningGhee.start();
  const script = path.join(import.meta.dirname, 'openai_client.py');
  const env = { ...process.env, ...pythonEnvironment('openai') };
  python = spawn(PYTHON, [script, ghee.baseUrl], { env });
  python.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  lines = createInterface({ input: python.stdout });
  answers = lines[Symbol.asyncIterator]();
});

afterAll(async () => {
  python.stdin.end();
  lines.close();
  await ghee.stop();
});

async function call(...command: readonly unknown[]): Promise<unknown> {
  python.stdin.write(`${JSON.stringify(command)}\n`);
  const next = await answers.next();
  if (next.done === true) throw new Error(`the client ended: ${complaints}`);
  return JSON.parse(next.value) as unknown;
}

test('a miss, a hit, a confirmation, a templated hit', async () => {
  const hello = (name: string) => `Hello, ${name}! Nice to meet you.`;
  expect(await call('ask', 'Say hello to Erik')).toEqual(['miss', hello('Erik')]);
  await ghee.settle();
  expect(await call('ask', 'Say hello to Erik')).toEqual(['hit', hello('Erik')]);
  expect(await call('ask', 'Say hello to Ann')).toEqual(['miss', hello('Ann')]);
  await ghee.settle();
  expect(await call('ask', 'Say hello to Grace')).toEqual(['hit', hello('Grace')]);
  expect(await call('stream', 'Say hello to Linus')).toBe(hello('Linus'));
});

test('a two-turn tool conversation', async () => {
  expect(await call('converse', 'Paris', 25, 'sunny')).toEqual([
    ['miss', 'miss'],
    'It is 25°C and sunny in Paris.',
  ]);
  await ghee.settle();
  await call('converse', 'Oslo', -3, 'snowy');
  await ghee.settle();
  expect(await call('converse', 'Rome', 31, 'cloudy')).toEqual([
    ['hit', 'hit'],
    'It is 31°C and cloudy in Rome.',
  ]);
});
