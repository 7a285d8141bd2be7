/**
 * The `identify` suite: which stretches of a text are data, from the text alone. With --shared the rows are seen in
 * order first, without their slots, and each is then identified beside the others, as requests of one scope are.
 */
import path from 'node:path';
import { z } from 'zod';
import { proposeSpans } from '../adapters/recognisers/recognise.ts';
import type { Exchange } from '../core/induction/exchange.ts';
import { identify } from '../core/induction/identify.ts';
import { nameVariables } from '../core/induction/name.ts';
import type { Proposal } from '../core/induction/proposal.ts';
import { selectSpans } from '../core/induction/select.ts';
import type { Message } from '../core/messages/message.ts';
import { runEval } from './braintrust.ts';
import { readRows } from './jsonl.ts';
import { addCounts, countSpans, f1, precision, recall, type Slot } from './scorers/identify.ts';
import type { Suite, SuiteReport } from './suite.ts';

const CASES = path.join(import.meta.dirname, 'cases', 'identify.jsonl');

const slotSchema = z.object({
  name: z.string(),
  value: z.string(),
  start: z.number().int().nonnegative(),
  end: z.number().int().nonnegative(),
});
const rowSchema = z
  .object({ id: z.coerce.string(), text: z.string(), slots: z.array(slotSchema) })
  .refine(
    ({ text, slots }) => slots.every(({ start, end, value }) => text.slice(start, end) === value),
    'slots quote the text',
  );
type Row = z.infer<typeof rowSchema>;

const optionsSchema = z.object({
  data: z.string().default(CASES),
  inducer: z.literal('symbolic', 'the llm identifier needs whole exchanges, not bare texts'),
  shared: z.boolean().default(false),
});

/** Plain data, since Braintrust stores it. */
export interface IdentifyOutcome {
  readonly slots: readonly Slot[];
  readonly seconds: number;
}

export const identifySuite: Suite = {
  name: 'identify',
  description: 'stretches of texts that are data, judged on both of their ends',
  configure: (command) =>
    void command.option('--shared', 'see all the rows first: siblings show what varies'),
  run: async (given) => {
    const options = optionsSchema.safeParse(given);
    if (!options.success) throw new Error(z.prettifyError(options.error));
    const { data, shared } = options.data;
    const rows = await readRows(data, rowSchema);
    const seen = shared ? seeRows(rows.map(({ text }) => text)) : NOTHING;
    const outcomes = await runEval(
      {
        suite: 'identify',
        cases: rows.map((row, index) => ({
          id: `${index}:${row.id}`,
          input: row.text,
          expected: row.slots,
        })),
        task: (text) => identifyText(text, seen),
        scorers: {
          precision: ({ slots }, expected) => precision(countSpans(slots, expected)),
          recall: ({ slots }, expected) => recall(countSpans(slots, expected)),
          f1: ({ slots }, expected) => f1(countSpans(slots, expected)),
        },
      },
      process.env['BRAINTRUST_API_KEY'],
    );
    return reportOf(rows, outcomes);
  },
};

/** The texts of a scope and what libraries find in them. */
export interface SeenTexts {
  readonly exchanges: readonly Exchange[];
  readonly proposals: ReadonlyMap<string, readonly Proposal[]>;
}

const NOTHING: SeenTexts = { exchanges: [], proposals: new Map() };

/** Shows the rows in order, without their slots; the newest come first, as from the store. */
export function seeRows(texts: readonly string[]): SeenTexts {
  const distinct = [...new Set(texts)].toReversed();
  return {
    exchanges: distinct.map(exchangeOf),
    proposals: new Map(distinct.map((text) => [text, proposeSpans([requestOf(text)], 0)])),
  };
}

/** Identifies the data of one request text; `seen` are the texts of the scope, this one perhaps among them. */
export function identifyText(text: string, seen: SeenTexts): IdentifyOutcome {
  const startedAt = performance.now();
  const messages = [requestOf(text)];
  const { sources } = identify({
    messages,
    from: 0,
    bound: [],
    vouched: false,
    parameters: '',
    proposals: proposeSpans(messages, 0),
    others: seen.exchanges.filter(({ observation }) => observation.thread !== text),
    othersProposals: seen.proposals,
  });
  const spans = selectSpans(sources);
  const groups = nameVariables(spans, [], new Set());
  const slots = spans.map((span) => {
    const { start, end, value } = span;
    return {
      name: groups.find((group) => group.spans.includes(span))?.name ?? '',
      value,
      start,
      end,
    };
  });
  return { slots, seconds: (performance.now() - startedAt) / 1000 };
}

function requestOf(text: string): Message {
  const token = { start: 0, end: text.length };
  return {
    role: 'user',
    skeleton: 'content',
    leaves: [{ path: ['content'], kind: 'text', text, token }],
  };
}

/** Only its request counts here; nothing was answered. */
function exchangeOf(text: string): Exchange {
  const message = requestOf(text);
  const nothing: Message = { role: 'assistant', skeleton: '', leaves: [] };
  return {
    observation: {
      id: text,
      project: '',
      scope: '',
      thread: text,
      shape: '',
      messages: '[]',
      answer: { message: '{}', finishReason: 'stop', model: '', usage: undefined, extras: '{}' },
      bindings: [],
      induce: true,
      at: 0,
    },
    thread: { messages: [message], callIds: [] },
    answer: nothing,
    messages: [message],
    known: new Map(),
  };
}

function reportOf(rows: readonly Row[], outcomes: readonly IdentifyOutcome[]): SuiteReport {
  const lines = rows.map((row, index) => {
    const slots = outcomes[index]?.slots ?? [];
    return { row, slots, counts: countSpans(slots, row.slots) };
  });
  const counts = addCounts(lines.map((line) => line.counts));
  const seconds = outcomes.reduce((sum, outcome) => sum + outcome.seconds, 0);
  return {
    scores: {
      rows: rows.length,
      slots: counts.expected,
      found: counts.found,
      precision: rounded(precision(counts)),
      recall: rounded(recall(counts)),
      f1: rounded(f1(counts)),
      secondsTotal: rounded(seconds),
    },
    table: [
      ['row', 'f1', 'missed', 'too many', 'found'],
      ...lines.map((line) => [
        line.row.id,
        f1(line.counts).toFixed(2),
        shown(without(line.row.slots, line.slots)),
        shown(without(line.slots, line.row.slots)),
        line.slots.map(({ name, value }) => `${name}=${JSON.stringify(value)}`).join(' '),
      ]),
    ],
  };
}

function without(slots: readonly Slot[], others: readonly Slot[]): Slot[] {
  return slots.filter(
    (slot) => !others.some(({ start, end }) => start === slot.start && end === slot.end),
  );
}

function shown(slots: readonly Slot[]): string {
  return slots.map(({ value }) => JSON.stringify(value)).join(' ');
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
