/** Requests that look alike and differ: in a negation, a direction, a unit, an order, one off. */
import { ADVERSARIAL, behaviours, type Behaviour } from './behaviour.ts';
import { chance, int, pick, sample, shuffle, type Random } from './random.ts';
import { ask, Talk, tool, type Setting } from './talk.ts';
import { isoDate, person } from './values.ts';
import { CITIES, DEPARTMENTS, NOUNS, TOPICS } from './vocabulary.ts';

const BANK: Setting = {
  system: 'You move money between the customer accounts. Always use the tools.',
  tools: [
    tool('transfer', 'Move an amount', { from: 'string', to: 'string', amount: 'integer' }),
    tool('set_alert', 'Alert on a balance', {
      account: 'string',
      when: ['above', 'below'],
      amount: 'integer',
    }),
  ],
};

const HOME: Setting = {
  system: 'You control a smart home. Always use the tools.',
  tools: [
    tool('set_temperature', 'Set the heating', {
      room: 'string',
      degrees: 'number',
      unit: ['celsius', 'fahrenheit'],
    }),
    tool('set_permission', 'Who may open a door', {
      person: 'string',
      door: 'string',
      allowed: ['yes', 'no'],
    }),
    tool('set_timer', 'A timer', { seconds: 'integer' }),
  ],
};

const SQL: Setting = {
  system:
    'You translate questions to SQL. Tables: users(id, name, team, city, active), places(name, kind, population).',
  parameters: { temperature: 0 },
};

/** "From A to B" and "to B from A"; sometimes the other way round. */
function transfer(random: Random): Talk {
  const [from, to] = [person(random).first, person(random).first];
  const amount = int(random, 5, 900);
  return new Talk(random, BANK)
    .user(
      chance(random, 0.5)
        ? `Send ${amount} dollars from ${from} to ${to}.`
        : `Send ${amount} dollars to ${to} from ${from}.`,
    )
    .callsTools(['transfer', { from, to, amount }]);
}

/** Who pays whom is told by the verb alone. */
function owes(random: Random): Talk {
  const [a, b] = [person(random).first, person(random).first];
  const amount = int(random, 5, 900);
  const pays = chance(random, 0.5);
  return new Talk(random, BANK)
    .user(
      `${a} ${pays ? 'owes' : 'gets'} ${b} ${pays ? '' : 'to pay back '}${amount} dollars. Settle it.`,
    )
    .callsTools(['transfer', { from: pays ? a : b, to: pays ? b : a, amount }]);
}

function alert(random: Random): Talk {
  const [account, amount] = [person(random).first, int(random, 50, 5000)];
  const above = chance(random, 0.5);
  return new Talk(random, BANK)
    .user(
      `Alert me when the account of ${account} ${above ? 'exceeds' : 'drops below'} ${amount} dollars.`,
    )
    .callsTools(['set_alert', { account, when: above ? 'above' : 'below', amount }]);
}

function temperature(random: Random): Talk {
  const room = pick(random, [
    'kitchen',
    'bathroom',
    'bedroom',
    'office',
    'hall',
    'attic',
    'cellar',
  ]);
  const celsius = chance(random, 0.5);
  const degrees = celsius ? int(random, 15, 26) : int(random, 59, 79);
  return new Talk(random, HOME)
    .user(`Set the ${room} to ${degrees} ${celsius ? '°C' : '°F'}`)
    .callsTools(['set_temperature', { room, degrees, unit: celsius ? 'celsius' : 'fahrenheit' }]);
}

function permission(random: Random): Talk {
  const { first } = person(random);
  const door = pick(random, NOUNS);
  const allowed = chance(random, 0.5);
  return new Talk(random, HOME)
    .user(`${first} is ${allowed ? '' : 'not '}allowed to open the ${door} door.`)
    .callsTools(['set_permission', { person: first, door, allowed: allowed ? 'yes' : 'no' }]);
}

/** Minutes and seconds, both as plain numbers. */
function timer(random: Random): Talk {
  const count = int(random, 2, 59);
  const unit = pick(random, ['seconds', 'minutes', 'hours'] as const);
  const seconds = count * { seconds: 1, minutes: 60, hours: 3600 }[unit];
  return new Talk(random, HOME)
    .user(`Set a timer for ${count} ${unit}`)
    .callsTools(['set_timer', { seconds }]);
}

function activeUsers(random: Random): Talk {
  const city = pick(random, CITIES);
  const active = chance(random, 0.5);
  return ask(
    random,
    SQL,
    `Which users from ${city} are ${active ? '' : 'not '}active?`,
    `SELECT name FROM users WHERE city = '${city}' AND active = ${active};`,
  );
}

/** The same words for a city and a state: only knowledge of the world tells them apart. */
function population(random: Random): Talk {
  const states = [
    'Texas',
    'Ohio',
    'Utah',
    'Iowa',
    'Maine',
    'Nevada',
    'Oregon',
    'Kansas',
    'Idaho',
    'Alaska',
  ];
  const isState = chance(random, 0.5);
  const place = pick(random, isState ? states : CITIES);
  return ask(
    random,
    SQL,
    `What is the population of ${place}?`,
    `SELECT population FROM places WHERE kind = '${isState ? 'state' : 'city'}' AND name = '${place}';`,
  );
}

function sortOrder(random: Random): Talk {
  const team = pick(random, DEPARTMENTS);
  const newest = chance(random, 0.5);
  return ask(
    random,
    SQL,
    `List the users of team ${team}, ${newest ? 'newest' : 'oldest'} first.`,
    `SELECT name FROM users WHERE team = '${team}' ORDER BY id ${newest ? 'DESC' : 'ASC'};`,
  );
}

const PLAIN: Setting = {};
const says = (random: Random, question: string, answer: string): Talk =>
  ask(random, PLAIN, question, answer);

function inclusive(random: Random): Talk {
  const [from, length] = [int(random, 1, 60), int(random, 1, 40)];
  const counts = chance(random, 0.5);
  return says(
    random,
    `How many pages are there from ${from} to ${from + length}${counts ? '' : ' without the first and the last'}?`,
    String(counts ? length + 1 : length - 1),
  );
}

function nthItem(random: Random): Talk {
  const items = sample(random, NOUNS, 4);
  const [index, word] = pick(random, [
    [0, 'first'],
    [1, 'second'],
    [2, 'third'],
    [3, 'last'],
  ] as const);
  return says(random, `Take the ${word} of: ${items.join(', ')}`, items[index] ?? '');
}

function sorted(random: Random): Talk {
  const numbers = Array.from({ length: 3 }, () => int(random, 1, 99));
  return says(
    random,
    `Sort ascending: ${numbers.join(', ')}`,
    numbers.toSorted((a, b) => a - b).join(', '),
  );
}

function larger(random: Random): Talk {
  const [a, b] = [int(random, 1, 999), int(random, 1, 999)];
  const takesLarger = chance(random, 0.5);
  return says(
    random,
    `Give me the ${takesLarger ? 'larger' : 'smaller'} of ${a} and ${b}`,
    String(takesLarger ? Math.max(a, b) : Math.min(a, b)),
  );
}

function older(random: Random): Talk {
  const [a, b] = [person(random).first, person(random).last];
  const [x, y] = shuffle(random, [int(random, 10, 40), int(random, 41, 80)]) as [number, number];
  return says(random, `${a} is ${x} and ${b} is ${y}. Who is older?`, `${x > y ? a : b} is older.`);
}

/** The negation stands far from what it negates. */
function reply(random: Random): Talk {
  const [{ first }, topic] = [person(random), pick(random, TOPICS)];
  const accepts = chance(random, 0.5);
  return says(
    random,
    `Tell ${first} that I ${accepts ? 'will' : "won't"} join the call about the ${topic}.`,
    accepts
      ? `Hi ${first}, I will be on the call about the ${topic}.`
      : `Hi ${first}, I am afraid I cannot join the call about the ${topic}.`,
  );
}

function dayBefore(random: Random): Talk {
  const date = isoDate(random);
  const before = chance(random, 0.5);
  const shifted = new Date(Date.parse(date) + (before ? -1 : 1) * 86_400_000);
  return says(
    random,
    `Which date is the day ${before ? 'before' : 'after'} ${date}?`,
    shifted.toISOString().slice(0, 10),
  );
}

function rounding(random: Random): Talk {
  const value = int(random, 11, 989);
  return says(
    random,
    `Round ${value} to the nearest ten`,
    String(Math.floor((value + 5) / 10) * 10),
  );
}

/** Free from 50 dollars on: a formula that holds for half of the values. */
function shippingFee(random: Random): Talk {
  const total = int(random, 5, 95);
  return ask(
    random,
    {
      system:
        'Shipping costs 5 dollars below 50 dollars and nothing from 50 dollars on. Name the final amount.',
    },
    `My cart is ${total} dollars.`,
    `You pay ${total >= 50 ? total : total + 5} dollars.`,
  );
}

export const LOOK_ALIKES: readonly Behaviour[] = behaviours(
  'look-alikes',
  {
    'like-transfer': transfer,
    'like-owes': owes,
    'like-alert': alert,
    'like-temperature': temperature,
    'like-permission': permission,
    'like-timer': timer,
    'like-active': activeUsers,
    'like-population': population,
    'like-sort-order': sortOrder,
    'like-inclusive': inclusive,
    'like-nth': nthItem,
    'like-sorted': sorted,
    'like-larger': larger,
    'like-older': older,
    'like-reply': reply,
    'like-day-before': dayBefore,
    'like-rounding': rounding,
    'like-shipping': shippingFee,
  },
  ADVERSARIAL,
);
