/** Drafting of e-mails from a few facts. */
import { behaviours, VARIED_ANSWERS, VARIED_REQUESTS, type Behaviour } from './behaviour.ts';
import { int, pick, type Random } from './random.ts';
import { ask, Talk, type Setting } from './talk.ts';
import { cents, clock, code, dollars, isoDate, person } from './values.ts';
import { COMPANIES, GIFTS, PRODUCTS, TOPICS } from './vocabulary.ts';

const WRITER: Setting = {
  system:
    'You draft short business e-mails. Begin with a subject line. Be polite and plain; invent nothing.',
  parameters: { temperature: 0.3 },
};

function thanks(random: Random): Talk {
  const [{ first }, gift] = [person(random), pick(random, GIFTS)];
  return ask(
    random,
    WRITER,
    `Write a thank-you e-mail to ${first} for the ${gift}.`,
    `Subject: Thank you\n\nDear ${first},\n\nThank you so much for the ${gift}. It was very kind of you.\n\nBest wishes`,
  );
}

function meeting(random: Random): Talk {
  const { first } = person(random);
  const [topic, date, time] = [pick(random, TOPICS), isoDate(random), clock(random)];
  return ask(
    random,
    WRITER,
    `Invite to a meeting.\nTo: ${first}\nTopic: ${topic}\nDate: ${date}\nTime: ${time}`,
    `Subject: Meeting about the ${topic}\n\nDear ${first},\n\nI would like to discuss the ${topic} with you on ${date} at ${time}. ` +
      `Please let me know if this suits you.\n\nKind regards`,
  );
}

function reminder(random: Random): Talk {
  const { name } = person(random);
  const [invoice, due] = [code(random, 'INV', 6), isoDate(random)];
  const amount = dollars(cents(random, 20, 5000));
  return ask(
    random,
    WRITER,
    `Remind ${name} that invoice ${invoice} over $${amount} was due on ${due}.`,
    `Subject: Reminder: invoice ${invoice}\n\nDear ${name},\n\nThis is a friendly reminder that invoice ${invoice} over $${amount} was due on ${due}. ` +
      `If you have already paid, please ignore this message.\n\nKind regards`,
  );
}

function welcome(random: Random): Talk {
  const [{ first }, company] = [person(random), pick(random, COMPANIES)];
  return ask(
    random,
    WRITER,
    `Write a welcome e-mail for our new customer ${first}. Our company is "${company}".`,
    `Subject: Welcome to ${company}\n\nHello ${first},\n\nWelcome to ${company}! We are glad that you chose us. ` +
      `If you have any questions, just reply to this message.\n\nYour ${company} team`,
  );
}

function delay(random: Random): Talk {
  const { first } = person(random);
  const [order, date] = [code(random, 'ORD', 6), isoDate(random)];
  return ask(
    random,
    WRITER,
    pick(random, [
      `Apologise to ${first}: order ${order} is delayed until ${date}.`,
      `Order ${order} of ${first} will only arrive on ${date}. Write an apology.`,
      `Draft an apology to ${first} because ${order} arrives late, on ${date}`,
      `${first} has to wait for ${order} until ${date}, please write to say sorry.`,
    ]),
    `Subject: Delay of order ${order}\n\nDear ${first},\n\nWe are sorry that order ${order} is delayed. It will arrive on ${date}.\n\nKind regards`,
  );
}

function followUp(random: Random): Talk {
  const [{ first }, topic] = [person(random), pick(random, TOPICS)];
  const drafts = [
    `Subject: Following up on the ${topic}\n\nHi ${first},\n\nI wanted to follow up on the ${topic}. Is there any news?\n\nBest`,
    `Subject: The ${topic}\n\nHello ${first},\n\nDo you have an update on the ${topic}? I look forward to hearing from you.\n\nBest`,
    `Subject: Any news on the ${topic}?\n\nDear ${first},\n\nI hope you are well. Could you tell me where we stand with the ${topic}?\n\nMany thanks`,
  ];
  return new Talk(random, WRITER)
    .user(
      pick(random, [
        `Follow up with ${first} about the ${topic}.`,
        `Write to ${first} and ask for news on the ${topic}`,
        `I have not heard from ${first} about the ${topic}. Draft a follow-up.`,
        `Draft a short nudge to ${first} regarding the ${topic}.`,
      ]),
    )
    .answers(pick(random, drafts), drafts);
}

function quote(random: Random): Talk {
  const { first } = person(random);
  const [product, quantity, price] = [
    pick(random, PRODUCTS),
    int(random, 2, 90),
    int(random, 3, 80),
  ];
  const total = quantity * price;
  const drafts = [
    `Subject: Quotation\n\nDear ${first},\n\nWe offer ${quantity} units of the ${product} at $${price} each, $${total} in total.\n\nKind regards`,
    `Subject: Your quote\n\nHello ${first},\n\nThe price for ${quantity} x ${product} is $${total} ($${price} a piece).\n\nBest regards`,
  ];
  return new Talk(random, WRITER)
    .user(
      pick(random, [
        `Send ${first} a quote: "${product}", ${quantity} units at $${price}`,
        `Quote for ${first}: ${quantity} units of "${product}", $${price} each.`,
        `${first} asked what ${quantity} of our "${product}" cost. One is $${price}. Write the quote.`,
      ]),
    )
    .answers(pick(random, drafts), drafts);
}

export const EMAIL: readonly Behaviour[] = [
  ...behaviours('email', {
    'email-thanks': thanks,
    'email-meeting': meeting,
    'email-reminder': reminder,
    'email-welcome': welcome,
  }),
  ...behaviours('email', { 'email-delay': delay }, VARIED_REQUESTS),
  ...behaviours('email', { 'email-follow-up': followUp, 'email-quote': quote }, VARIED_ANSWERS),
];
