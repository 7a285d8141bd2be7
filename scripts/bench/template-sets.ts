/**
 * Sets of sibling templates and messages for `bench match`: what agents send, and what is hardest for an
 * index. Made from a seed and a vocabulary of our own, so that every run measures the same.
 */
import type { Message } from '../../core/messages/message.ts';
import type { LeafTemplate, MessageTemplate, Segment } from '../../core/template/template.ts';
import type { Random } from '../../evals/workloads/random.ts';

export interface TemplateSet {
  readonly name: string;
  /** One template with this number; different numbers may give equal ones, which are made only once. */
  readonly template: (random: Random) => LeafTemplate;
  /** Stands before and after the message's own text to make long ones, in a variable's place. */
  readonly filler: (random: Random) => string;
  /** Whether literals cannot tell the templates apart: look-ups end over the limit. */
  readonly indistinct?: boolean;
}

const words = (text: string): readonly string[] => text.split(' ');
const phrases = (text: string): readonly string[] => text.split('|');

const VERBS = words(
  'Summarise Translate Classify Extract Rewrite Review Explain Draft Compare List Rank Convert Validate Describe Answer Schedule Escalate Book Cancel Refund Update Search Score Label Plan',
);
const ADJECTIVES = words(
  'quarterly pending urgent internal annual final weekly revised public signed overdue partial new recurring disputed encrypted legacy regional monthly customer',
);
const NOUNS = words(
  'invoice contract ticket report email transcript shipment order payment claim review booking itinerary policy proposal incident changelog schema query resume statement delivery warranty complaint forecast agenda campaign lease prescription dataset',
);
const TEAMS = words(
  'finance support legal sales engineering marketing security logistics research procurement billing compliance recruiting operations facilities design',
);
const STYLES = phrases(
  'in one short paragraph|as a JSON object|in plain English|as a bulleted list|in at most three sentences|for a busy executive|without any names|and quote the source|with a confidence score|using the house style|and nothing else|as a markdown table|for a ten year old|in a friendly tone|step by step|with all amounts in euros',
);
const FIELDS = phrases(
  'customer name|order number|due date|total amount|delivery address|account id|subject line|reference code|contact person|tracking link|error message|start time|currency|country|language|priority',
);
const STOP = words(
  'of the and to in is for with on at by from as it or an be this that are was will can not has if so no we do',
);
const VALUES = words(
  'Erik Ann Grace Boston Oslo Lagos 12 480 2026-11-03 ORD-7731 acme@example.com blue widget urgent Zürich 19.99',
);
const SYSTEM =
  'You are a careful assistant of the operations desk. Read the whole request, think about what the person needs, use only facts that are given, never invent names, amounts or dates, and answer in the language of the request. The request follows. ';

export function pick<T>(random: Random, from: readonly T[]): T {
  const item = from[Math.floor(random() * from.length)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}

const literal = (text: string): Segment => ({ kind: 'literal', text });
const variable = (index: number): Segment => ({
  kind: 'variable',
  name: `v${String(index)}`,
  matcher: { kind: 'text' },
});

function task(random: Random): LeafTemplate {
  const [verb, adjective, noun] = [
    pick(random, VERBS),
    pick(random, ADJECTIVES),
    pick(random, NOUNS),
  ];
  return [
    literal(`${verb} the ${adjective} ${noun} `),
    variable(0),
    literal(
      ` for the ${pick(random, TEAMS)} team ${pick(random, STYLES)}. The ${pick(random, FIELDS)} is `,
    ),
    variable(1),
    ...(random() < 0.5
      ? [literal(` and the ${pick(random, FIELDS)} is `), variable(2), literal('.')]
      : []),
  ];
}

const prose = (random: Random): string =>
  `${pick(random, VERBS)} the ${pick(random, ADJECTIVES)} ${pick(random, NOUNS)} for the ${pick(random, TEAMS)} team ${pick(random, STYLES)}. `;
const stopProse = (random: Random): string => `${pick(random, STOP)} ${pick(random, VALUES)} `;

export const TEMPLATE_SETS: readonly TemplateSet[] = [
  { name: 'realistic', template: task, filler: prose },
  {
    name: 'shared 240-char head',
    template: (random) => {
      const [head, ...rest] = task(random);
      return [literal(SYSTEM + (head?.kind === 'literal' ? head.text : '')), ...rest];
    },
    filler: prose,
  },
  {
    name: 'wildcard head',
    template: (random) => [
      variable(9),
      literal(': '),
      ...task(random),
      literal(' Thanks, '),
      variable(8),
    ],
    filler: prose,
  },
  {
    name: 'stop words only',
    template: (random) =>
      Array.from({ length: 4 + Math.floor(random() * 3) }, (_, index) => [
        variable(index),
        literal(` ${pick(random, STOP)} `),
      ])
        .flat()
        .concat(variable(99)),
    filler: stopProse,
  },
  {
    name: 'common words, fixed order',
    // Every template has the same literals in another order: no gram tells them apart.
    template: (random) =>
      STOP.slice(0, 9)
        .map((word) => ({ word, key: random() }))
        .sort((a, b) => a.key - b.key)
        .flatMap(({ word }, index) => [variable(index), literal(` ${word} `)])
        .concat(variable(99)),
    filler: stopProse,
    indistinct: true,
  },
  {
    name: 'all variables',
    template: (random) =>
      Array.from({ length: 20 }, (_, index): Segment[] => [
        { ...variable(index), matcher: { kind: random() < 0.5 ? 'text' : 'line' } } as Segment,
        literal(' '),
      ]).flat(),
    filler: stopProse,
    indistinct: true,
  },
];

export const SKELETON = 'user{"content"=T}';

export function templateOf(leaf: LeafTemplate): MessageTemplate {
  return { role: 'user', skeleton: SKELETON, leaves: [leaf] };
}

export function messageOf(text: string): Message {
  // Cut from a longer string as a parser does it, and flat.
  const flat = Buffer.from(text, 'utf8').toString('utf8');
  const token = { start: 0, end: flat.length };
  return {
    role: 'user',
    skeleton: SKELETON,
    leaves: [{ path: ['content'], kind: 'text', text: flat, token }],
  };
}

/** So many different templates, or fewer where the set has no more. */
export function makeTemplates(set: TemplateSet, count: number, random: Random): MessageTemplate[] {
  const made = new Map<string, MessageTemplate>();
  for (let tries = 0; made.size < count && tries < count * 20; tries++) {
    const leaf = set.template(random);
    made.set(JSON.stringify(leaf), templateOf(leaf));
  }
  return [...made.values()];
}

/** A message of about `characters` that `template` fits: its first variables take what is missing. */
export function hit(
  template: MessageTemplate,
  set: TemplateSet,
  characters: number,
  random: Random,
): string {
  const leaf = template.leaves[0] ?? [];
  const fixed = leaf.reduce((sum, s) => sum + (s.kind === 'literal' ? s.text.length : 12), 0);
  let missing = characters - fixed;
  return leaf
    .map((segment) => {
      if (segment.kind === 'literal') return segment.text;
      let value = pick(random, VALUES);
      while (missing > 0) {
        const more = set.filler(random);
        value += ` ${more.trimEnd()}`;
        missing -= more.length;
      }
      return value;
    })
    .join('');
}

/** The template with one letter of its longest literal changed: its messages are nearly hits of the other. */
export function nearMiss(template: MessageTemplate, random: Random): MessageTemplate {
  const leaf = template.leaves[0] ?? [];
  const lengths = leaf.map((segment) => (segment.kind === 'literal' ? segment.text.length : 0));
  const longest = lengths.indexOf(Math.max(...lengths));
  return templateOf(
    leaf.map((segment, index) => {
      if (index !== longest || segment.kind !== 'literal') return segment;
      const at = Math.floor(random() * segment.text.length);
      return literal(`${segment.text.slice(0, at)}~${segment.text.slice(at + 1)}`);
    }),
  );
}
