/** SQL from questions, and reports from figures. */
import { behaviours, VARIED_ANSWERS, VARIED_REQUESTS, type Behaviour } from './behaviour.ts';
import { int, pick, sample, type Random } from './random.ts';
import { ask, Talk, type Setting } from './talk.ts';
import { cents, code, dollars, isoDate, person } from './values.ts';
import { CITIES, DEPARTMENTS, PRODUCTS, TOPICS } from './vocabulary.ts';

const SQL: Setting = {
  system: `You translate questions to PostgreSQL. Reply with one statement.
Tables:
customers(id, name, city, email, created_at)
orders(id, customer_id, total, placed_at, status)
products(id, name, price, stock)
employees(id, name, department, salary)`,
  parameters: { temperature: 0 },
};

function customersIn(random: Random): Talk {
  const city = pick(random, CITIES);
  return ask(
    random,
    SQL,
    `Which customers live in ${city}?`,
    `SELECT name FROM customers WHERE city = '${city}';`,
  );
}

function ordersSince(random: Random): Talk {
  const [date, total] = [isoDate(random), int(random, 10, 900)];
  return ask(
    random,
    SQL,
    `List all orders since ${date} with a total of at least ${total}.`,
    `SELECT * FROM orders WHERE placed_at >= '${date}' AND total >= ${total};`,
  );
}

function setPrice(random: Random): Talk {
  const [product, price] = [pick(random, PRODUCTS), dollars(cents(random, 1, 400))];
  return ask(
    random,
    SQL,
    `Set the price of "${product}" to ${price}`,
    `UPDATE products SET price = ${price} WHERE name = '${product}';`,
  );
}

function headcount(random: Random): Talk {
  const department = pick(random, DEPARTMENTS);
  return ask(
    random,
    SQL,
    `How many employees does the ${department} department have?`,
    "```sql\nSELECT COUNT(*)\nFROM employees\nWHERE department = '" + department + "';\n```",
  );
}

function spentBy(random: Random): Talk {
  const { email } = person(random);
  return ask(
    random,
    SQL,
    pick(random, [
      `How much has ${email} spent in all?`,
      `Total of all orders by the customer ${email}`,
      `What did the customer with the address ${email} spend?`,
      `sum up the orders of ${email}`,
      `Give me the total spend for ${email}.`,
    ]),
    `SELECT SUM(o.total) FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.email = '${email}';`,
  );
}

function lowStock(random: Random): Talk {
  const level = int(random, 2, 500);
  const answers = [
    `SELECT name FROM products WHERE stock < ${level};`,
    `SELECT p.name FROM products AS p WHERE p.stock < ${level};`,
    `select name from products where stock < ${level}`,
  ];
  return new Talk(random, { ...SQL, parameters: { temperature: 1 } })
    .user(
      pick(random, [
        `Which products have a stock below ${level}?`,
        `Show products with fewer than ${level} in stock`,
        `products where we have less than ${level} left`,
      ]),
    )
    .answers(pick(random, answers), answers);
}

const REPORTER: Setting = {
  system: 'You write short reports in Markdown from the figures that you are given.',
  parameters: { temperature: 0.2 },
};

/** Three lines with amounts, their total below. */
function expenses(random: Random): Talk {
  const { name } = person(random);
  const [hotel, meals, taxi] = [int(random, 60, 900), int(random, 10, 200), int(random, 5, 120)];
  return ask(
    random,
    REPORTER,
    `Expense report for ${name}.\nHotel: ${hotel}\nMeals: ${meals}\nTaxi: ${taxi}`,
    `# Expenses of ${name}\n\n| Item | Amount |\n| --- | --- |\n| Hotel | ${hotel} |\n| Meals | ${meals} |\n| Taxi | ${taxi} |\n| **Total** | **${hotel + meals + taxi}** |`,
  );
}

function revenue(random: Random): Talk {
  const [product, units, price] = [pick(random, PRODUCTS), int(random, 2, 800), int(random, 2, 90)];
  return ask(
    random,
    REPORTER,
    `Product: ${product}\nUnits sold: ${units}\nUnit price: ${price}`,
    `## Sales of ${product}\n\n- Units: ${units}\n- Price: ${price}\n- Revenue: ${units * price}`,
  );
}

function status(random: Random): Talk {
  const { first } = person(random);
  const [done, next] = sample(random, TOPICS, 2) as [string, string];
  const id = code(random, 'PRJ', 4);
  return ask(
    random,
    REPORTER,
    `Weekly status.\nProject: ${id}\nOwner: ${first}\nDone: ${done}\nNext: ${next}`,
    `### ${id}, week report\n\n${first} finished the ${done}. The ${next} comes next.`,
  );
}

function change(random: Random): Talk {
  const [before, gain] = [int(random, 20, 900) * 10, int(random, 1, 60) * 10];
  const after = before + gain;
  const answers = [
    `Visits rose from ${before} to ${after}, a gain of ${gain}.`,
    `We went from ${before} to ${after} visits (+${gain}).`,
    `There were ${gain} more visits: ${after} after ${before}.`,
  ];
  return new Talk(random, REPORTER)
    .user(
      pick(random, [
        `One sentence: visits last month ${before}, this month ${after}.`,
        `Summarise in one sentence. Visits before: ${before}. Visits now: ${after}.`,
        `Visits went from ${before} to ${after}. Report that in one sentence.`,
      ]),
    )
    .answers(pick(random, answers), answers);
}

export const QUERIES: readonly Behaviour[] = [
  ...behaviours('sql', {
    'sql-customers-in': customersIn,
    'sql-orders-since': ordersSince,
    'sql-set-price': setPrice,
    'sql-headcount': headcount,
  }),
  ...behaviours('sql', { 'sql-spent-by': spentBy }, VARIED_REQUESTS),
  ...behaviours('sql', { 'sql-low-stock': lowStock }, VARIED_ANSWERS),
  ...behaviours('reports', {
    'report-expenses': expenses,
    'report-revenue': revenue,
    'report-status': status,
  }),
  ...behaviours('reports', { 'report-change': change }, VARIED_ANSWERS),
];
