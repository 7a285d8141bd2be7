/**
 * Alike turns → one request template and the branches of its replies. Where something varies that nothing depends on
 * and that too few siblings show to be noise, the turns are split by its values.
 */
import { compare, parseDecimal } from '../decimal.ts';
import { NOISE_KINDS } from '../induction/noise.ts';
import { inputsOf } from '../expressions/derivation.ts';
import { commonKindOf } from '../induction/recognise.ts';
import { LIMITS } from '../limits.ts';
import type { Condition } from '../template/condition.ts';
import { variablesOfTemplate } from '../template/template.ts';
import type { Guard } from '../tree/node.ts';
import { findBranches, type Branch } from './branches.ts';
import type { Variable } from './frames.ts';
import { patternOf, type Pattern, type Slot } from './pattern.ts';
import { MERGE_LIMITS, type Rejection, type RejectionReason } from './plan.ts';
import type { Row } from './rows.ts';
import { idOf, type Sibling } from './sibling.ts';

export interface LearnedTurn {
  readonly row: Row;
  readonly pattern: Pattern;
  readonly variables: readonly Variable[];
  readonly branches: readonly Branch[];
  /** Slots, and variables bound above, that flow nowhere and were shown to have no influence. */
  readonly idle: ReadonlySet<string>;
}

export interface Learned {
  readonly turns: readonly LearnedTurn[];
  readonly rejected: readonly Rejection[];
}

/** Different values, with answers as predicted, that show that something has no influence (DESIGN §4, §11.4). */
const NOISE_VALUES_MIN = 3;
/**
 * The same of what is no noise: it may mean something, so more has to show that it does not. Nothing does where the
 * reply is always the same: "Is 7 odd?" and "I loved it" must not become constants, however few siblings say otherwise.
 */
const IDLE_VALUES_MIN = 20;
/** How often turns are split by values, one in another. */
const SPLITS_MAX = 3;
/** Each part is learned anew. */
const PARTS_MAX = 16;
/** A slot with so many values for each sibling is no way to split. */
const SIBLINGS_PER_VALUE_MIN = 3;

export interface LearnInput {
  /** What the lines of rows point to. */
  readonly siblings: readonly Sibling[];
  /** Variables bound above that flow into a message of the assistant there. */
  readonly shownAbove: ReadonlySet<string>;
}

/** Learns the turns of a row. Cost: bounded searches for each split; linear in the siblings. */
export function learnRow(row: Row, input: LearnInput, splits = 0): Learned {
  const { siblings, shownAbove } = input;
  const pattern = patternOf(row, siblings);
  const members = pattern.siblings;
  if (members.length < MERGE_LIMITS.siblingsMin) return rejectAll('too-few', members);
  const variables = variablesOf(pattern);
  if (variables.length > LIMITS.variablesMax) return rejectAll('too-many-variables', members);
  const found = findBranches({ replies: members.map(({ reply }) => reply), variables });
  const { branches, idle, unshown } = pruned(pattern, variables, { found, shownAbove });
  const covered = new Set(branches.flatMap((branch) => branch.covered));
  const own: LearnedTurn[] =
    covered.size === 0 || unshown.length > 0 ? [] : [{ row, pattern, variables, branches, idle }];
  const left = members.filter((_, index) => own.length === 0 || !covered.has(index));
  const isFlowless = unshown.length > 0 && covered.size > 0;
  const whole = { turns: own, rejected: reject(isFlowless ? 'no-flow' : 'unexplained', left) };
  const mayGain = left.length > 0 || branches.some(({ isChosen }) => isChosen);
  if (!mayGain || splits >= SPLITS_MAX) return whole;
  const parts = splitRow(row, pattern, isFlowless ? unshown : undefined);
  const learned = parts.map((part) => learnRow(part, input, splits + 1));
  const turns = learned.flatMap((part) => part.turns);
  if (!isBetter(turns, own)) return whole;
  const kept = new Set(parts.flatMap(({ lines }) => lines.map(({ index }) => index)));
  const others = row.lines.flatMap(({ index }) => (kept.has(index) ? [] : (siblings[index] ?? [])));
  return {
    turns,
    rejected: [
      ...learned.flatMap(({ rejected }) => rejected),
      ...reject(isFlowless ? 'no-flow' : 'unexplained', others),
    ],
  };
}

/** Answering more siblings is better, and as many with no more branches: a fixed word says more than a condition on it. */
function isBetter(parts: readonly LearnedTurn[], whole: readonly LearnedTurn[]): boolean {
  const [a, b] = [countCovered(parts), countCovered(whole)];
  const branchesOf = (turns: readonly LearnedTurn[]): number =>
    turns.reduce((sum, { branches }) => sum + branches.length, 0);
  return a > b || (a === b && a > 0 && branchesOf(parts) <= branchesOf(whole));
}

function rejectAll(reason: RejectionReason, members: readonly Sibling[]): Learned {
  return { turns: [], rejected: reject(reason, members) };
}

export function reject(reason: RejectionReason, members: readonly Sibling[]): Rejection[] {
  return members.length === 0 ? [] : [{ reason, members: members.map(idOf) }];
}

function countCovered(turns: readonly LearnedTurn[]): number {
  return turns.reduce(
    (sum, { branches }) => sum + new Set(branches.flatMap(({ covered }) => covered)).size,
    0,
  );
}

/** The slots, and what is bound above; ids of calls stand for themselves. */
function variablesOf({ slots, siblings }: Pattern): Variable[] {
  const own = new Set(slots.map(({ name }) => name));
  const above = [...(siblings[0]?.bindings.keys() ?? [])].filter(
    (name) => !own.has(name) && !name.startsWith('$'),
  );
  return [
    ...slots.map(({ name, values }) => ({ name, values })),
    ...above.map((name) => ({
      name,
      values: siblings.map(({ bindings }) => bindings.get(name) ?? ''),
    })),
  ];
}

interface Pruned {
  readonly branches: readonly Branch[];
  readonly idle: ReadonlySet<string>;
  /** Slots that nothing uses and that are not shown to be noise. */
  readonly unshown: readonly Slot[];
}

/** Leaving out a branch may leave a slot unused that only it uses: then the others have to show that it is noise. */
function pruned(
  pattern: Pattern,
  variables: readonly Variable[],
  { found, shownAbove }: { found: readonly Branch[]; shownAbove: ReadonlySet<string> },
): Pruned {
  const names = new Set(pattern.slots.map(({ name }) => name));
  const above = variables.filter(({ name }) => !names.has(name) && !shownAbove.has(name));
  let branches = found;
  for (;;) {
    const used = new Set(branches.flatMap(namesUsed));
    const unused = pattern.slots.filter(({ name, isKnown }) => !isKnown && !used.has(name));
    const showing = branches.filter((branch) =>
      unused.every((slot) => hasNoInfluence(slot, branch)),
    );
    if (showing.length < branches.length && showing.length > 0) {
      branches = showing;
      continue;
    }
    const guarded = branches.flatMap((branch): Branch[] => {
      const ranges = unused.flatMap((slot) => rangeGuard(slot, branch.covered));
      const pins = pinsOf(branch, above);
      if (pins === undefined) return [];
      return [{ ...branch, guards: [...branch.guards, ...ranges, ...pins] }];
    });
    const idle = new Set([...unused, ...above].map(({ name }) => name));
    return {
      branches: guarded,
      idle: idle.difference(used),
      unshown: showing.length === 0 ? unused : [],
    };
  }
}

/** Whether enough different values had the answers that the branch predicts. */
function hasNoInfluence({ kind, values }: Pick<Slot, 'kind' | 'values'>, branch: Branch): boolean {
  const seen = new Set(branch.covered.map((index) => values[index]));
  if (NOISE_KINDS.includes(kind)) return seen.size >= NOISE_VALUES_MIN;
  const isConstant = variablesOfTemplate(branch.explanation.template).length === 0;
  return !isConstant && seen.size >= IDLE_VALUES_MIN;
}

/**
 * What is bound above and flows nowhere may decide all the same: unless shown to be noise, it is pinned to values
 * that were seen several times (DESIGN §11.1). Undefined where there is no such pin.
 */
function pinsOf(branch: Branch, above: readonly Variable[]): Guard[] | undefined {
  const pins: Guard[] = [];
  const used = new Set(namesUsed(branch));
  for (const { name, values } of above) {
    if (used.has(name)) continue;
    const seen = branch.covered.map((index) => values[index] ?? '');
    const kind = commonKindOf(seen);
    if (hasNoInfluence({ kind, values }, branch)) {
      pins.push(...rangeGuard({ name, kind, values }, branch.covered));
      continue;
    }
    const counts = Map.groupBy(seen, (value) => value);
    if ([...counts.values()].some(({ length }) => length < SIBLINGS_PER_VALUE_MIN))
      return undefined;
    pins.push({ name, condition: { kind: 'one-of', values: [...counts.keys()].toSorted() } });
  }
  return pins;
}

/** The variables that a branch depends on. */
export function namesUsed({ explanation, guards }: Branch): string[] {
  const derived = new Set(explanation.derived.map(({ name }) => name));
  return [
    ...variablesOfTemplate(explanation.template).filter((name) => !derived.has(name)),
    ...explanation.derived.flatMap(({ derivation }) => inputsOf(derivation)),
    ...guards.map(({ name }) => name),
  ];
}

/** Numbers are idle only inside the range seen (DESIGN §11.4). */
function rangeGuard(
  { name, kind, values }: Pick<Slot, 'name' | 'kind' | 'values'>,
  covered: readonly number[],
): Guard[] {
  if (kind !== 'integer' && kind !== 'number') return [];
  const numbers = covered
    .flatMap((index) => {
      const text = values[index] ?? '';
      const value = parseDecimal(text);
      return value === undefined ? [] : [{ text, value }];
    })
    .toSorted((a, b) => compare(a.value, b.value));
  const [least, most] = [numbers[0], numbers.at(-1)];
  if (least === undefined || most === undefined) return [];
  const conditions: Condition[] = [
    { kind: 'compare', comparison: '>=', number: least.text },
    { kind: 'compare', comparison: '<=', number: most.text },
  ];
  return [{ name, condition: { kind: 'all', conditions } }];
}

/** The row in parts, one for each value of a slot that has few of them; the one with the fewest is chosen. */
function splitRow(row: Row, { slots }: Pattern, among: readonly Slot[] = slots): Row[] {
  const counted = among
    .filter(({ isKnown }) => !isKnown)
    .map((slot) => ({ slot, count: new Set(slot.values).size }))
    .filter(({ count }) => count * SIBLINGS_PER_VALUE_MIN <= row.lines.length && count <= PARTS_MAX)
    .toSorted((a, b) => a.count - b.count);
  const chosen = counted[0]?.slot;
  if (chosen === undefined) return [];
  const parts = Map.groupBy(row.lines, (_, line) => chosen.values[line] ?? '');
  return [...parts.values()]
    .filter((lines) => lines.length >= MERGE_LIMITS.siblingsMin)
    .map((lines) => ({ ...row, lines }));
}
