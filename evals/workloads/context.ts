/** Long contexts of several KB, and conversations that come back to what was said earlier. */
import { behaviours, VARIED_ANSWERS, VARIED_REQUESTS, type Behaviour } from './behaviour.ts';
import { HANDBOOK, PASSAGES } from './passages.ts';
import { int, pick, sample, type Random } from './random.ts';
import { ask, Talk, tool, type Setting } from './talk.ts';
import { address, cents, clock, code, dollars, isoDate, number, person } from './values.ts';
import { CITIES, COLOURS, DEPARTMENTS, JOBS, PRODUCTS } from './vocabulary.ts';

const LIBRARIAN: Setting = {
  system:
    'Answer from the documents in the message only. One sentence. If they do not say it, answer "I do not know."',
  parameters: { temperature: 0 },
};

/** The same handbook with each call; only names and dates of the question flow into the answer. */
function leave(random: Random): Talk {
  const { name } = person(random);
  const [from, to] = [isoDate(random), isoDate(random)];
  return ask(
    random,
    { system: `You are the HR assistant. Company handbook:\n\n${HANDBOOK}` },
    `${name} wants parental leave from ${from} to ${to}. Which section applies? Write the note for the file.`,
    `Section 4.2 applies: ${name} has asked for parental leave from ${from} to ${to}; written notice of seven weeks is needed.`,
  );
}

/** Other passages surround the one that matters. */
function retrieved(random: Random): Talk {
  const { name } = person(random);
  const [extension, office] = [number(random, 4), int(random, 100, 480)];
  const record = `Directory: ${name} has extension ${extension} and sits in office ${office}.`;
  const documents = [...sample(random, PASSAGES, 4), record];
  return ask(
    random,
    LIBRARIAN,
    `Documents:\n${documents.map((text, index) => `[${index + 1}] ${text}`).join('\n\n')}\n\nQuestion: What is the extension of ${name}?`,
    `The extension of ${name} is ${extension}.`,
  );
}

/** A record of three dozen fields comes back from a tool; the answer needs two of them. */
function record(random: Random): Talk {
  const { name, email } = person(random);
  const employee = code(random, 'EMP', 5);
  const hired = isoDate(random);
  const { street, city, zip } = address(random);
  const badges = Array.from({ length: 12 }, () => ({
    badge: number(random, 7),
    door: `${pick(random, ['north', 'south', 'east', 'west'])} ${int(random, 1, 40)}`,
    until: isoDate(random),
  }));
  return new Talk(random, {
    system: 'You answer questions about employees. Use the tool.',
    tools: [tool('get_employee', 'The full record of an employee', { id: 'string' })],
  })
    .user(`Since when has employee ${employee} been with us?`)
    .callsTools(['get_employee', { id: employee }])
    .returns({
      id: employee,
      name,
      email,
      job: pick(random, JOBS),
      department: pick(random, DEPARTMENTS),
      hired,
      address: { street, city, zip },
      badges,
    })
    .answers(`${name} has been with us since ${hired}.`);
}

function contract(random: Random): Talk {
  const [tenant, landlord] = [person(random).name, person(random).name];
  const rent = int(random, 400, 3900);
  const [start, { street }] = [isoDate(random), address(random)];
  const text = `LEASE AGREEMENT\n\nLandlord: ${landlord}\nTenant: ${tenant}\nPremises: ${street}\nBegins: ${start}\nMonthly rent: ${rent} EUR\n\n${PASSAGES.slice(0, 6).join('\n\n')}`;
  return ask(
    random,
    LIBRARIAN,
    `${text}\n\nWho is the tenant and what is the rent?`,
    `The tenant is ${tenant} and the monthly rent is ${rent} EUR.`,
  );
}

function transcript(random: Random): Talk {
  const { first } = person(random);
  const [order, product] = [code(random, 'ORD', 6), pick(random, PRODUCTS)];
  const lines = [
    `Agent: Good morning, how can I help you?`,
    `Caller: Hello, this is ${first}. It is about order ${order}.`,
    `Agent: Thank you. One moment please while I open it. ${PASSAGES[7] ?? ''}`,
    `Caller: I understand. The "${product}" that I received does not work.`,
    `Agent: I am sorry to hear that. ${PASSAGES[8] ?? ''}`,
    `Caller: Fine. Then please send me a new one.`,
    `Agent: I will do that right away. ${PASSAGES[9] ?? ''}`,
  ];
  return ask(
    random,
    { system: 'You write the call log. One line: caller, order, request.' },
    `${lines.join('\n')}\n\nWrite the log line.`,
    `${first}; ${order}; replacement of "${product}"`,
  );
}

const COMPANION: Setting = { system: 'You are a helpful assistant. Keep answers short.' };

function recallName(random: Random): Talk {
  const [{ name }, city] = [person(random), pick(random, CITIES)];
  return new Talk(random, COMPANION)
    .user(`My name is ${name}.`)
    .answers(`Nice to meet you, ${name}!`)
    .user(`I live in ${city}.`)
    .answers(`${city} is good to know.`)
    .user('What is my name and where do I live?')
    .answers(`Your name is ${name} and you live in ${city}.`);
}

function recallCart(random: Random): Talk {
  const [first, second] = sample(random, PRODUCTS, 2) as [string, string];
  const [a, b] = [int(random, 2, 300), int(random, 2, 300)];
  return new Talk(random, { system: 'You keep a shopping cart in mind. Prices are in dollars.' })
    .user(`Add "${first}" for ${a} dollars.`)
    .answers(`Added "${first}" (${a} dollars).`)
    .user(`Add "${second}" for ${b} dollars.`)
    .answers(`Added "${second}" (${b} dollars).`)
    .user('What is the total?')
    .answers(`The total is ${a + b} dollars.`);
}

/** The second turn corrects the first: what counts in the end is the newer value. */
function recallCorrection(random: Random): Talk {
  const { last } = person(random);
  const [guests, corrected] = [int(random, 2, 6), int(random, 7, 14)];
  const [date, time] = [isoDate(random), clock(random)];
  return new Talk(random, { system: 'You take reservations for a restaurant.' })
    .user(`A table for ${guests} on ${date} at ${time} for ${last}, please.`)
    .answers(`I noted a table for ${guests} on ${date} at ${time}, name ${last}.`)
    .user(`Sorry, we will be ${corrected} people.`)
    .answers(`No problem, I changed it to ${corrected} people.`)
    .user('Please confirm the reservation.')
    .answers(`Confirmed: ${corrected} people on ${date} at ${time}, name ${last}.`);
}

function recallColour(random: Random): Talk {
  const [colour, { first }] = [pick(random, COLOURS), person(random)];
  return new Talk(random, COMPANION)
    .user(
      pick(random, [
        `I'm ${first} and my favourite colour is ${colour}.`,
        `Hi, ${first} here. I love the colour ${colour}!`,
        `Call me ${first}. The colour I like best is ${colour}.`,
      ]),
    )
    .answers(`Got it, ${first}: your favourite colour is ${colour}.`)
    .user(pick(random, ['Which colour do I like?', 'What was my favourite colour again?']))
    .answers(`Your favourite colour is ${colour}.`);
}

function recallBudget(random: Random): Talk {
  const amount = dollars(cents(random, 100, 9000));
  const notes = [
    `Noted: your budget is $${amount}.`,
    `I will keep the budget of $${amount} in mind.`,
  ];
  const answers = [`Your budget is $${amount}.`, `You told me $${amount}.`, `It is $${amount}.`];
  return new Talk(random, COMPANION)
    .user(pick(random, [`My budget is $${amount}.`, `I can spend $${amount}`]))
    .answers(pick(random, notes), notes)
    .user(pick(random, ['What is my budget?', 'How much can I spend?']))
    .answers(pick(random, answers), answers);
}

export const CONTEXT: readonly Behaviour[] = [
  ...behaviours('context', {
    'context-handbook': leave,
    'context-retrieved': retrieved,
    'context-record': record,
    'context-contract': contract,
    'context-transcript': transcript,
  }),
  ...behaviours('recall', {
    'recall-name': recallName,
    'recall-cart': recallCart,
    'recall-correction': recallCorrection,
  }),
  ...behaviours('recall', { 'recall-colour': recallColour }, VARIED_REQUESTS),
  ...behaviours('recall', { 'recall-budget': recallBudget }, VARIED_ANSWERS),
];
