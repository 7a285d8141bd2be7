/** Behaviours whose exact siblings a merge should turn into few templates, and some that it must not merge. */
import { int, pick, type Random } from '../../evals/workloads/random.ts';
import { CITIES, LAST_NAMES, FIRST_NAMES } from '../../evals/workloads/vocabulary.ts';
import type { Recorded } from './merge-in-memory.ts';

/** The calls of one conversation. */
export type Conversation = (random: Random) => Recorded[];

const asked = (content: string): { role: string; content: string } => ({ role: 'user', content });
const said = (content: string): { role: string; content: string } => ({
  role: 'assistant',
  content,
});

function simple(make: (random: Random) => readonly [string, string]): Conversation {
  return (random) => {
    const [question, answer] = make(random);
    return [{ messages: [asked(question)], answer: said(answer) }];
  };
}

/** Ids of calls are random, as they come from providers. */
function call(random: Random, name: string, input: unknown): { id: string; message: unknown } {
  const id = `call_${letters(random, 16)}`;
  const tool = { name, arguments: JSON.stringify(input) };
  const calls = [{ id, type: 'function', function: tool }];
  return { id, message: { role: 'assistant', content: null, tool_calls: calls } };
}

interface ToolTalk {
  readonly question: string;
  readonly tool: string;
  readonly input: unknown;
  readonly result: unknown;
  readonly answer: string;
}

function withTool(make: (random: Random) => ToolTalk): Conversation {
  return (random) => {
    const { question, tool, input, result, answer } = make(random);
    const { id, message } = call(random, tool, input);
    const read = { role: 'tool', tool_call_id: id, content: JSON.stringify(result) };
    return [
      { messages: [asked(question)], answer: message },
      { messages: [asked(question), message, read], answer: said(answer) },
    ];
  };
}

const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz');
const DIGITS = Array.from('0123456789abcdef');

export function letters(random: Random, count: number): string {
  return Array.from({ length: count }, () => pick(random, LETTERS)).join('');
}

function word(random: Random): string {
  return letters(random, int(random, 4, 9));
}

function hex(random: Random, count: number): string {
  return Array.from({ length: count }, () => pick(random, DIGITS)).join('');
}

function uuid(random: Random): string {
  return [8, 4, 4, 4, 12].map((count) => hex(random, count)).join('-');
}

function capitalised(random: Random): string {
  const text = word(random);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function name(random: Random): string {
  return `${pick(random, FIRST_NAMES)} ${pick(random, LAST_NAMES)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function date(random: Random): { year: number; month: string; day: string } {
  return {
    year: int(random, 2000, 2030),
    month: two(int(random, 1, 12)),
    day: two(int(random, 1, 28)),
  };
}

/** Half of the values at or below the limit, so that both sides are seen. */
function aroundLimit(random: Random, limit: number): number {
  return random() < 0.5 ? int(random, 1, limit - 1) : int(random, limit, 3 * limit);
}

export const MERGEABLE: Readonly<Record<string, Conversation>> = {
  greet: simple((random) => {
    const who = name(random);
    return [`Say hello to ${who}.`, `Hello, ${who}!`];
  }),
  orders: simple((random) => {
    const who = capitalised(random);
    return [
      `Show all orders of customer "${who}" please`,
      `SELECT * FROM orders WHERE customer = "${who}";`,
    ];
  }),
  capitals: simple((random) => {
    const text = word(random);
    return [`Write the word ${text} in capital letters.`, text.toUpperCase()];
  }),
  reverse: simple((random) => {
    const text = word(random);
    return [`What is ${text} spelled backwards?`, Array.from(text).reverse().join('')];
  }),
  sum: simple((random) => {
    const [a, b] = [int(random, 2, 400), int(random, 2, 400)];
    return [`What is ${a} plus ${b}?`, `${a} plus ${b} is ${a + b}.`];
  }),
  price: simple((random) => {
    const [count, price] = [int(random, 2, 60), int(random, 3, 90)];
    return [
      `I take ${count} tickets at ${price} dollars each. What do I pay?`,
      `That makes ${count * price} dollars.`,
    ];
  }),
  domain: simple((random) => {
    const host = `${word(random)}.${pick(random, ['com', 'org', 'net'])}`;
    return [`Which host does the address ${word(random)}@${host} belong to?`, `It is ${host}`];
  }),
  ping: simple((random) => {
    const { year, month, day } = date(random);
    const time = `${two(int(random, 0, 23))}:${two(int(random, 0, 59))}:${two(int(random, 0, 59))}`;
    return [`[${year}-${month}-${day}T${time}Z] Are you still there?`, 'Still here.'];
  }),
  cancel: simple((random) => {
    const order = int(random, 10_000, 99_999);
    return [`trace=${uuid(random)} Cancel order ${order} now`, `Order ${order} is cancelled.`];
  }),
  transfer: simple((random) => {
    const [from, to] = [name(random), name(random)];
    const amount = int(random, 5, 900);
    return [
      `Transfer ${amount} euros from ${from} to ${to}`,
      `${to} receives ${amount} euros from ${from}.`,
    ];
  }),
  german: simple((random) => {
    const { year, month, day } = date(random);
    return [`How do Germans write ${year}-${month}-${day}?`, `${day}.${month}.${year}`];
  }),
  initials: simple((random) => {
    const [a, b] = [capitalised(random), capitalised(random)];
    return [`Give me the initials of the author ${a} ${b}`, `${a.charAt(0)}${b.charAt(0)}`];
  }),
  slug: simple((random) => {
    const words = [capitalised(random), word(random), word(random)];
    return [`Make a slug of "${words.join(' ')}"`, words.join('-').toLowerCase()];
  }),
  twice: simple((random) => {
    const text = word(random);
    return [`Repeat ${text} two times`, `${text} ${text}`];
  }),
  username: simple((random) => {
    const [a, b] = [capitalised(random), capitalised(random)];
    return [`Propose a user name for ${a} ${b}, who is new`, `${a}.${b}`.toLowerCase()];
  }),
  shipping: simple((random) => {
    const amount = aroundLimit(random, 50);
    return [
      `What does shipping of a cart of ${amount} euros cost?`,
      amount >= 50 ? `Shipping of ${amount} euros is free.` : 'It costs 5 euros.',
    ];
  }),
  priority: simple((random) => {
    const level = pick(random, ['low', 'normal', 'high', 'urgent']);
    const ticket = `T-${int(random, 1000, 9999)}`;
    return [
      `Ticket ${ticket} came in with priority ${level} today`,
      ['high', 'urgent'].includes(level)
        ? `Paging somebody for ${ticket}.`
        : `${ticket} is queued.`,
    ];
  }),
  book: (random) => {
    const [who, party, hour] = [name(random), int(random, 2, 12), int(random, 12, 22)];
    const time = `${hour}:${pick(random, ['00', '15', '30', '45'])}`;
    const question = `Book a table for ${party} people at ${time} under the name ${who}`;
    const { message } = call(random, 'book_table', { name: who, party, time });
    return [{ messages: [asked(question)], answer: message }];
  },
  mail: withTool((random) => {
    const user = word(random);
    const unread = random() < 0.3 ? 0 : int(random, 2, 80);
    return {
      question: `Look for new mail of the account ${user}.`,
      tool: 'count_unread',
      input: { account: user },
      result: { unread },
      answer: unread === 0 ? 'There is no new mail.' : `There are ${unread} new messages.`,
    };
  }),
  weather: withTool((random) => {
    const city = pick(random, CITIES);
    const [temperature, wind] = [int(random, -10, 38), int(random, 1, 90)];
    return {
      question: `How is the weather in ${city} right now?`,
      tool: 'get_weather',
      input: { city },
      result: { temperature, wind, station: hex(random, 8) },
      answer: `Weather in ${city}: ${temperature} °C, wind ${wind} km/h`,
    };
  }),
};

/** Answers that no text explains, or only by chance. */
export const ADVERSARIAL: Readonly<Record<string, Conversation>> = {
  even: simple((random) => {
    const number = int(random, 1, 999);
    return [`Is ${number} an even number?`, number % 2 === 0 ? 'Yes.' : 'No.'];
  }),
  prime: simple((random) => {
    const number = int(random, 2, 999);
    return [`Is ${number} a prime number?`, isPrime(number) ? 'Yes.' : 'No.'];
  }),
  sentiment: simple((random) => {
    const mood = pick(random, ['loved', 'hated', 'adored', 'despised']);
    const good = mood === 'loved' || mood === 'adored';
    return [
      `Classify the review: I ${mood} the ${word(random)} of ${word(random)}`,
      good ? 'positive' : 'negative',
    ];
  }),
  larger: simple((random) => {
    const [a, b] = [int(random, 1, 999), int(random, 1, 999)];
    return [`Which one is larger, ${a} or ${b}?`, String(Math.max(a, b))];
  }),
  token: simple((random) => [
    `Generate a token for the service ${word(random)}`,
    letters(random, 12),
  ]),
  code: simple((random) => {
    const city = pick(random, CITIES);
    return [`What is the secret code of ${city}?`, String(hashOf(city) % 10_000)];
  }),
  population: simple((random) => {
    const isState = random() < 0.5;
    const place = isState
      ? pick(random, ['Texas', 'Ohio', 'Utah', 'Iowa', 'Maine', 'Nevada'])
      : pick(random, CITIES);
    const table = isState ? 'STATE' : 'CITY';
    return [
      `How many people live in ${place} today?`,
      `SELECT population FROM ${table} WHERE name = "${place}";`,
    ];
  }),
  swap: simple((random) => {
    const [a, b] = [word(random), word(random)];
    const isSwapped = random() < 0.5;
    return [`Put ${a} and ${b} in order`, isSwapped ? `${b}, ${a}` : `${a}, ${b}`];
  }),
};

function isPrime(number: number): boolean {
  for (let factor = 2; factor * factor <= number; factor++) if (number % factor === 0) return false;
  return true;
}

function hashOf(text: string): number {
  let hash = 7;
  for (const character of text) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return hash;
}

/** `count` different calls of a behaviour; a conversation is never cut, so it may be one more. */
export function callsOf(random: Random, talk: Conversation, count: number): Recorded[] {
  const seen = new Map<string, Recorded>();
  for (let tries = 0; seen.size < count && tries < count * 20; tries++) {
    const calls = talk(random);
    for (const one of calls) seen.set(JSON.stringify(one.messages), one);
  }
  return [...seen.values()];
}
