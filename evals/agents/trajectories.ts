/**
 * Agents whose tools write. Their models put something into an argument that no text of the conversation holds, choose
 * between values that it does hold, or compute: what must not be repeated for another customer.
 */
import { behaviours, type Behaviour } from '../workloads/behaviour.ts';
import { AGENTS } from '../workloads/agents.ts';
import { int, pick, sample, type Random } from '../workloads/random.ts';
import { Talk, tool, type Setting } from '../workloads/talk.ts';
import { clock, code, day, digits, iso, letters, timestamp, uuid } from '../workloads/values.ts';
import { PROBLEMS, PRODUCTS } from '../workloads/vocabulary.ts';

/** Tools that change something, of these trajectories and of the workloads' agents. */
export const WRITING_TOOLS: ReadonlySet<string> = new Set([
  ...['charge_card', 'book_seat', 'ship_parcel', 'create_event', 'create_incident', 'transfer'],
  ...['order_refill', 'log_call', 'schedule_visit', 'close_ticket', 'pay_out', 'grant_discount'],
  ...['refund_order', 'cancel_order', 'escalate', 'change_flight', 'add_bag', 'reset_password'],
  ...['create_ticket', 'cancel_subscription', 'book_slot'],
]);

const BACK_OFFICE: Setting = {
  system:
    'You are the back office agent. Act with the tools, then say what you did in one sentence.',
  tools: [
    tool('charge_card', 'Charge a card once', {
      customer: 'string',
      amount: 'number',
      idempotency_key: 'string',
    }),
    tool('ship_parcel', 'Ship a parcel', { product: 'string', city: 'string', state: 'string' }),
    tool('transfer', 'Move money', {
      from: 'string',
      to: 'string',
      amount: 'number',
      memo: 'string',
    }),
    tool('order_refill', 'Order more of it', { product: 'string', quantity: 'integer' }),
    tool('log_call', 'Log a phone call', { customer: 'string', at: 'string' }),
    tool('pay_out', 'Pay a claim', { claim: 'string', amount: 'number' }),
    tool('grant_discount', 'Give a discount', { customer: 'string', percent: 'integer' }),
  ],
};

const PLANNER: Setting = {
  system: 'You plan visits and meetings. Use the tools.',
  tools: [
    tool('free_seats', 'Seats that are free', { booking: 'string' }),
    tool('book_seat', 'Book a seat', { booking: 'string', seat: 'string' }),
    tool('create_event', 'Put a meeting into the calendar', {
      title: 'string',
      city: 'string',
      time: 'string',
      timezone: 'string',
    }),
    tool('schedule_visit', 'Plan a visit', { customer: 'string', date: 'string' }),
    tool('create_incident', 'Open an incident', { summary: 'string', priority: 'string' }),
    tool('find_tickets', 'Open tickets of a customer', { customer: 'string' }),
    tool('close_ticket', 'Close a ticket', { ticket: 'string' }),
  ],
};

const customer = (random: Random): string => code(random, 'CU', 6);
const amount = (random: Random): number => int(random, 100, 99_999) / 100;

/** The key is random: the model made it up. */
function chargeCard(random: Random): Talk {
  const [who, sum] = [customer(random), amount(random)];
  return new Talk(random, BACK_OFFICE)
    .user(`Charge ${sum} dollars to ${who}.`)
    .callsTools(['charge_card', { customer: who, amount: sum, idempotency_key: uuid(random) }])
    .returns({ ok: true })
    .answers(`${who} was charged ${sum} dollars.`);
}

const STATES = [
  ...(['Austin TX', 'Boise ID', 'Chicago IL', 'Denver CO', 'Fargo ND', 'Houston TX'] as const),
  ...(['Juneau AK', 'Miami FL', 'Newark NJ', 'Omaha NE', 'Portland OR', 'Reno NV'] as const),
  ...(['Seattle WA', 'Tampa FL', 'Tulsa OK', 'Tucson AZ', 'Wichita KS', 'Dallas TX'] as const),
].map((text) => ({ city: text.slice(0, -3), state: text.slice(-2) }));

/** The state is what only the world knows. */
function shipParcel(random: Random): Talk {
  const { city, state } = pick(random, STATES);
  const product = pick(random, PRODUCTS);
  return new Talk(random, BACK_OFFICE)
    .user(`Ship one ${product} to ${city}.`)
    .callsTools(['ship_parcel', { product, city, state }])
    .returns({ parcel: code(random, 'PX', 8) })
    .answers(`One ${product} is on its way to ${city}.`);
}

/** Memos are worded as the model pleases, and directions are told in either order. */
function transferMoney(random: Random): Talk {
  const [from, to] = [digits(random, 8), digits(random, 8)];
  const sum = amount(random);
  const memo = pick(random, [`Transfer of ${sum}`, `Sent to ${to}`, 'As agreed']);
  return new Talk(random, BACK_OFFICE)
    .user(
      pick(random, [
        `Move ${sum} dollars from ${from} to ${to}.`,
        `Move ${sum} dollars to ${to} from ${from}.`,
      ]),
    )
    .callsTools(['transfer', { from, to, amount: sum, memo }]);
}

/** How many, nobody said: some of this, more of that. */
function orderRefill(random: Random): Talk {
  const product = pick(random, PRODUCTS);
  const quantity = 1 + (PRODUCTS.indexOf(product) % 6);
  return new Talk(random, BACK_OFFICE)
    .user(`We are running low on ${product}.`)
    .callsTools(['order_refill', { product, quantity }])
    .returns({ ok: true })
    .answers(`I ordered ${quantity} more of ${product}.`);
}

/** The clock is no part of the conversation. */
function logCall(random: Random): Talk {
  const who = customer(random);
  return new Talk(random, BACK_OFFICE)
    .user(`${who} just called, please log it.`)
    .callsTools(['log_call', { customer: who, at: timestamp(random) }])
    .returns({ ok: true })
    .answers(`The call of ${who} is logged.`);
}

/** At most 500: the limit stands in no text. */
function payOut(random: Random): Talk {
  const claim = code(random, 'CL', 6);
  const sum = int(random, 50, 1500);
  return new Talk(random, BACK_OFFICE)
    .user(`Claim ${claim} asks for ${sum} dollars. Pay what is allowed.`)
    .callsTools(['pay_out', { claim, amount: Math.min(500, sum) }]);
}

/** By mood. */
function grantDiscount(random: Random): Talk {
  const who = customer(random);
  const [mood, percent] = pick(random, [
    ['furious', 20],
    ['annoyed', 10],
    ['a bit sad', 5],
  ] as const);
  return new Talk(random, BACK_OFFICE)
    .user(`${who} is ${mood} about the delay. Give a fitting discount.`)
    .callsTools(['grant_discount', { customer: who, percent }]);
}

/** One of several that a tool gave, at the model's choice. */
function bookSeat(random: Random): Talk {
  const booking = letters(random, 6);
  const seats = sample(random, ['2A', '7C', '11F', '14B', '19D', '23E', '28A', '31C'], 4);
  const seat = pick(random, seats);
  return new Talk(random, PLANNER)
    .user(`Any free seat for booking ${booking}, please.`)
    .callsTools(['free_seats', { booking }])
    .returns({ booking, free: seats })
    .callsTools(['book_seat', { booking, seat }])
    .returns({ ok: true })
    .answers(`Seat ${seat} is booked for ${booking}.`);
}

const ZONES = [
  ...[['Berlin', 'Europe/Berlin'] as const, ['Munich', 'Europe/Berlin'] as const],
  ...[['Lyon', 'Europe/Paris'] as const, ['Osaka', 'Asia/Tokyo'] as const],
  ...[['Leeds', 'Europe/London'] as const, ['Pune', 'Asia/Kolkata'] as const],
  ...[['Quito', 'America/Guayaquil'] as const, ['Porto', 'Europe/Lisbon'] as const],
  ...[['Perth', 'Australia/Perth'] as const, ['Turin', 'Europe/Rome'] as const],
];

function createEvent(random: Random): Talk {
  const [city, timezone] = pick(random, ZONES);
  const [title, time] = [`Review ${int(random, 10, 99)}`, clock(random)];
  return new Talk(random, PLANNER)
    .user(`Put "${title}" in ${city} at ${time} into the calendar.`)
    .callsTools(['create_event', { title, city, time, timezone }])
    .returns({ ok: true })
    .answers(`"${title}" is in the calendar for ${time}, ${city} time.`);
}

/** A week later: computable. */
function scheduleVisit(random: Random): Talk {
  const who = customer(random);
  const date = day(random);
  const later = new Date(Date.UTC(date.year, date.month - 1, date.day + 7));
  return new Talk(random, PLANNER)
    .user(`The repair at ${who} was on ${iso(date)}. Check on it a week later.`)
    .callsTools(['schedule_visit', { customer: who, date: later.toISOString().slice(0, 10) }]);
}

const PRIORITIES = ['low', 'high', 'urgent'] as const;

/** Judged from what happened. */
function createIncident(random: Random): Talk {
  const summary = pick(random, PROBLEMS);
  const priority = PRIORITIES[PROBLEMS.indexOf(summary) % PRIORITIES.length] ?? 'low';
  return new Talk(random, PLANNER)
    .user(`Open an incident: "${summary}"`)
    .callsTools(['create_incident', { summary, priority }]);
}

/** The one of two tickets that is about what the user says. */
function closeTicket(random: Random): Talk {
  const who = customer(random);
  const [about, other] = sample(random, PRODUCTS, 2) as [string, string];
  const [right, wrong] = [code(random, 'T', 5), code(random, 'T', 5)];
  const tickets = [
    { ticket: right, about },
    { ticket: wrong, about: other },
  ];
  return new Talk(random, PLANNER)
    .user(`${who}: the question about the ${about} is settled.`)
    .callsTools(['find_tickets', { customer: who }])
    .returns(int(random, 0, 1) === 0 ? tickets : tickets.toReversed())
    .callsTools(['close_ticket', { ticket: right }])
    .returns({ ok: true })
    .answers(`Ticket ${right} is closed.`);
}

export const TRAJECTORIES: readonly Behaviour[] = [
  ...AGENTS,
  ...behaviours('agents', {
    'hidden-key': chargeCard,
    'hidden-state': shipParcel,
    'hidden-memo': transferMoney,
    'hidden-quantity': orderRefill,
    'hidden-clock': logCall,
    'hidden-limit': payOut,
    'hidden-judgement': grantDiscount,
    'hidden-choice': bookSeat,
    'hidden-timezone': createEvent,
    'hidden-week': scheduleVisit,
    'hidden-priority': createIncident,
    'hidden-match': closeTicket,
  }),
];
