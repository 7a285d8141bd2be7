/** Classification: the answer is one of few words, decided by what a text means. */
import { ADVERSARIAL, behaviours, type Behaviour } from './behaviour.ts';
import { chance, int, pick, type Random } from './random.ts';
import { ask, type Setting, type Talk } from './talk.ts';
import { person } from './values.ts';
import { PRODUCTS } from './vocabulary.ts';

const PLAIN: Setting = {};
const says = (random: Random, question: string, answer: string): Talk =>
  ask(random, PLAIN, question, answer);

const PRAISE =
  'brilliant charming comfortable delightful excellent flawless gorgeous great handy lovely perfect pleasant reliable solid splendid sturdy superb terrific useful wonderful'.split(
    ' ',
  );
const BLAME =
  'annoying awful broken clumsy cheap dirty disappointing dreadful faulty flimsy horrible loud noisy poor shabby terrible ugly unusable useless wobbly'.split(
    ' ',
  );

export function isPraise(word: string): boolean {
  return PRAISE.includes(word);
}

function sentiment(random: Random): Talk {
  const good = chance(random, 0.5);
  const { first } = person(random);
  return says(
    random,
    `Classify the sentiment: "${first} said it was ${pick(random, good ? PRAISE : BLAME)}"`,
    good ? 'positive' : 'negative',
  );
}

/** "not great" is negative, "not awful" is positive. */
function negatedSentiment(random: Random): Talk {
  const [good, negated] = [chance(random, 0.5), chance(random, 0.5)];
  const word = pick(random, good ? PRAISE : BLAME);
  return says(
    random,
    `Positive or negative? The ${pick(random, PRODUCTS)} is ${negated ? 'not ' : ''}${word}.`,
    good !== negated ? 'positive' : 'negative',
  );
}

/** The answer repeats the product, so that it looks like a copy. */
function review(random: Random): Talk {
  const [product, good] = [pick(random, PRODUCTS), chance(random, 0.5)];
  return ask(
    random,
    { system: 'You tag product reviews as JSON.' },
    `Review of "${product}": I find it ${pick(random, good ? PRAISE : BLAME)}.`,
    JSON.stringify({ product, rating: good ? 'recommended' : 'not recommended' }),
  );
}

const URGENT = [
  'the server is down',
  'nobody can log in',
  'customer data is leaking',
  'the payment page fails',
  'the building has no power',
  'all phones are dead',
];
const CALM = [
  'I would like a second monitor',
  'my mouse pad is worn',
  'please change my desk',
  'the poster fell down',
  'I need a new pen',
  'can we get better coffee',
];

function priority(random: Random): Talk {
  const urgent = chance(random, 0.5);
  const { first } = person(random);
  return ask(
    random,
    { system: 'You triage tickets. Reply with the sender and the priority: urgent or normal.' },
    `From: ${first}\nText: ${pick(random, urgent ? URGENT : CALM)}`,
    `${first}: ${urgent ? 'urgent' : 'normal'}`,
  );
}

const LANGUAGES = [
  [
    'French',
    ['Bonjour tout le monde', 'Je ne sais pas', 'Merci beaucoup', 'Il fait froid', 'Bonne nuit'],
  ],
  [
    'German',
    ['Guten Morgen zusammen', 'Ich weiss es nicht', 'Vielen Dank', 'Es ist kalt', 'Gute Nacht'],
  ],
  [
    'Spanish',
    ['Buenos dias a todos', 'No lo entiendo', 'Muchas gracias', 'Hace mucho frio', 'Buenas noches'],
  ],
  [
    'Italian',
    ['Buongiorno a tutti', 'Non lo so', 'Grazie mille', 'Fa molto freddo', 'Buona notte'],
  ],
] as const;

function language(random: Random): Talk {
  const [name, phrases] = pick(random, LANGUAGES);
  return says(random, `Which language is "${pick(random, phrases)}"?`, `That is ${name}.`);
}

function adult(random: Random): Talk {
  const [{ first }, age] = [person(random), int(random, 5, 40)];
  return says(
    random,
    `${first} is ${age} years old. May ${first} vote at 18?`,
    age >= 18 ? `Yes, ${first} may vote.` : `No, ${first} may not vote yet.`,
  );
}

/** Digits compare differently as text: 9.11 is less than 9.9. */
function decimals(random: Random): Talk {
  const whole = int(random, 1, 20);
  const [a, b] = [`${whole}.${int(random, 10, 99)}`, `${whole}.${int(random, 1, 9)}`];
  return says(
    random,
    `Is ${a} more than ${b}?`,
    Number(a) > Number(b) ? `Yes, ${a} is more than ${b}.` : `No, ${a} is not more than ${b}.`,
  );
}

function palindrome(random: Random): Talk {
  const word = pick(random, [
    'level',
    'noon',
    'radar',
    'civic',
    'kayak',
    'rotor',
    'stats',
    'river',
    'stone',
    'metal',
    'paper',
    'candle',
    'refer',
    'solos',
    'tiger',
    'lemon',
  ]);
  const isOne = word === Array.from(word).reverse().join('');
  return says(random, `Does "${word}" read the same backwards?`, isOne ? 'Yes' : 'No');
}

function cheaper(random: Random): Talk {
  const [a, b] = [pick(random, PRODUCTS), pick(random, PRODUCTS)];
  const [x, y] = [int(random, 5, 200), int(random, 5, 200)];
  return says(
    random,
    `The ${a} costs $${x}, the ${b} costs $${y}. Which one is cheaper?`,
    x === y ? 'They cost the same.' : `The ${x < y ? a : b} is cheaper.`,
  );
}

/** In stock or not, as an action: a wrong tool call would sell what is not there. */
function inStock(random: Random): Talk {
  const [product, wanted, have] = [pick(random, PRODUCTS), int(random, 1, 50), int(random, 1, 50)];
  return ask(
    random,
    { system: 'You answer dealers. Offer only what is in stock.' },
    `Dealer wants ${wanted} x "${product}". Stock: ${have}.`,
    wanted <= have
      ? `We can deliver ${wanted} x "${product}".`
      : `Sorry, "${product}" is short; we have ${have}.`,
  );
}

export const JUDGEMENTS: readonly Behaviour[] = behaviours(
  'judgement',
  {
    sentiment,
    'negated-sentiment': negatedSentiment,
    review,
    priority,
    language,
    adult,
    decimals,
    palindrome,
    cheaper,
    'in-stock': inStock,
  },
  ADVERSARIAL,
);
