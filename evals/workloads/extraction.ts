/** Data extraction: JSON from running text, logs, tables and lists. */
import { behaviours, VARIED_ANSWERS, VARIED_REQUESTS, type Behaviour } from './behaviour.ts';
import { int, pick, type Random } from './random.ts';
import { ask, Talk, type Setting } from './talk.ts';
import {
  cents,
  clock,
  code,
  dollars,
  isoDate,
  number,
  person,
  phone,
  timestamp,
} from './values.ts';
import { CITIES, COMPANIES, JOBS, MODULES, PROBLEMS, PRODUCTS, TOPICS } from './vocabulary.ts';

const EXTRACTOR: Setting = {
  system:
    'Extract the data of the text as JSON. Use the keys of the schema that the task names and nothing else.',
  parameters: {
    temperature: 0,
    response_format: { type: 'json_object' },
  },
};

function invoice(random: Random): Talk {
  const [company, id, due] = [pick(random, COMPANIES), code(random, 'INV', 6), isoDate(random)];
  const total = cents(random, 20, 9000) / 100;
  return ask(
    random,
    EXTRACTOR,
    `Schema: invoice.\n\n"${company}" sent invoice ${id} over ${total} EUR. It is due on ${due}.`,
    JSON.stringify({ vendor: company, invoice: id, total, currency: 'EUR', due }, null, 2),
  );
}

function profile(random: Random): Talk {
  const { name } = person(random);
  const [job, company, city] = [pick(random, JOBS), pick(random, COMPANIES), pick(random, CITIES)];
  return ask(
    random,
    EXTRACTOR,
    `Schema: profile.\n\n${name} works as a ${job} at "${company}" in ${city}.`,
    JSON.stringify({ name, job, company, city }),
  );
}

function event(random: Random): Talk {
  const [topic, date, time, room] = [
    pick(random, TOPICS),
    isoDate(random),
    clock(random),
    int(random, 100, 480),
  ];
  return ask(
    random,
    EXTRACTOR,
    `Schema: event.\n\nThe session on "${topic}" takes place on ${date} at ${time} in room ${room}.`,
    JSON.stringify({ title: topic, start: `${date}T${time}`, room }),
  );
}

/** Two to four entries: lists grow and shrink. */
function directory(random: Random): Talk {
  const entries = Array.from({ length: int(random, 2, 4) }, () => ({
    name: person(random).name,
    phone: phone(random),
  }));
  const lines = entries.map((entry) => `- ${entry.name}: ${entry.phone}`);
  return ask(
    random,
    EXTRACTOR,
    `Schema: contacts.\n\n${lines.join('\n')}`,
    JSON.stringify({ contacts: entries }),
  );
}

function csvRow(random: Random): Talk {
  const [sku, product, quantity] = [
    code(random, 'SKU', 4),
    pick(random, PRODUCTS),
    int(random, 1, 900),
  ];
  const price = dollars(cents(random, 1, 300));
  return ask(
    random,
    EXTRACTOR,
    `Schema: item.\n\nsku;name;quantity;price\n${sku};${product};${quantity};${price}`,
    JSON.stringify({ sku, name: product, quantity, price: Number(price) }),
  );
}

function logLine(random: Random): Talk {
  const at = timestamp(random);
  const [level, service, message] = [
    pick(random, ['INFO', 'WARN', 'ERROR', 'DEBUG']),
    pick(random, MODULES),
    pick(random, PROBLEMS),
  ];
  const requestId = number(random, 7);
  return ask(
    random,
    EXTRACTOR,
    `Schema: log.\n\n${at} ${level} [${service}] request=${requestId} "${message}"`,
    '```json\n' +
      JSON.stringify({ at, level, service, request: requestId, message }, null, 2) +
      '\n```',
  );
}

function sale(random: Random): Talk {
  const { name } = person(random);
  const [product, quantity] = [pick(random, PRODUCTS), int(random, 2, 60)];
  return ask(
    random,
    EXTRACTOR,
    `Schema: sale.\n\n${pick(random, [
      `${name} bought ${quantity} units of "${product}".`,
      `We sold "${product}" to ${name}, quantity ${quantity}.`,
      `Customer ${name} ordered "${product}" (${quantity} pieces).`,
      `${quantity} x "${product}" went to ${name} today.`,
      `Sold: "${product}". Buyer: ${name}. Pieces: ${quantity}.`,
    ])}`,
    JSON.stringify({ customer: name, product, quantity }),
  );
}

/** The same data, sometimes with a remark before it, in two layouts. */
function shipment(random: Random): Talk {
  const [id, city, kilos] = [code(random, 'SHP', 6), pick(random, CITIES), int(random, 1, 900)];
  const data = { shipment: id, destination: city, kilos };
  const answers = [
    JSON.stringify(data),
    JSON.stringify(data, null, 2),
    '```json\n' + JSON.stringify(data, null, 2) + '\n```',
  ];
  return new Talk(random, { ...EXTRACTOR, parameters: { temperature: 1 } })
    .user(
      `Schema: shipment.\n\n${pick(random, [
        `Shipment ${id} goes to ${city} and weighs ${kilos} kg.`,
        `${id} (${kilos} kg) is bound for ${city}.`,
        `To ${city}: shipment ${id}, ${kilos} kg.`,
      ])}`,
    )
    .answers(pick(random, answers), answers);
}

export const EXTRACTION: readonly Behaviour[] = [
  ...behaviours('extraction', {
    'extract-invoice': invoice,
    'extract-profile': profile,
    'extract-event': event,
    'extract-directory': directory,
    'extract-csv': csvRow,
    'extract-log': logLine,
  }),
  ...behaviours('extraction', { 'extract-sale': sale }, VARIED_REQUESTS),
  ...behaviours('extraction', { 'extract-shipment': shipment }, VARIED_ANSWERS),
];
