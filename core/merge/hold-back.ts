/**
 * Some siblings teach, the others are predicted: right predictions are the confirmations that a merged answer starts
 * with, after a wrong one it stays out (DESIGN §11.10). The nodes themselves are learned from all siblings, so a
 * prediction counts only if what was learned from some says the same.
 */
import { initialEvidence, judge, type Values } from '../induction/evidence.ts';
import type { Bindings } from '../template/template.ts';
import type { Evidence, NodeState } from '../tree/node.ts';
import { predict, readRequests, type BuiltBranch, type BuiltTurn } from './build-turn.ts';
import { namesUsed } from './learn.ts';
import type { Row } from './rows.ts';
import { isAnswered, type Sibling } from './sibling.ts';

/** Of the siblings these shares teach, each for itself: what is rare is only learned from more of them. */
const TAUGHT_SHARES = [0.4, 0.6];
/** Fewer teach too little to be worth holding others back. */
const TAUGHT_MIN = 6;

/** What the siblings that taught predict for the others. */
interface Trial {
  /** Claim (see `claimOf`) → the siblings that it answers rightly. */
  readonly right: ReadonlyMap<string, ReadonlySet<Sibling>>;
  /** Claims that answer a sibling otherwise than it was answered. */
  readonly wrong: ReadonlySet<string>;
}

export type Trials = readonly Trial[];

/**
 * Tries what parts of the row become: `learn`. Lines are in the order of ids, which are hashes: any part is a fair one.
 * `built`: what all of the row became; no more is tried than it takes to try all that it claims.
 */
export function holdBack(
  row: Row,
  siblings: readonly Sibling[],
  { built, learn }: { built: readonly BuiltTurn[]; learn: (part: Row) => readonly BuiltTurn[] },
): Trials {
  const claims = built.flatMap((turn) => turn.branches.map(({ branch }) => claimOf(turn, branch)));
  const trials: Trial[] = [];
  for (const share of TAUGHT_SHARES) {
    const count = Math.max(TAUGHT_MIN, Math.ceil(row.lines.length * share));
    if (count >= row.lines.length) break;
    const held = row.lines.slice(count).flatMap(({ index }) => siblings[index] ?? []);
    const turns = learn({ ...row, lines: row.lines.slice(0, count) });
    trials.push(predictAll(turns, held));
    if (claims.every((claim) => trialOf(trials, claim) !== undefined)) break;
  }
  return trials;
}

function predictAll(turns: readonly BuiltTurn[], held: readonly Sibling[]): Trial {
  const right = new Map<string, Set<Sibling>>();
  const wrong = new Set<string>();
  for (const turn of turns) {
    for (const { branch } of turn.branches) {
      const claim = claimOf(turn, branch);
      for (const sibling of held) {
        const bindings = readRequests(sibling, turn.requests);
        const outcome = bindings && predict(branch, sibling, bindings);
        if (outcome === 'wrong') wrong.add(claim);
        if (outcome === 'right') right.set(claim, (right.get(claim) ?? new Set()).add(sibling));
      }
    }
  }
  return { right, wrong };
}

/** The first trial in which the claim was made. */
function trialOf(trials: Trials, claim: string): Trial | undefined {
  return trials.find(({ right, wrong }) => right.has(claim) || wrong.has(claim));
}

/** Whether siblings that taught claimed the same and were wrong about one that was held back. */
export function isMispredicted(built: BuiltTurn, { branch }: BuiltBranch, trials: Trials): boolean {
  const claim = claimOf(built, branch);
  return trials.some(({ wrong }) => wrong.has(claim));
}

/**
 * What a branch says, whatever its variables are called and wherever exactly its guards draw the line: two parts of
 * the siblings that say the same have learned the same.
 */
function claimOf({ turn }: BuiltTurn, branch: BuiltBranch['branch']): string {
  const { explanation, guards } = branch;
  const used = new Set(namesUsed(branch));
  const renamed = new Map(explanation.derived.map(({ name }, index) => [name, `d${index}`]));
  const { pattern } = turn;
  for (const part of pattern.leaves.flat()) {
    const slot = part.kind === 'slot' ? pattern.slots[part.slot] : undefined;
    if (slot !== undefined && used.has(slot.name) && !slot.isKnown && !renamed.has(slot.name))
      renamed.set(slot.name, `s${renamed.size}`);
  }
  const programs = explanation.derived.map(({ derivation }) =>
    derivation.kind === 'programs' ? derivation.programs[0] : derivation,
  );
  const { leaves, skeleton } = explanation.template;
  return JSON.stringify({ skeleton, leaves, programs, guards }, (key, value: unknown) => {
    if (key === 'name' && typeof value === 'string') return renamed.get(value) ?? value;
    return key === 'number' || key === 'values' ? null : value;
  });
}

/** The evidence with which the answer of a branch starts; of one that nothing confirms, what was seen. */
export function evidenceOf(
  built: BuiltTurn,
  { branch, node, covered }: BuiltBranch,
  trials: Trials,
): { readonly evidence: Evidence; readonly state: NodeState } {
  const answered = [...covered].filter(([sibling]) => isAnswered(sibling));
  const claim = claimOf(built, branch);
  const right = trialOf(trials, claim)?.right.get(claim);
  const isConfirmation = (sibling: Sibling): boolean => right?.has(sibling) === true;
  const ordered = [
    ...answered.filter(([sibling]) => !isConfirmation(sibling)),
    ...answered.filter(([sibling]) => isConfirmation(sibling)),
  ];
  const [first] = ordered;
  if (first === undefined || node.answer === undefined)
    return { evidence: node.evidence, state: node.state };
  const names = freeNames(built, branch);
  const { required, reasons, classes } = node.evidence;
  let evidence = { ...initialEvidence(required, reasons, valuesOf(names, first[1])), classes };
  let state: NodeState = required === 0 ? 'serving' : 'probation';
  for (const [sibling, bindings] of ordered) {
    const values = valuesOf(names, bindings);
    const judged = judge(evidence, state, { verdict: 'agree', values });
    if (isConfirmation(sibling))
      ({ evidence, state } = { ...judged, evidence: { ...judged.evidence, classes } });
    else evidence = { ...judged.evidence, classes, confirmations: 0 };
  }
  return { evidence, state };
}

/** What is read off messages, here and above; a value that a guard holds to those that were seen is not free. */
function freeNames({ turn }: BuiltTurn, branch: BuiltBranch['branch']): readonly string[] {
  const { explanation, guards } = branch;
  const bound = new Set(explanation.derived.map(({ name }) => name));
  for (const { name, condition } of guards) if (condition.kind === 'one-of') bound.add(name);
  return turn.variables.map(({ name }) => name).filter((name) => !bound.has(name));
}

function valuesOf(names: readonly string[], bindings: Bindings): Values {
  return names.flatMap((name) => {
    const value = bindings.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
}
