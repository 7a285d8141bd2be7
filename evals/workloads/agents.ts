/** Customer service with tools: look something up, act, tell the customer. */
import {
  ADVERSARIAL,
  behaviours,
  VARIED_ANSWERS,
  VARIED_REQUESTS,
  type Behaviour,
} from './behaviour.ts';
import { int, pick, type Random } from './random.ts';
import { Talk, tool, type Setting } from './talk.ts';
import { cents, clock, code, dollars, isoDate, letters, number, person } from './values.ts';
import { CARRIERS, CITIES, DEPARTMENTS, PROBLEMS, PRODUCTS, WEATHER } from './vocabulary.ts';

const SHOP: Setting = {
  system:
    'You are the support agent of an online shop. Look orders up before you speak about them. ' +
    'Never promise what a tool has not confirmed. Amounts are in US dollars.',
  tools: [
    tool('get_order', 'Status and contents of an order', { order_id: 'string' }),
    tool('refund_order', 'Pay an amount back to the card of the order', {
      order_id: 'string',
      amount: 'number',
    }),
    tool('cancel_order', 'Cancel an order that has not been shipped', { order_id: 'string' }),
    tool('escalate', 'Hand over to a person', { order_id: 'string', reason: 'string' }),
  ],
};

const AIRLINE: Setting = {
  system:
    'You are the booking assistant of an airline. Use the tools; confirm changes in one sentence.',
  tools: [
    tool('change_flight', 'Move a booking to another day', { booking: 'string', date: 'string' }),
    tool('add_bag', 'Add checked bags to a booking', { booking: 'string', bags: 'integer' }),
  ],
};

const HELPDESK: Setting = {
  system: 'You are the IT help desk. Act with the tools and tell the employee what you did.',
  tools: [
    tool('reset_password', 'Send a link for a new password', { email: 'string' }),
    tool('create_ticket', 'Open a ticket', { department: 'string', description: 'string' }),
    tool('find_customer', 'Find a customer by e-mail address', { email: 'string' }),
    tool('cancel_subscription', 'End a subscription now', { customer_id: 'string' }),
  ],
};

const CITY: Setting = {
  system: 'You answer questions about a city with the tools. Keep it to one sentence.',
  tools: [
    tool('get_weather', 'Current weather', { city: 'string' }),
    tool('find_slot', 'Next free appointment', { name: 'string', date: 'string' }),
    tool('book_slot', 'Book an appointment', { name: 'string', date: 'string', time: 'string' }),
    tool('get_stock', 'Units in one warehouse', { warehouse: 'string', product: 'string' }),
  ],
};

const order = (random: Random): string => code(random, 'ORD', 6);

function orderStatus(random: Random): Talk {
  const id = order(random);
  const [carrier, eta] = [pick(random, CARRIERS), isoDate(random)];
  return new Talk(random, SHOP)
    .user(`Where is my order ${id}?`)
    .callsTools(['get_order', { order_id: id }])
    .returns({ order_id: id, status: 'shipped', carrier, eta })
    .answers(`Your order ${id} was shipped with ${carrier} and should arrive on ${eta}.`);
}

function orderStatusVaried(random: Random): Talk {
  const id = order(random);
  const [carrier, tracking] = [pick(random, CARRIERS), number(random, 10)];
  const wordings = [
    `Order ${id} is on its way with ${carrier}. The tracking number is ${tracking}.`,
    `Good news! ${carrier} has your order ${id}; you can follow it with ${tracking}.`,
    `I checked ${id}: it was handed to ${carrier} under tracking number ${tracking}.`,
  ];
  const talk = new Talk(random, SHOP)
    .user(
      pick(random, [
        `Can you track ${id} for me?`,
        `I need the tracking number of order ${id}`,
        `hi, what's the tracking for ${id}? thanks`,
        `Please give me the tracking info of my order ${id}.`,
      ]),
    )
    .callsTools(['get_order', { order_id: id }])
    .returns({ order_id: id, status: 'in transit', carrier, tracking: String(tracking) });
  return talk.answers(pick(random, wordings), wordings);
}

function refund(random: Random): Talk {
  const id = order(random);
  const amount = cents(random, 5, 400) / 100;
  const product = pick(random, PRODUCTS);
  return new Talk(random, SHOP)
    .user(`I returned everything from order ${id}. Please refund it.`)
    .callsTools(['get_order', { order_id: id }])
    .returns({ order_id: id, status: 'returned', items: [product], total: amount })
    .callsTools(['refund_order', { order_id: id, amount }])
    .returns({ ok: true })
    .answers(`I have refunded $${amount} for order ${id}.`);
}

/** What may be done depends on the status, which no text of the customer tells. */
function cancelByStatus(random: Random): Talk {
  const id = order(random);
  const status = pick(random, ['processing', 'shipped', 'delivered'] as const);
  const talk = new Talk(random, SHOP)
    .user(`Please cancel order ${id}.`)
    .callsTools(['get_order', { order_id: id }])
    .returns({ order_id: id, status });
  return status === 'processing'
    ? talk
        .callsTools(['cancel_order', { order_id: id }])
        .returns({ ok: true })
        .answers(`Order ${id} has been cancelled.`)
    : talk.answers(`Order ${id} is already ${status}, so I cannot cancel it.`);
}

/** Up to 100 dollars the agent pays; more needs a person. */
function refundByAmount(random: Random): Talk {
  const id = order(random);
  const amount = int(random, 10, 200);
  const talk = new Talk(random, {
    ...SHOP,
    system: `${SHOP.system ?? ''} Refunds of more than 100 dollars are decided by a person.`,
  }).user(`My order ${id} arrived broken. I want my ${amount} dollars back.`);
  return amount > 100
    ? talk.callsTools(['escalate', { order_id: id, reason: `refund of ${amount} dollars` }])
    : talk.callsTools(['refund_order', { order_id: id, amount }]);
}

function changeFlight(random: Random): Talk {
  const [booking, date, fee] = [letters(random, 6), isoDate(random), int(random, 2, 30) * 5];
  return new Talk(random, AIRLINE)
    .user(`Move my booking ${booking} to ${date}, please.`)
    .callsTools(['change_flight', { booking, date }])
    .returns({ booking, date, fee, currency: 'EUR' })
    .answers(`Booking ${booking} is now on ${date}. The change costs ${fee} EUR.`);
}

function addBags(random: Random): Talk {
  const [booking, bags] = [letters(random, 6), int(random, 2, 9)];
  return new Talk(random, AIRLINE)
    .user(
      pick(random, [
        `Add ${bags} bags to ${booking}`,
        `I'd like ${bags} more checked bags on booking ${booking}.`,
        `Booking ${booking}: please add ${bags} suitcases`,
        `For ${booking} we need ${bags} additional bags.`,
      ]),
    )
    .callsTools(['add_bag', { booking, bags }]);
}

function resetPassword(random: Random): Talk {
  const { email } = person(random);
  return new Talk(random, HELPDESK)
    .user(`I forgot my password. My e-mail address is ${email}.`)
    .callsTools(['reset_password', { email }])
    .returns({ sent: true })
    .answers(`I have sent a link for a new password to ${email}.`);
}

function ticket(random: Random): Talk {
  const [department, description] = [pick(random, DEPARTMENTS), pick(random, PROBLEMS)];
  const id = code(random, 'IT');
  return new Talk(random, HELPDESK)
    .user(`Open a ticket for ${department}: "${description}"`)
    .callsTools(['create_ticket', { department, description }])
    .returns({ ticket: id })
    .answers(`Ticket ${id} for ${department} is open.`);
}

/** The id of the second call was born in the result of the first. */
function cancelSubscription(random: Random): Talk {
  const { name, email } = person(random);
  const customer = `cus_${letters(random, 8).toLowerCase()}${int(random, 10, 99)}`;
  const ends = isoDate(random);
  return new Talk(random, HELPDESK)
    .user(`Cancel the subscription of ${email}.`)
    .callsTools(['find_customer', { email }])
    .returns({ customer_id: customer, name })
    .callsTools(['cancel_subscription', { customer_id: customer }])
    .returns({ ok: true, ends })
    .answers(`The subscription of ${name} is cancelled and ends on ${ends}.`);
}

function weather(random: Random): Talk {
  const [city, sky, degrees] = [pick(random, CITIES), pick(random, WEATHER), int(random, -12, 38)];
  return new Talk(random, CITY)
    .user(`What is the weather in ${city}?`)
    .callsTools(['get_weather', { city }])
    .returns({ temperature: degrees, conditions: sky })
    .answers(`It is ${degrees} °C in ${city} with ${sky}.`);
}

function weatherVaried(random: Random): Talk {
  const [city, humidity] = [pick(random, CITIES), int(random, 20, 98)];
  const wordings = [
    `The humidity in ${city} is ${humidity} %.`,
    `Right now, ${city} has a humidity of ${humidity} %.`,
    `Humidity in ${city}: ${humidity} %.`,
  ];
  return new Talk(random, CITY)
    .user(
      pick(random, [
        `How humid is it in ${city}?`,
        `Tell me the humidity in ${city}`,
        `What's the humidity like in ${city} at the moment?`,
        `I would like to know the humidity in ${city}.`,
      ]),
    )
    .callsTools(['get_weather', { city }])
    .returns({ humidity })
    .answers(pick(random, wordings), wordings);
}

function appointment(random: Random): Talk {
  const { name } = person(random);
  const [date, time] = [isoDate(random), clock(random)];
  return new Talk(random, CITY)
    .user(`I am ${name} and need a passport appointment on ${date}.`)
    .callsTools(['find_slot', { name, date }])
    .returns({ date, time, office: `Room ${int(random, 100, 420)}` })
    .callsTools(['book_slot', { name, date, time }])
    .returns({ ok: true })
    .answers(`Your appointment is on ${date} at ${time}.`);
}

/** Two calls at once, and a sum of their results. */
function stock(random: Random): Talk {
  const product = pick(random, PRODUCTS);
  const [north, south] = [int(random, 1, 500), int(random, 1, 500)];
  return new Talk(random, CITY)
    .user(`How many units of "${product}" do we have?`)
    .callsTools(
      ['get_stock', { warehouse: 'north', product }],
      ['get_stock', { warehouse: 'south', product }],
    )
    .returns({ units: north })
    .returns({ units: south })
    .answers(
      `We have ${north + south} units of ${product}: ${north} in the north and ${south} in the south.`,
    );
}

function balance(random: Random): Talk {
  const [account, amount] = [number(random, 8), dollars(cents(random, 10, 9000))];
  return new Talk(random, {
    system: 'You are the phone bank. Numbers are spoken exactly as the tool gives them.',
    tools: [tool('get_balance', 'Balance of an account', { account: 'string' })],
  })
    .user(`My account number is ${account}. What is my balance?`)
    .callsTools(['get_balance', { account: String(account) }])
    .returns({ account: String(account), balance: amount, currency: 'USD' })
    .answers(`The balance of account ${account} is ${amount} USD.`);
}

export const AGENTS: readonly Behaviour[] = [
  ...behaviours('agents', {
    'agent-order-status': orderStatus,
    'agent-refund': refund,
    'agent-change-flight': changeFlight,
    'agent-reset-password': resetPassword,
    'agent-ticket': ticket,
    'agent-cancel-subscription': cancelSubscription,
    'agent-weather': weather,
    'agent-appointment': appointment,
    'agent-stock': stock,
    'agent-balance': balance,
  }),
  ...behaviours('agents', { 'agent-add-bags': addBags }, VARIED_REQUESTS),
  ...behaviours(
    'agents',
    { 'agent-tracking': orderStatusVaried, 'agent-humidity': weatherVaried },
    VARIED_ANSWERS,
  ),
  ...behaviours(
    'agents',
    { 'agent-cancel-by-status': cancelByStatus, 'agent-refund-by-amount': refundByAmount },
    ADVERSARIAL,
  ),
];
