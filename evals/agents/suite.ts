/**
 * `npm run eval -- agents`: trajectories of agents with tools. Some are stored; replayed they must be served turn by turn as
 * they were. Others are asked then: no call that writes may carry an argument that comes from nowhere.
 */
import { z } from 'zod';
import { runEval } from '../braintrust.ts';
import { recordedMessage, type ReplayRow } from '../rows.ts';
import { isSameAnswer } from '../same-answer.ts';
import { argumentsOf, Provenance, tokensOf } from '../scorers/agents.ts';
import type { Suite, SuiteReport } from '../suite.ts';
import { MemoryGhee } from '../workloads/evaluate.ts';
import type { Behaviour } from '../workloads/behaviour.ts';
import { turnsOf, withOtherIds, type Plan } from './rows.ts';
import { TRAJECTORIES, WRITING_TOOLS } from './trajectories.ts';

const optionsSchema = z.object({
  inducer: z.literal('symbolic', 'in memory there are no models'),
  seed: z.coerce.number().int(),
  stored: z.coerce.number().int().positive(),
  others: z.coerce.number().int().positive(),
});

export const agentsSuite: Suite = {
  name: 'agents',
  description:
    'trajectories with tools: served as stored, and nothing written that comes from nowhere',
  configure: (command) =>
    void command
      .option('--seed <n>', 'of the trajectories', '1')
      .option('--stored <n>', 'trajectories of each behaviour that are stored', '12')
      .option('--others <n>', 'trajectories of each behaviour that are asked afterwards', '12'),
  run: async (given) => {
    const parsed = optionsSchema.safeParse(given);
    if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
    const { seed, stored, others } = parsed.data;
    const outcomes = await runEval(
      {
        suite: 'agents',
        cases: TRAJECTORIES.map((behaviour) => ({
          id: behaviour.name,
          input: { behaviour: behaviour.name, seed, stored, others },
          expected: null,
        })),
        task: ({ behaviour }) => runBehaviour(named(behaviour), { seed, stored, others }),
        scorers: {
          identical: ({ identical, turns }) => identical / turns,
          founded: ({ unfounded }) => Number(unfounded === 0),
          rightWrites: ({ wrongWrites }) => Number(wrongWrites === 0),
        },
      },
      process.env['BRAINTRUST_API_KEY'],
    );
    return reportOf(outcomes);
  },
};

/** Errors: throws where there is none. */
export function named(name: string): Behaviour {
  const found = TRAJECTORIES.find((behaviour) => behaviour.name === name);
  if (found === undefined) throw new Error(`there are no trajectories named ${name}`);
  return found;
}

export interface AgentsOutcome {
  readonly behaviour: string;
  /** Turns of stored trajectories, and those of them that were served exactly as stored. */
  readonly turns: number;
  readonly identical: number;
  /** Turns of the others, and what was served of them. */
  readonly asked: number;
  readonly hits: number;
  readonly falseHits: number;
  /** Served messages that write. */
  readonly writes: number;
  /** Those with an argument that neither comes from the conversation nor is what the agent computed. */
  readonly unfounded: number;
  readonly wrongWrites: number;
}

/** Each behaviour has a tree of its own here; side by side they are in the workloads. */
export function runBehaviour(behaviour: Behaviour, plan: Plan): AgentsOutcome {
  const { stored, others } = turnsOf(behaviour, plan);
  const ghee = new MemoryGhee();
  const provenance = new Provenance();
  const learned = stored.map((row) => {
    const outcome = ghee.call(row);
    for (const each of argumentsOf(recordedMessage(row), WRITING_TOOLS)) provenance.store(each);
    // What a template served was never stored as it was recorded.
    return { row, said: outcome.kind === 'hit' ? outcome.served : recordedMessage(row) };
  });
  const identical = learned.filter(({ row, said }) => {
    const outcome = ghee.call(withOtherIds(row));
    return outcome.kind === 'hit' && isSameAnswer(outcome.served, said);
  });
  const counts = { asked: 0, hits: 0, falseHits: 0, writes: 0, unfounded: 0, wrongWrites: 0 };
  for (const row of others) {
    const outcome = ghee.call(row);
    counts.asked++;
    if (outcome.kind === 'hit') count(counts, { row, served: outcome.served, provenance });
    for (const each of argumentsOf(recordedMessage(row), WRITING_TOOLS)) provenance.store(each);
  }
  return {
    behaviour: behaviour.name,
    turns: learned.length,
    identical: identical.length,
    ...counts,
  };
}

type Counts = Record<'hits' | 'falseHits' | 'writes' | 'unfounded' | 'wrongWrites', number>;

function count(
  counts: Counts,
  hit: { readonly row: ReplayRow; readonly served: string; readonly provenance: Provenance },
): void {
  const { row, served, provenance } = hit;
  const isRight = isSameAnswer(served, recordedMessage(row), row.alternatives);
  counts.hits++;
  counts.falseHits += Number(!isRight);
  const written = argumentsOf(served, WRITING_TOOLS);
  if (written.length === 0) return;
  const conversation = new Set(tokensOf(JSON.stringify(row.request)));
  const computed = new Set(
    argumentsOf(recordedMessage(row), WRITING_TOOLS).map((each) => JSON.stringify(each)),
  );
  const isFounded = written.every(
    (each) => provenance.has(each, conversation) || computed.has(JSON.stringify(each)),
  );
  counts.writes++;
  counts.unfounded += Number(!isFounded);
  counts.wrongWrites += Number(!isRight);
}

const NUMBERS = [
  ...(['turns', 'identical', 'asked', 'hits', 'falseHits'] as const),
  ...(['writes', 'unfounded', 'wrongWrites'] as const),
];

function reportOf(outcomes: readonly AgentsOutcome[]): SuiteReport {
  const sums = NUMBERS.map((name) => [name, outcomes.reduce((sum, each) => sum + each[name], 0)]);
  const total = Object.fromEntries(sums) as Record<(typeof NUMBERS)[number], number>;
  const line = (name: string, of: typeof total): string[] => [
    name,
    ...NUMBERS.map((each) => String(of[each])),
  ];
  return {
    scores: {
      behaviours: outcomes.length,
      ...total,
      hitRate: total.hits / Math.max(1, total.asked),
      falseHitRate: total.falseHits / Math.max(1, total.hits),
    },
    table: [
      [
        '',
        'turns stored',
        'identical',
        'turns asked',
        'hits',
        'false',
        'writes',
        'unfounded',
        'wrong writes',
      ],
      ...outcomes.map((outcome) => line(outcome.behaviour, outcome)),
      line('all', total),
    ],
  };
}
