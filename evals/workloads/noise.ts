/** Prompts with parts that change from call to call and mean nothing: times, ids, markup, separators. */
import { behaviours, VARIED_ANSWERS, VARIED_REQUESTS, type Behaviour } from './behaviour.ts';
import { int, pick, type Random } from './random.ts';
import { ask, Talk, type Setting } from './talk.ts';
import { address, cents, code, dollars, hex, person, timestamp, uuid } from './values.ts';
import { CITIES, NOUNS, PRODUCTS, PROBLEMS } from './vocabulary.ts';

/** Frameworks put the time into the system prompt, and nothing in the answer depends on it. */
const dated = (random: Random, system: string): Setting => ({
  system: `${system}\nCurrent time: ${timestamp(random)}`,
});

function greeting(random: Random): Talk {
  const { first } = person(random);
  return ask(
    random,
    dated(random, 'You greet visitors.'),
    `Say hello to ${first}`,
    `Hello, ${first}! Nice to meet you.`,
  );
}

function requestId(random: Random): Talk {
  const [city, product] = [pick(random, CITIES), pick(random, PRODUCTS)];
  return ask(
    random,
    { system: 'You write one-line advertisements.' },
    `[request ${uuid(random)}] Advertise our "${product}" for customers in ${city}.`,
    `Hey ${city}! The ${product} you have been waiting for is here.`,
  );
}

/** Class names that a build tool makes anew with each release. */
function html(random: Random): Talk {
  const [product, price] = [pick(random, PRODUCTS), dollars(cents(random, 2, 900))];
  const [a, b] = [hex(random, 6), hex(random, 6)];
  return ask(
    random,
    { system: 'You read product pages. Reply with JSON.' },
    `<div class="card-${a}"><h2 class="t-${b}">${product}</h2><span class="p-${a}" data-price="${price}">$${price}</span></div>`,
    JSON.stringify({ name: product, price }),
  );
}

function trace(random: Random): Talk {
  const problem = pick(random, PROBLEMS);
  const ticket = code(random, 'TCK', 5);
  const system = 'You write the title of support tickets: the id, a dash, the problem.';
  return ask(
    random,
    { system },
    `trace_id=${hex(random, 32)} span_id=${hex(random, 16)} sampled=1\nticket: ${ticket}\nproblem: ${problem}`,
    `${ticket} - ${problem}`,
  );
}

function session(random: Random): Talk {
  const { name } = person(random);
  const { street, city } = address(random);
  return ask(
    random,
    { system: `You format addresses for labels.\n<session id="${uuid(random)}"/>` },
    `Name: ${name}\nStreet: ${street}\nCity: ${city}\n-- sent ${timestamp(random)}`,
    `${name}\n${street}\n${city.toUpperCase()}`,
  );
}

function separators(random: Random): Talk {
  const [first, second] = [pick(random, NOUNS), pick(random, NOUNS)];
  const line = pick(random, ['-', '=', '*', '#']).repeat(int(random, 8, 40));
  return ask(
    random,
    { system: 'You write titles for short stories about two things.' },
    `First: ${first}\n${line}\nSecond: ${second}\n${line}`,
    `The Story of the ${first} and the ${second}`,
  );
}

function mail(random: Random): Talk {
  const { name, email } = person(random);
  const product = pick(random, PRODUCTS);
  return ask(
    random,
    { system: 'You log incoming orders: who, and what.' },
    `Message-ID: <${hex(random, 20)}@mx${int(random, 1, 9)}.example>\nDate: ${timestamp(random)}\nFrom: ${name} <${email}>\n\n${pick(
      random,
      [
        `I would like to order one "${product}".`,
        `Please send me one "${product}", thanks.`,
        `One "${product}" for me please!`,
      ],
    )}`,
    `${name} (${email}) orders one ${product}.`,
  );
}

function chat(random: Random): Talk {
  const [{ first }, city] = [person(random), pick(random, CITIES)];
  const answers = [
    `Welcome to ${city}, ${first}!`,
    `${first}, welcome to ${city}!`,
    `Great to have you in ${city}, ${first}.`,
  ];
  return new Talk(random, dated(random, 'You welcome new citizens.'))
    .user(
      pick(random, [
        `Hi! I'm ${first} and I just moved to ${city}.`,
        `My name is ${first}, I am new in ${city}.`,
        `${first} here, newly arrived in ${city}`,
      ]),
    )
    .answers(pick(random, answers), answers);
}

export const NOISE: readonly Behaviour[] = [
  ...behaviours('noise', {
    'noise-greeting': greeting,
    'noise-request-id': requestId,
    'noise-html': html,
    'noise-trace': trace,
    'noise-session': session,
    'noise-separators': separators,
  }),
  ...behaviours('noise', { 'noise-mail': mail }, VARIED_REQUESTS),
  ...behaviours('noise', { 'noise-chat': chat }, VARIED_ANSWERS),
];
