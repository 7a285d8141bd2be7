/** What counts as the same answer in other words, and what does not. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareContents } from './compare-answers.ts';

describe('two contents', () => {
  test.each([
    ['Carmen, welcome to Granada!', 'Welcome to Granada, Carmen!', ['Carmen', 'Granada']],
    ['The humidity in Osaka is 79 %.', 'Humidity in Osaka: 79 %.', ['Osaka', '79']],
    ['Good news! GLS has it; follow it with 33.', 'It went with GLS. The number is 33.', ['GLS']],
    [
      'SELECT name FROM products WHERE stock < 5;',
      'SELECT p.name FROM products AS p WHERE p.stock < 5;',
      ['5'],
    ],
    ['SELECT name FROM products WHERE stock < 5;', 'select name from products where stock < 5', []],
  ])('%j and %j say the same in other words', (a, b, values) => {
    expect(compareContents(a, b, values)).toBe('unsettled');
    expect(compareContents(b, a, values)).toBe('unsettled');
  });

  test.each([
    ['39 is even', '39 is odd', ['39']],
    ['2, 49, 43', '2, 43, 49', ['2', '43', '49']],
    ['apple, banana', 'banana, apple', []],
    ['apple, banana', 'banana, apple', ['apple', 'banana']],
    ['Welcome to Granada, Carmen!', 'Granada, welcome to Carmen!', ['Carmen', 'Granada']],
    ['Paris beats Rome', 'Rome beats Paris', ['Paris', 'Rome']],
    ['the dog bites a man', 'a man bites the dog', []],
    ['SELECT a FROM t WHERE b < 5', 'select a from t where b > 5', ['5']],
    [
      'SELECT o.id FROM a o JOIN b c ON c.id = o.x',
      'SELECT c.id FROM a o JOIN b c ON o.id = c.x',
      [],
    ],
    [
      'Ann qualifies for the loan that she wants.',
      'Unfortunately we have declined the application of Ann.',
      ['Ann'],
    ],
    ['We sent the milk frother to you.', 'Your order has left the house.', ['milk frother']],
  ])('%j and %j are two answers', (a, b, values) => {
    expect(compareContents(a, b, values)).toBe('contradict');
    expect(compareContents(b, a, values)).toBe('contradict');
  });

  test('are never the same where one lacks a value of the other, whatever their words', () => {
    const words = fc.array(fc.constantFrom('the', 'sum', 'of', 'it', 'is', 'now', 'at', 'to'));
    fc.assert(
      fc.property(words, words, fc.integer({ min: 10, max: 99 }), (a, b, value) => {
        const [left, right] = [`${a.join(' ')} ${value}`, `${b.join(' ')} ${value + 1}`];
        expect(compareContents(left, right, [String(value)])).toBe('contradict');
      }),
      { seed: 8 },
    );
  });

  test('are never the same where two values have changed places in the same words', () => {
    const words = fc.array(fc.constantFrom('from', 'to', 'over', 'by', 'and'), { minLength: 1 });
    fc.assert(
      fc.property(words, words, words, (a, b, c) => {
        const say = (x: string, y: string) => [...a, x, ...b, y, ...c].join(' ');
        expect(compareContents(say('7', '9'), say('9', '7'), ['7', '9'])).toBe('contradict');
      }),
      { seed: 8 },
    );
  });
});
