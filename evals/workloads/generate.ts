/** A mixture of all behaviours: rows of replay (DESIGN §10) in shuffled order, the same for the same seed. */
import { AGENTS } from './agents.ts';
import type { Behaviour } from './behaviour.ts';
import { CODE } from './code-edits.ts';
import { CONTEXT } from './context.ts';
import { EMAIL } from './email.ts';
import { EXTRACTION } from './extraction.ts';
import { FORMS } from './forms.ts';
import { HALF_COPIES } from './half-copies.ts';
import { JUDGEMENTS } from './judgements.ts';
import { KNOWLEDGE } from './knowledge.ts';
import { LOOK_ALIKES } from './look-alikes.ts';
import { NOISE } from './noise.ts';
import { QUERIES } from './queries.ts';
import { createNamedRandom, shuffle } from './random.ts';
import { parseRows } from '../jsonl.ts';
import { replayRow, type ReplayRow } from '../rows.ts';
import type { Call } from './talk.ts';
import { TRANSFORMS } from './transforms.ts';

export const BEHAVIOURS: readonly Behaviour[] = [
  ...FORMS,
  ...AGENTS,
  ...EMAIL,
  ...EXTRACTION,
  ...QUERIES,
  ...CODE,
  ...CONTEXT,
  ...NOISE,
  ...TRANSFORMS,
  ...LOOK_ALIKES,
  ...KNOWLEDGE,
  ...JUDGEMENTS,
  ...HALF_COPIES,
];

/**
 * `calls` calls of each behaviour (a conversation is never cut, so up to its length more), interleaved
 * at random: conversations keep their own order, as traffic of many users does.
 */
export function generate(
  seed: number,
  calls: number,
  behaviours: readonly Behaviour[] = BEHAVIOURS,
): readonly ReplayRow[] {
  const conversations = behaviours.flatMap((behaviour) => conversationsOf(seed, calls, behaviour));
  const turns = conversations.flatMap((rows, index) => rows.map(() => index));
  const next = conversations.map(() => 0);
  const lines = shuffle(createNamedRandom(seed, 'order'), turns).flatMap((index) => {
    const turn = next[index] ?? 0;
    next[index] = turn + 1;
    return conversations[index]?.[turn] ?? [];
  });
  // Through the door that recordings come in by: what is generated is what a file would say.
  return parseRows(lines.join('\n'), replayRow, 'workloads');
}

function conversationsOf(seed: number, calls: number, behaviour: Behaviour): string[][] {
  const random = createNamedRandom(seed, behaviour.name);
  const conversations: string[][] = [];
  for (let made = 0; made < calls;) {
    const turns = behaviour.talk(random).calls;
    conversations.push(turns.map((turn) => lineOf(behaviour.name, turn)));
    made += turns.length;
  }
  return conversations;
}

function lineOf(behaviour: string, { request, response, alternatives }: Call): string {
  const more = alternatives.length === 0 ? {} : { alternatives };
  return JSON.stringify({ behaviour, request, response, ...more });
}
