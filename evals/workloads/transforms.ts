/** Plain computations that a template can carry out: sums, and changes of the form of a text. */
import { behaviours, VARIED_REQUESTS, type Behaviour } from './behaviour.ts';
import { int, pick, type Random } from './random.ts';
import { ask, type Setting, type Talk } from './talk.ts';
import { day, iso, longDate, number, person } from './values.ts';
import { NOUNS, TOPICS } from './vocabulary.ts';

/** What people type into a playground. */
const PLAIN: Setting = {};

const says = (random: Random, question: string, answer: string): Talk =>
  ask(random, PLAIN, question, answer);

function add(random: Random): Talk {
  const [a, b] = [int(random, 1, 999), int(random, 1, 999)];
  return says(random, `What is ${a} + ${b}?`, `${a} + ${b} = ${a + b}`);
}

function subtract(random: Random): Talk {
  const [a, b] = [int(random, 1, 999), int(random, 1, 999)];
  return says(random, `Subtract ${b} from ${a}.`, `${a - b}`);
}

function multiply(random: Random): Talk {
  const [a, b] = [int(random, 2, 99), int(random, 2, 99)];
  return says(random, `What is ${a} times ${b}?`, `The product is ${a * b}.`);
}

function sum(random: Random): Talk {
  const [a, b, c] = [int(random, 1, 99), int(random, 1, 99), int(random, 1, 99)];
  return says(random, `Add ${a}, ${b} and ${c}`, `The sum is ${a + b + c}.`);
}

function percent(random: Random): Talk {
  const [a, b] = [int(random, 1, 19) * 5, int(random, 1, 99) * 20];
  return says(random, `What is ${a}% of ${b}?`, `${a}% of ${b} is ${(a * b) / 100}.`);
}

function discount(random: Random): Talk {
  const price = int(random, 2, 200) * 5;
  return says(
    random,
    `The price is $${price}. What is it with a 20% discount?`,
    `It costs $${(price * 4) / 5}.`,
  );
}

function age(random: Random): Talk {
  const years = int(random, 1, 98);
  return says(
    random,
    `I am ${years} years old. How old will I be next year?`,
    `You will be ${years + 1}.`,
  );
}

function hello(random: Random): Talk {
  const { first } = person(random);
  return says(random, `Say hello to ${first}`, `Hello, ${first}! Nice to meet you.`);
}

function lastName(random: Random): Talk {
  const { name, last } = person(random);
  return says(random, `What is the last name of ${name}?`, `The last name is ${last}.`);
}

function mailAddress(random: Random): Talk {
  const { name, first, last } = person(random);
  return says(
    random,
    `Make an email address for ${name} at acme.com`,
    `${first}.${last}@acme.com`.toLowerCase(),
  );
}

function upper(random: Random): Talk {
  const text = pick(random, TOPICS);
  return says(random, `Convert "${text}" to uppercase`, text.toUpperCase());
}

function reverse(random: Random): Talk {
  const word = pick(random, NOUNS);
  return says(random, `Reverse the word ${word}`, Array.from(word).reverse().join(''));
}

function countLetters(random: Random): Talk {
  const word = pick(random, NOUNS);
  return says(
    random,
    `How many letters are in "${word}"?`,
    `"${word}" has ${word.length} letters.`,
  );
}

function slug(random: Random): Talk {
  const [topic, noun] = [pick(random, TOPICS), pick(random, NOUNS)];
  const title = `${topic} ${noun}`;
  return says(
    random,
    `Make a URL slug from "${title}"`,
    title.toLowerCase().replace(/[^a-z]+/g, '-'),
  );
}

function dateFormat(random: Random): Talk {
  const date = day(random);
  return says(random, `Write the date ${iso(date)} in words`, longDate(date));
}

function initials(random: Random): Talk {
  const { name, first, last } = person(random);
  return says(random, `What are the initials of ${name}?`, `${first.charAt(0)}.${last.charAt(0)}.`);
}

function hours(random: Random): Talk {
  const count = int(random, 2, 400);
  return says(
    random,
    pick(random, [
      `How many minutes are ${count} hours?`,
      `Convert ${count} hours to minutes`,
      `${count} hours in minutes please`,
      `Give me ${count} hours in minutes.`,
    ]),
    `${count} hours are ${count * 60} minutes.`,
  );
}

function masked(random: Random): Talk {
  const card = String(number(random, 12));
  return says(
    random,
    pick(random, [
      `Mask the card number ${card}`,
      `Show only the last four digits of ${card}`,
      `Hide all but four digits: ${card}`,
    ]),
    `**** ${card.slice(-4)}`,
  );
}

export const TRANSFORMS: readonly Behaviour[] = [
  ...behaviours('arithmetic', {
    add,
    subtract,
    multiply,
    sum,
    percent,
    discount,
    age,
  }),
  ...behaviours('text', {
    hello,
    'last-name': lastName,
    'mail-address': mailAddress,
    upper,
    reverse,
    'count-letters': countLetters,
    slug,
    'date-format': dateFormat,
    initials,
  }),
  ...behaviours('arithmetic', { hours }, VARIED_REQUESTS),
  ...behaviours('text', { masked }, VARIED_REQUESTS),
];
