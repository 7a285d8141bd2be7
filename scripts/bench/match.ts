/**
 * `npm run bench -- match`: how fast the templates that fit a message are found among their siblings,
 * beside a naive scan in the same run. "index" is the look-up alone, "full" includes matching what it found.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Message } from '../../core/messages/message.ts';
import { matchMessage } from '../../core/template/match.ts';
import type { Bindings, MessageTemplate } from '../../core/template/template.ts';
import { TemplateIndex } from '../../core/tree/template-index.ts';
import { createRandom } from '../../evals/workloads/random.ts';
import { measureAttack, measureConversation, quantile } from './match-walk.ts';
import {
  hit,
  makeTemplates,
  messageOf,
  nearMiss,
  pick,
  TEMPLATE_SETS,
  type TemplateSet,
} from './template-sets.ts';

const SIZES = [10, 100, 1_000, 10_000, 100_000];
const QUICK_SIZES = [10, 100, 1_000];
/** Long messages are measured at one size. */
const LONG_CHARACTERS = [4_000, 30_000];
const MESSAGES = 400;
const LONG_MESSAGES = 100;
/** What the naive scans of one row may take; a scan that is cut is reckoned from the part it did. */
const NAIVE_MS = 500;
/** Templates of which at least one scan is made, cut or not. */
const NAIVE_TEMPLATES_MIN = 100;
/** Small sets are built so many times that together they hold as many templates: memory is read in pages. */
const MEMORY_TEMPLATES_MIN = 20_000;
const SEED = 5;
const NOTHING_KNOWN: Bindings = new Map();

export interface Row {
  readonly set: string;
  readonly siblings: number;
  readonly characters: number;
  readonly kind: 'hit' | 'near-miss';
  readonly naiveP50Us: number;
  readonly indexP50Us: number;
  readonly fullP50Us: number;
  readonly fullP99Us: number;
  readonly lookupsPerSecond: number;
  readonly timesFasterThanNaive: number;
  readonly bytesPerTemplate: number;
  readonly addUs: number;
  readonly candidates: number;
  readonly matched: number;
  readonly overLimit: number;
}

export function benchMatch(options: { readonly quick: boolean; readonly json: boolean }): void {
  const sizes = options.quick ? QUICK_SIZES : SIZES;
  const longAt = options.quick ? 1_000 : 10_000;
  const rows: Row[] = [];
  console.log(HEADER);
  for (const set of TEMPLATE_SETS) {
    for (const siblings of sizes) {
      const built = build(set, siblings);
      if (built.templates.length < siblings) continue;
      for (const characters of siblings === longAt ? [0, ...LONG_CHARACTERS] : [0]) {
        for (const kind of ['hit', 'near-miss'] as const) {
          const row = measure(set, built, { characters, kind });
          rows.push(row);
          console.log(lineOf(row));
        }
      }
    }
  }
  const conversation = measureConversation(options.quick ? 100 : 1_000);
  console.log(
    `\na conversation of 40 messages, ${String(conversation.siblings)} siblings at each: ${us(conversation.p50Us)} µs p50, ${us(conversation.p99Us)} µs p99`,
  );
  const attack = measureAttack(options.quick ? 100 : 1_000);
  console.log(
    `"a a a … " of 1 to 60 KB against ${String(attack.siblings)} templates of many variables: ${us(attack.p50Us)} µs p50, ${us(attack.maxUs)} µs at most (${us(attack.indexMaxUs)} of them the index)`,
  );
  if (options.json) console.log(JSON.stringify({ rows, conversation, attack }));
}

interface Built {
  readonly templates: readonly MessageTemplate[];
  readonly index: TemplateIndex<number>;
  readonly bytesPerTemplate: number;
  readonly addUs: number;
}

function build(set: TemplateSet, siblings: number): Built {
  const templates = makeTemplates(set, siblings, createRandom(SEED));
  const copies = Math.ceil(MEMORY_TEMPLATES_MIN / templates.length);
  const before = memory();
  const startedAt = performance.now();
  const indexes = Array.from({ length: copies }, () => indexOf(templates));
  const added = templates.length * copies;
  const addUs = ((performance.now() - startedAt) * 1000) / added;
  const bytesPerTemplate = (memory() - before) / added;
  const index = indexes[0] ?? indexOf(templates);
  return { templates, index, bytesPerTemplate, addUs };
}

function indexOf(templates: readonly MessageTemplate[]): TemplateIndex<number> {
  const index = new TemplateIndex<number>();
  for (const [value, template] of templates.entries()) index.add(value, template);
  return index;
}

function measure(
  set: TemplateSet,
  { templates, index, bytesPerTemplate, addUs }: Built,
  { characters, kind }: Pick<Row, 'characters' | 'kind'>,
): Row {
  const random = createRandom(SEED + 1);
  const messages = Array.from({ length: characters === 0 ? MESSAGES : LONG_MESSAGES }, () => {
    const template = pick(random, templates);
    const filled = kind === 'hit' ? template : nearMiss(template, random);
    return messageOf(hit(filled, set, characters, random));
  });
  const full: number[] = [];
  const search: number[] = [];
  const total = { candidates: 0, matched: 0, overLimit: 0 };
  for (const message of messages) lookUp(templates, index, message);
  for (const message of messages) {
    const { searchUs, fullUs, found, matched } = lookUp(templates, index, message);
    search.push(searchUs);
    full.push(fullUs);
    if (found === 'over-limit') total.overLimit++;
    else total.candidates += found.length;
    if (matched > 0) total.matched++;
  }
  const naiveP50Us = naive(templates, messages);
  const fullP50Us = quantile(full, 0.5);
  const share = (count: number) => count / messages.length;
  return {
    set: set.name,
    siblings: templates.length,
    characters: Math.round(messages.reduce((sum, m) => sum + length(m), 0) / messages.length),
    kind,
    naiveP50Us,
    indexP50Us: quantile(search, 0.5),
    fullP50Us,
    fullP99Us: quantile(full, 0.99),
    lookupsPerSecond: Math.round((messages.length * 1e6) / full.reduce((sum, one) => sum + one, 0)),
    timesFasterThanNaive: naiveP50Us / fullP50Us,
    bytesPerTemplate: Math.round(bytesPerTemplate),
    addUs,
    candidates: share(total.candidates),
    matched: share(total.matched),
    overLimit: share(total.overLimit),
  };
}

function lookUp(
  templates: readonly MessageTemplate[],
  index: TemplateIndex<number>,
  message: Message,
) {
  const startedAt = performance.now();
  const found = index.find(message);
  const foundAt = performance.now();
  const candidates = found === 'over-limit' ? [] : found;
  let matched = 0;
  for (const value of candidates) {
    const template = templates[value];
    if (template !== undefined && matches(template, message)) matched++;
  }
  const endedAt = performance.now();
  return {
    searchUs: (foundAt - startedAt) * 1000,
    fullUs: (endedAt - startedAt) * 1000,
    found,
    matched,
  };
}

function naive(templates: readonly MessageTemplate[], messages: readonly Message[]): number {
  const times: number[] = [];
  const endAt = performance.now() + NAIVE_MS;
  for (const message of messages) {
    const startedAt = performance.now();
    let seen = 0;
    for (const template of templates) {
      if (seen >= NAIVE_TEMPLATES_MIN && performance.now() > endAt) break;
      matches(template, message);
      seen++;
    }
    times.push(((performance.now() - startedAt) * 1000 * templates.length) / seen);
    if (performance.now() > endAt) break;
  }
  return quantile(times, 0.5);
}

function matches(template: MessageTemplate, message: Message): boolean {
  return matchMessage(template, message, NOTHING_KNOWN).kind === 'match';
}

function length(message: Message): number {
  return message.leaves.reduce((sum, leaf) => sum + leaf.text.length, 0);
}

function memory(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let times = 0; times < 3; times++) collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const HEADER = [
  `${'set'.padEnd(26)}${'siblings'.padStart(9)}${'chars'.padStart(7)}  ${'kind'.padEnd(10)}`,
  ...['naive µs', 'index µs', 'full µs', 'p99 µs', '/s', 'x naive', 'B/templ', 'add µs', 'found'],
  ...['match', 'over'],
]
  .map((title, index) => (index === 0 ? title : title.padStart(9)))
  .join('');

function lineOf(row: Row): string {
  const cells = [
    ...[row.naiveP50Us, row.indexP50Us, row.fullP50Us, row.fullP99Us].map(us),
    String(row.lookupsPerSecond),
    us(row.timesFasterThanNaive),
    String(row.bytesPerTemplate),
    us(row.addUs),
    us(row.candidates),
    `${(row.matched * 100).toFixed(0)}%`,
    `${(row.overLimit * 100).toFixed(0)}%`,
  ];
  const head = `${row.set.padEnd(26)}${String(row.siblings).padStart(9)}${String(row.characters).padStart(7)}`;
  return `${head}  ${row.kind.padEnd(10)}${cells.map((cell) => cell.padStart(9)).join('')}`;
}

function us(value: number): string {
  return value.toFixed(value < 100 ? 1 : 0);
}
