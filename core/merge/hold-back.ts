/**
 * Some siblings teach, the others are predicted: right predictions are the confirmations that a merged answer starts
 * with, a wrong one leaves it without any (DESIGN §11.10). The nodes themselves are learned from all siblings, so a
 * prediction counts only if what was learned from some says the same.
 */
import { initialEvidence, judge, type Values } from '../induction/evidence.ts';
import type { Bindings } from '../template/template.ts';
import type { Evidence, NodeState } from '../tree/node.ts';
import { predict, readRequests, type BuiltBranch, type BuiltTurn } from './build-turn.ts';
import { namesUsed } from './learn.ts';
import type { Row } from './rows.ts';
import { isAnswered, type Sibling } from './sibling.ts';

/** Of the siblings this share teaches first, and the rest is predicted. */
const TAUGHT_SHARE = 0.4;
/** Fewer teach too little to be worth holding others back. */
const TAUGHT_MIN = 6;

/** What the siblings that taught predict for the others. */
export interface Trials {
  readonly taught: ReadonlySet<Sibling>;
  /** Claim (see `claimOf`) → the siblings that it answers rightly. */
  readonly right: ReadonlyMap<string, ReadonlySet<Sibling>>;
  /** Claims that answer a sibling otherwise than it was answered. */
  readonly wrong: ReadonlySet<string>;
}

/** `learn`: what a part of the row becomes. Lines are in the order of ids, which are hashes: any part is a fair one. */
export function holdBack(
  row: Row,
  siblings: readonly Sibling[],
  learn: (part: Row) => readonly BuiltTurn[],
): Trials {
  const count = Math.max(TAUGHT_MIN, Math.ceil(row.lines.length * TAUGHT_SHARE));
  const at = (lines: Row['lines']): Sibling[] =>
    lines.flatMap(({ index }) => siblings[index] ?? []);
  const taught = row.lines.slice(0, count);
  const held = at(row.lines.slice(count));
  const built = held.length === 0 ? [] : learn({ ...row, lines: taught });
  const right = new Map<string, Set<Sibling>>();
  const wrong = new Set<string>();
  for (const turn of built) {
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
  return { taught: new Set(at(taught)), right, wrong };
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
  const isWrong = trials.wrong.has(claim);
  const right = trials.right.get(claim);
  const isConfirmation = (sibling: Sibling): boolean =>
    !isWrong && !trials.taught.has(sibling) && right?.has(sibling) === true;
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
    const judged = judge(evidence, state, 'agree', valuesOf(names, bindings));
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
