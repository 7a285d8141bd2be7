import { expect, test } from '@jest/globals';
import type { LeafTemplate } from '../../core/template/template.ts';
import type { ComparedPart } from './contract/requests.ts';
import { compareLeaf } from './compare-leaf.ts';

/** `say {word} 3 times` as the core writes it. */
function templateOf(text: string): LeafTemplate {
  return text.split(/(\{\w+\})/).flatMap((piece): LeafTemplate => {
    if (piece === '') return [];
    const name = /^\{(\w+)\}$/.exec(piece)?.[1];
    return name === undefined
      ? [{ kind: 'literal', text: piece }]
      : [{ kind: 'variable', name, matcher: { kind: 'text' } }];
  });
}

const SIGNS = { same: '', value: '=', differs: '!', variable: '$' };
const show = (parts: readonly ComparedPart[]) =>
  parts.map(({ text, mark }) => `${SIGNS[mark]}[${text}]`).join('');

test.each([
  [
    'what stands after the template differs, and nothing else',
    'say {word} 3 times',
    'say butter 3 times, and loudly',
    ['[say ]$[word][ 3 times]', '[say ]=[butter][ 3 times]![, and loudly]'],
  ],
  [
    'words that are missing are marked in the template',
    'Please greet {name} now',
    'greet Ann now',
    ['![Please ][greet ]$[name][ now]', '[greet ]=[Ann][ now]'],
  ],
  [
    'a word in the place of another one differs on both sides',
    'List all orders since {date}.',
    'List all invoices since May.',
    ['[List all ]![orders][ since ]$[date][.]', '[List all ]![invoices][ since ]=[May][.]'],
  ],
  ['nothing in common', 'abc', 'xyz', ['![abc]', '![xyz]']],
  ['an empty text', 'say {word}', '', ['![say ]$[word]', '']],
])('%s', (_title, template, text, expected) => {
  const compared = compareLeaf(templateOf(template), text);
  expect([show(compared.template), show(compared.message)]).toEqual(expected);
});

test('a value that the variable does not take is marked', () => {
  const { message } = compareLeaf(templateOf('say it {count} times'), 'say it many times', 'count');
  expect(show(message)).toBe('[say it ]![many][ times]');
});

test('texts without end that have nothing in common are not compared for long', () => {
  const text = Array.from({ length: 20_000 }, (_, index) => `w${String(index)}`).join(' ');
  const { message } = compareLeaf(templateOf(text.replaceAll('w', 'v')), text);
  expect(message.map(({ text: part }) => part).join('')).toBe(text.slice(0, 2000));
});
