/**
 * What a model arranged, made into places. Copies must be copies, a dependent must follow from what comes before
 * it, nothing follows from itself by any way round, and nothing comes out of thin air.
 */
import {
  copiesOf,
  isFree,
  type Arranged,
  type ArrangeInput,
  type Dependence,
  type Placed,
} from './arrange.ts';
import type { Checked } from './checked.ts';
import { toSnakeCase, uniqueName } from './name.ts';
import { bySpanOrder } from './span.ts';

export interface ProposedRole {
  /** Name of the sink. */
  readonly sink: string;
  readonly role: 'copy' | 'dependent' | 'constant';
  readonly from: readonly string[];
}

export interface ArrangementInput extends ArrangeInput {
  /** Variables that are known before the new messages, with their values. */
  readonly inherited: ReadonlyMap<string, string>;
}

/** The sinks with the names that they have while they are arranged, in reading order. */
export function nameSinks(input: ArrangementInput): Placed[] {
  const used = new Set([
    ...input.inherited.keys(),
    ...[...input.groups, ...input.bound].map((known) => known.name),
  ]);
  return input.sinks
    .filter((sink) => isFree(sink, input.bound))
    .toSorted(bySpanOrder)
    .map((sink) => {
      const name = uniqueName(toSnakeCase(sink.label ?? '') ?? 'result', used);
      used.add(name);
      return { ...sink, name };
    });
}

/** One wrong role refuses the whole: an arrangement holds or does not. Sinks without a role are constants. */
export function checkArrangement(
  input: ArrangementInput,
  proposed: readonly ProposedRole[],
): Checked<Arranged> {
  const known = knownVariables(input);
  const sinks = new Map(nameSinks(input).map((sink) => [sink.name, sink]));
  const roles = new Map(proposed.map((role) => [role.sink, role]));
  const problems = [...roles.values()].flatMap((role) => {
    const problem = problemOf(role, sinks, known) ?? bottomlessness(role, roles, known);
    return problem === undefined ? [] : [`${JSON.stringify(role.sink)}: ${problem}`];
  });
  if (roles.size < proposed.length) problems.push('a sink has more than one role');
  if (problems.length > 0) return { value: undefined, problems };
  const placed = placeCopies(input, [...sinks.values()], roles);
  const rest = [...sinks.values()].filter((sink) => isFree(sink, placed));
  const dependents = rest.toSorted(
    (a, b) => a.message - b.message || a.leaf - b.leaf || b.end - b.start - (a.end - a.start),
  );
  const copied = [...roles.values()].flatMap((role) => (role.role === 'copy' ? role.from : []));
  return {
    value: {
      placed,
      copied: [...new Set(copied)],
      dependents,
      chosen: chosenOf(rest, roles, known),
    },
    problems,
  };
}

interface Known {
  readonly value: string;
  /** The first message that shows it; -1 for what was known before. */
  readonly message: number;
}

function knownVariables(input: ArrangementInput): ReadonlyMap<string, Known> {
  const known = new Map<string, Known>();
  for (const { name, value, spans } of input.groups) {
    known.set(name, { value, message: Math.min(...spans.map((span) => span.message)) });
  }
  for (const span of input.bound) known.set(span.name, { value: span.value, message: -1 });
  for (const [name, value] of input.inherited) known.set(name, { value, message: -1 });
  return known;
}

function problemOf(
  role: ProposedRole,
  sinks: ReadonlyMap<string, Placed>,
  known: ReadonlyMap<string, Known>,
): string | undefined {
  const sink = sinks.get(role.sink);
  if (sink === undefined) return 'there is no such sink';
  if (role.role === 'constant') return undefined;
  if (role.from.length === 0) return 'a value that varies follows from something';
  const late = role.from.find((name) => !comesBefore(name, sink, sinks, known));
  if (late !== undefined) return `${JSON.stringify(late)} does not exist before it`;
  const [only = ''] = role.from;
  const isCopy = role.from.length === 1 && known.get(only)?.value === sink.value;
  return role.role === 'copy' && !isCopy
    ? 'a copy equals one variable, letter for letter; this is a dependent'
    : undefined;
}

function comesBefore(
  name: string,
  sink: Placed,
  sinks: ReadonlyMap<string, Placed>,
  known: ReadonlyMap<string, Known>,
): boolean {
  const variable = known.get(name);
  if (variable !== undefined) return variable.message < sink.message;
  const other = sinks.get(name);
  return other !== undefined && other.message <= sink.message;
}

/** The variables that are no sinks which a role comes down to; undefined where there is no bottom. */
function rootsOf(
  role: ProposedRole,
  roles: ReadonlyMap<string, ProposedRole>,
  known: ReadonlyMap<string, Known>,
  above: ReadonlySet<string> = new Set(),
): readonly string[] | undefined {
  if (above.has(role.sink) || role.from.length === 0) return undefined;
  const path = new Set([...above, role.sink]);
  const roots = new Set<string>();
  for (const name of role.from) {
    if (known.has(name)) {
      roots.add(name);
      continue;
    }
    const other = roles.get(name);
    const found = other === undefined ? undefined : rootsOf(other, roles, known, path);
    if (found === undefined) return undefined;
    for (const root of found) roots.add(root);
  }
  return [...roots];
}

function bottomlessness(
  role: ProposedRole,
  roles: ReadonlyMap<string, ProposedRole>,
  known: ReadonlyMap<string, Known>,
): string | undefined {
  return role.role === 'constant' || rootsOf(role, roles, known) !== undefined
    ? undefined
    : 'it follows from itself, or from a sink that follows from nothing';
}

/** A derivation reads roots only, so that no order among the dependents of an answer matters. */
function chosenOf(
  rest: readonly Placed[],
  roles: ReadonlyMap<string, ProposedRole>,
  known: ReadonlyMap<string, Known>,
): Dependence[] {
  return rest.flatMap(({ name }) => {
    const role = roles.get(name);
    const roots = role?.role === 'dependent' ? rootsOf(role, roles, known) : undefined;
    return roots === undefined ? [] : [{ name, from: roots }];
  });
}

/**
 * The copies that were named, and what the model overlooked: further places at which the value of a copied
 * variable stands in an answer would otherwise stay there for every other value.
 */
function placeCopies(
  input: ArrangementInput,
  sinks: readonly Placed[],
  roles: ReadonlyMap<string, ProposedRole>,
): Placed[] {
  const placed: Placed[] = [...input.bound];
  const copies = sinks.flatMap((sink) => {
    const role = roles.get(sink.name);
    const [name] = role?.role === 'copy' ? role.from : [];
    return name === undefined ? [] : [{ ...sink, name }];
  });
  placed.push(...copies.filter((copy) => isFree(copy, placed)));
  const used = new Set(copies.map((copy) => copy.name));
  const groups = input.groups.filter((group) => used.has(group.name));
  const isOnlyOne = (value: string) =>
    input.groups.filter((group) => group.value === value).length === 1;
  for (const group of groups) {
    const sources = group.spans.filter((span) => isFree(span, placed));
    placed.push(...sources.map((span) => ({ ...span, name: group.name })));
  }
  for (const group of groups) {
    const first = group.spans.toSorted(bySpanOrder)[0];
    if (!isOnlyOne(group.value) || first === undefined) continue;
    const overlooked = copiesOf(input, group, first).filter(
      (span) => isFree(span, placed) && isFree(span, sinks),
    );
    placed.push(...overlooked.map((span) => ({ ...span, name: group.name })));
  }
  return placed;
}
