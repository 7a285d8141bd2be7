/** What a model's code has to be, tried in the real sandbox. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { createSandbox } from '../../adapters/sandbox/sandbox.ts';
import type { Example } from '../synthesis/synthesize.ts';
import { checkCode } from './check-code.ts';
import { perturbationsOf } from './perturb.ts';

const sandbox = createSandbox({ size: 1 });
afterAll(() => sandbox.close());

const example = (inputs: Readonly<Record<string, string>>, output: string): Example => ({
  inputs: new Map(Object.entries(inputs)),
  output,
});
const check = (source: string, ...examples: readonly Example[]) =>
  checkCode({ source, examples }, sandbox.run);
const BOSTON = example({ city: 'Boston', mood: 'fine' }, 'MA');

describe('code is kept', () => {
  test('where it knows the world: with the variables that it reads, and no others', async () => {
    const source = `({ city }) => ({ Boston: 'MA', Chicago: 'IL' })[city] ?? ''`;
    expect(await check(source, BOSTON)).toEqual({
      kind: 'derivation',
      derivation: { kind: 'javascript', source, variables: ['city'] },
    });
  });

  test('where its answer to nearly everything is one of two', async () => {
    const source = `({ n }) => {
      const value = Number(n);
      if (!Number.isInteger(value) || value < 2) return '';
      for (let factor = 2; factor * factor <= value; factor++) if (value % factor === 0) return 'No';
      return 'Yes';
    }`;
    expect(await check(source, example({ n: '7' }, 'Yes'))).toMatchObject({ kind: 'derivation' });
  });
});

describe('code becomes a program of our language', () => {
  test.each([
    [
      'upper case',
      `({ word }) => word.toUpperCase()`,
      example({ word: 'butter fly' }, 'BUTTER FLY'),
    ],
    ['the first word', `(v) => v.word.split(' ')[0]`, example({ word: 'Erik Dunteman' }, 'Erik')],
  ])('where that agrees on all that was tried: %s', async (_what, source, learned) => {
    expect(await check(source, learned)).toMatchObject({
      kind: 'derivation',
      derivation: { kind: 'programs' },
    });
  });

  test('and not where the code has an exception that the language has not', async () => {
    const source = `({ word }) => (word === 'BUTTER' ? 'MARGARINE' : word.toUpperCase())`;
    expect(await check(source, example({ word: 'butter' }, 'BUTTER'))).toMatchObject({
      kind: 'derivation',
      derivation: { kind: 'javascript' },
    });
  });
});

describe('code is refused', () => {
  test.each([
    ['is wrong for an example', `({ city }) => ({ Boston: 'NY' })[city] ?? ''`, 'not "MA"'],
    [
      'throws for a perturbed input',
      `({ city }) => (city === 'BOSTON' ? city.repeat(-1) : city === 'Boston' ? 'MA' : '')`,
      'BOSTON',
    ],
    [
      'gives no literal for a perturbed input',
      `({ city }) => ({ Boston: 'MA' })[city]`,
      'not-literal',
    ],
    ['is a constant', `({ city }) => (city ? 'MA' : 'MA')`, 'whatever it is given'],
    [
      'is a table with a default',
      `({ city }) => ({ Chicago: 'IL' })[city] ?? 'MA'`,
      'whatever it is given',
    ],
    ['reads no variable', `() => 'MA'`, 'reads none'],
    [
      'is not deterministic',
      `({ city }) => Math.random() < 2 && city === 'Boston' ? 'MA' : ''`,
      'refused by the sandbox',
    ],
    ['is no JavaScript', `({ city }) => (`, 'syntax'],
    ['is not one function', `({ city }) => 'MA'; process.exit()`, 'refused by the sandbox'],
    [
      'is too long',
      `({ city }) => city === 'Boston' ? 'MA' : '' // ${'x'.repeat(5000)}`,
      'too long',
    ],
  ])('that %s', async (_what, source, problem) => {
    const verdict = await check(source, BOSTON);
    expect(verdict.kind).toBe('problem');
    expect(verdict.kind === 'problem' && verdict.problem).toContain(problem);
  });
});

test('perturbations turn one variable at a time, by what it looks like', () => {
  const turned = perturbationsOf(
    new Map([
      ['city', 'Boston'],
      ['count', '3'],
    ]),
  );
  const values = (name: string) => new Set(turned.map((inputs) => inputs.get(name)));
  // Case, plural, length, another alphabet, nothing; sign, zero, fraction.
  for (const city of ['BOSTON', 'boston', 'Bostons', 'B', '', 'constructor']) {
    expect(values('city')).toContain(city);
  }
  for (const count of ['-3', '0', '3.5', '30', '']) expect(values('count')).toContain(count);
  for (const inputs of turned) {
    expect([inputs.get('city') === 'Boston', inputs.get('count') === '3']).toContain(true);
  }
});
