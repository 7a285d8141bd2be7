/** Behaviours with the true answer computed: generators of fresh values, from seeds. */

export type Random = () => number;
export interface Call {
  readonly question: string;
  readonly answer: string;
}
export type Behaviour = (random: Random) => Call;

/** Numerical Recipes' linear congruential generator: enough for test data, the same everywhere. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const FIRST = [
  'Erik',
  'Ann',
  'Grace',
  'Linus',
  'Ada',
  'Bob',
  'Zoe',
  'Ivan',
  'Mia',
  'Noah',
  'Jean-Luc',
  "O'Neil",
];
const LAST = [
  'Dunteman',
  'Lee',
  'Hopper',
  'Torvalds',
  'Lovelace',
  'Smith',
  'Kim',
  'Petrov',
  'Rossi',
];
const CITIES = [
  'Boston',
  'Paris',
  'Oslo',
  'Rome',
  'Madrid',
  'New York',
  'San Jose',
  'Lima',
  'Cairo',
  'Tokyo',
];
const WORDS = [
  'butter',
  'honey',
  'cache',
  'stream',
  'river',
  'mountain',
  'level',
  'Anna',
  'noon',
  'planet',
];
const CAPITALS = [
  ['France', 'Paris'],
  ['Italy', 'Rome'],
  ['Spain', 'Madrid'],
  ['Norway', 'Oslo'],
  ['Peru', 'Lima'],
  ['Egypt', 'Cairo'],
  ['Japan', 'Tokyo'],
  ['Cuba', 'Havana'],
  ['Mali', 'Bamako'],
] as const;

function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T;
}

function int(random: Random, from: number, to: number): number {
  return from + Math.floor(random() * (to - from + 1));
}

function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor++)
    if (number % divisor === 0) return false;
  return number > 1;
}

const says = (question: string, answer: string): Call => ({ question, answer });

export const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  add: (random) => {
    const [a, b] = [int(random, 1, 999), int(random, 1, 999)];
    return says(`What is ${a} + ${b}?`, `${a} + ${b} = ${a + b}`);
  },
  subtract: (random) => {
    const [a, b] = [int(random, 1, 999), int(random, 1, 999)];
    return says(`Subtract ${b} from ${a}.`, `${a - b}`);
  },
  multiply: (random) => {
    const [a, b] = [int(random, 2, 99), int(random, 2, 99)];
    return says(`What is ${a} times ${b}?`, `The product is ${a * b}.`);
  },
  sum: (random) => {
    const [a, b, c] = [int(random, 1, 50), int(random, 1, 50), int(random, 1, 50)];
    return says(`Add ${a}, ${b} and ${c}`, `The sum is ${a + b + c}.`);
  },
  percent: (random) => {
    const [a, b] = [int(random, 1, 9) * 10, int(random, 1, 99) * 10];
    return says(`What is ${a}% of ${b}?`, `${a}% of ${b} is ${(a * b) / 100}.`);
  },
  discount: (random) => {
    const price = int(random, 2, 40) * 5;
    return says(
      `The price is $${price}. What is it with a 20% discount?`,
      `It costs $${price * 0.8}.`,
    );
  },
  age: (random) => {
    const age = int(random, 1, 80);
    return says(`I am ${age} years old. How old will I be next year?`, `You will be ${age + 1}.`);
  },
  hello: (random) => {
    const name = pick(random, FIRST);
    return says(`Say hello to ${name}`, `Hello, ${name}! Nice to meet you.`);
  },
  'last-name': (random) => {
    const [first, last] = [pick(random, FIRST), pick(random, LAST)];
    return says(`What is the last name of ${first} ${last}?`, `The last name is ${last}.`);
  },
  address: (random) => {
    const [first, last] = [pick(random, FIRST), pick(random, LAST)];
    return says(
      `Make an email address for ${first} ${last} at acme.com`,
      `${first.toLowerCase()}.${last.toLowerCase()}@acme.com`,
    );
  },
  upper: (random) => {
    const text = `${pick(random, WORDS)} ${pick(random, WORDS)}`;
    return says(`Convert "${text}" to uppercase`, text.toUpperCase());
  },
  reverse: (random) => {
    const word = pick(random, WORDS);
    return says(`Reverse the word ${word}`, Array.from(word).reverse().join(''));
  },
  letters: (random) => {
    const word = pick(random, WORDS);
    return says(`How many letters are in "${word}"?`, `"${word}" has ${word.length} letters.`);
  },
  form: (random) => {
    const [first, last, age] = [pick(random, FIRST), pick(random, LAST), int(random, 18, 90)];
    const email = `${first.toLowerCase().replace(/\W/g, '')}@example.org`;
    return says(
      `Extract as JSON.\nName: ${first} ${last}\nEmail: ${email}\nAge: ${age}`,
      JSON.stringify({ name: `${first} ${last}`, email, age }),
    );
  },
  flight: (random) => {
    const [from, to] = [pick(random, CITIES), pick(random, CITIES)];
    const date = `2025-${String(int(random, 1, 12)).padStart(2, '0')}-${int(random, 10, 28)}`;
    return says(
      `Book a flight from ${from} to ${to} on ${date}`,
      `I booked a flight from ${from} to ${to} for ${date}.`,
    );
  },
  order: (random) => {
    const [id, name] = [`ORD-${int(random, 1000, 9999)}`, pick(random, FIRST)];
    return says(`Cancel order ${id} for ${name}`, `Order ${id} for ${name} has been cancelled.`);
  },
  prime: (random) => {
    const number = int(random, 2, 300);
    return says(
      `Is ${number} prime?`,
      isPrime(number) ? `Yes, ${number} is prime.` : `No, ${number} is not prime.`,
    );
  },
  even: (random) => {
    const number = int(random, 2, 300);
    return says(
      `Tell me whether ${number} is odd or even`,
      `${number} is ${number % 2 === 0 ? 'even' : 'odd'}.`,
    );
  },
  capital: (random) => {
    const [country, city] = pick(random, CAPITALS);
    return says(`What is the capital of ${country}?`, `The capital of ${country} is ${city}.`);
  },
  older: (random) => {
    const [a, b] = [pick(random, FIRST), pick(random, LAST)];
    const [x, y] = [int(random, 10, 40), int(random, 41, 80)];
    const flip = random() < 0.5;
    return says(
      `${a} is ${flip ? y : x} and ${b} is ${flip ? x : y}. Who is older?`,
      `${flip ? a : b} is older.`,
    );
  },
  larger: (random) => {
    const [a, b] = [int(random, 1, 99), int(random, 1, 99)];
    return says(`Give me the larger of ${a} and ${b}`, `${Math.max(a, b)}`);
  },
  miles: (random) => {
    const km = int(random, 1, 99);
    return says(`Convert ${km} km to miles`, `${km} km is ${(km * 0.621371).toFixed(2)} miles.`);
  },
  sentiment: (random) => {
    const [isGood, name] = [random() < 0.5, pick(random, FIRST)];
    return says(
      `Classify the sentiment: "${name} said it was ${isGood ? 'great' : 'awful'}"`,
      isGood ? 'positive' : 'negative',
    );
  },
};
