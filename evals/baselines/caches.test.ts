import { expect, test } from '@jest/globals';
import type { ReplayRow } from '../rows.ts';
import { embeddingCache, exactCache, textOf } from './caches.ts';

function row(question: string, answer: string): ReplayRow {
  return {
    request: { model: 'm', messages: [{ role: 'user', content: question }] },
    response: { choices: [{ message: { role: 'assistant', content: answer } }] },
  };
}
const kinds = (served: readonly { readonly kind: string }[]): string[] =>
  served.map(({ kind }) => kind);

test('the exact cache serves repeats only', () => {
  const rows = [row('a', '1'), row('b', '2'), row('a', '1'), row('a', '3')];
  expect(kinds(exactCache(rows))).toEqual(['miss', 'miss', 'hit', 'false hit']);
});

test('the embedding cache serves what is near enough, right or wrong', () => {
  const rows = [row('a', '1'), row('b', '1'), row('c', '2'), row('d', '2')];
  const vectors = [
    [1, 0],
    [0.96, 0.28],
    [0.8, 0.6],
    [0, 1],
  ].map((v) => Float32Array.from(v));
  expect(kinds(embeddingCache(rows, vectors, 0.9))).toEqual(['miss', 'hit', 'miss', 'miss']);
  expect(kinds(embeddingCache(rows, vectors, 0.7))).toEqual(['miss', 'hit', 'false hit', 'miss']);
});

test('the system prompt is no part of what is embedded', () => {
  const base = row('Hi', 'x');
  const messages = [{ role: 'system', content: 'long' }, ...base.request.messages];
  expect(textOf({ ...base, request: { ...base.request, messages } })).toBe('Hi');
});
