/** Form filling: what a person wrote or what a profile says, into the fields of a form. */
import { behaviours, VARIED_REQUESTS, type Behaviour } from './behaviour.ts';
import { int, pick, type Random } from './random.ts';
import { ask, Talk, tool, type Setting } from './talk.ts';
import { address, clock, code, dollars, cents, isoDate, number, person, phone } from './values.ts';
import { COLOURS, COMPANIES, JOBS, PRODUCTS } from './vocabulary.ts';

const TO_JSON: Setting = {
  system: 'You turn registration text into JSON. Reply with the JSON object only.',
  parameters: { temperature: 0, response_format: { type: 'json_object' } },
};

const CRM: Setting = {
  system: 'You are the intake assistant of a CRM. Always file what the agent dictates with a tool.',
  tools: [
    tool('create_contact', 'Create a contact', {
      name: 'string',
      email: 'string',
      company: 'string',
    }),
    tool('create_lead', 'Create a sales lead', {
      contact: 'string',
      product: 'string',
      quantity: 'integer',
    }),
  ],
};

const BROWSER: Setting = {
  system:
    'You fill in web forms for the user, one field at a time, in the order of the page: full name, e-mail, phone. ' +
    'Submit at the end and report.',
  tools: [
    tool('fill', 'Type a value into the field with this CSS selector', {
      selector: 'string',
      value: 'string',
    }),
    tool('click', 'Click the element with this CSS selector', { selector: 'string' }),
  ],
};

function contact(random: Random): Talk {
  const { name, email } = person(random);
  const age = int(random, 18, 90);
  return ask(
    random,
    TO_JSON,
    `Extract as JSON.\nName: ${name}\nEmail: ${email}\nAge: ${age}`,
    JSON.stringify({ name, email, age }),
  );
}

function shipping(random: Random): Talk {
  const { name } = person(random);
  const { street, city, zip } = address(random);
  return ask(
    random,
    TO_JSON,
    `Ship to:\nRecipient: ${name}\nStreet: ${street}\nCity: ${city}\nZIP: ${zip}`,
    JSON.stringify({ recipient: name, address: { street, city, zip } }, null, 2),
  );
}

function reservation(random: Random): Talk {
  const { last } = person(random);
  const [guests, date, time] = [int(random, 2, 12), isoDate(random), clock(random)];
  return ask(
    random,
    TO_JSON,
    `Table for ${guests} on ${date} at ${time}, name ${last}.`,
    JSON.stringify({ guests, date, time, name: last }),
  );
}

function newContact(random: Random): Talk {
  const { name, email } = person(random);
  const company = pick(random, COMPANIES);
  return new Talk(random, CRM)
    .user(`New contact: ${name}, ${email}, works at ${company}`)
    .callsTools(['create_contact', { name, email, company }])
    .returns({ ok: true, id: number(random, 6) })
    .answers(`I have added ${name} from ${company} to your contacts.`);
}

function newLead(random: Random): Talk {
  const { name } = person(random);
  const [product, quantity] = [pick(random, PRODUCTS), int(random, 2, 400)];
  const asks = pick(random, [
    `Log a lead: ${name} wants ${quantity} units of "${product}"`,
    `${name} is interested in ${quantity} x "${product}", please file a lead.`,
    `Please create a lead for ${name}: "${product}", ${quantity} pieces.`,
    `lead from ${name}, product "${product}", quantity ${quantity}`,
  ]);
  return new Talk(random, CRM)
    .user(asks)
    .callsTools(['create_lead', { contact: name, product, quantity }]);
}

/** Four calls of tools and a closing sentence, each with the whole conversation so far. */
function webForm(random: Random): Talk {
  const { name, email } = person(random);
  const telephone = phone(random);
  return new Talk(random, BROWSER)
    .user(`Fill in the sign-up form.\nFull name: ${name}\nE-mail: ${email}\nPhone: ${telephone}`)
    .callsTools(['fill', { selector: '#full-name', value: name }])
    .returns('ok')
    .callsTools(['fill', { selector: '#email', value: email }])
    .returns('ok')
    .callsTools(['fill', { selector: '#phone', value: telephone }])
    .returns('ok')
    .callsTools(['click', { selector: 'button[type=submit]' }])
    .returns({ status: 'submitted', reference: code(random, 'SU', 6) })
    .answers(`The form for ${name} has been submitted.`);
}

function claim(random: Random): Talk {
  const { name } = person(random);
  const [policy, date] = [code(random, 'POL', 7), isoDate(random)];
  const damage = dollars(cents(random, 80, 9000));
  return ask(
    random,
    { system: 'Fill in the claim form. Use exactly the tags of the template.' },
    `Claimant: ${name}\nPolicy: ${policy}\nDate of loss: ${date}\nAmount: ${damage}`,
    `<claim policy="${policy}">\n  <claimant>${name}</claimant>\n  <loss date="${date}">${damage}</loss>\n</claim>`,
  );
}

function jobApplication(random: Random): Talk {
  const { first, last, email } = person(random);
  const [job, years] = [pick(random, JOBS), int(random, 1, 30)];
  const fields = { first_name: first, last_name: last, position: job, experience: years, email };
  return ask(
    random,
    TO_JSON,
    `My name is ${first} ${last}. I apply as ${job} and have ${years} years of experience. You can reach me at ${email}.`,
    JSON.stringify(fields),
  );
}

function vehicle(random: Random): Talk {
  const { name } = person(random);
  const colour = pick(random, COLOURS);
  const plate = `${pick(random, ['AB', 'KL', 'MX', 'TR', 'ZN'])} ${number(random, 4)}`;
  return ask(
    random,
    TO_JSON,
    pick(random, [
      `Register a ${colour} car with plate "${plate}" for ${name}.`,
      `Owner is ${name}, plate "${plate}", the car is ${colour}.`,
      `Vehicle registration\nowner: ${name}\nplate: "${plate}"\ncolour: ${colour}`,
      `Please register the ${colour} vehicle "${plate}". It belongs to ${name}.`,
      `${name} would like to register a car: "${plate}", ${colour}`,
    ]),
    JSON.stringify({ owner: name, plate, colour }),
  );
}

export const FORMS: readonly Behaviour[] = [
  ...behaviours('forms', {
    'form-contact': contact,
    'form-shipping': shipping,
    'form-reservation': reservation,
    'form-crm-contact': newContact,
    'form-web': webForm,
    'form-claim': claim,
    'form-application': jobApplication,
  }),
  ...behaviours('forms', { 'form-crm-lead': newLead, 'form-vehicle': vehicle }, VARIED_REQUESTS),
];
