/** Pieces → a message template with named, typed variables, and the value that each member gives to each of them. */
import { LIMITS } from '../limits.ts';
import type { Message } from '../messages/message.ts';
import type { MatcherKind } from '../template/kinds.ts';
import { isOfKind, type Matcher } from '../template/matcher.ts';
import { matchMessage, onlyParse } from '../template/match.ts';
import type { LeafTemplate, MessageTemplate, Segment } from '../template/template.ts';
import type { Piece } from './align.ts';

export interface MergeVariable {
  readonly name: string;
  /** What the variable takes in each member, in the order of the proposal's members. */
  readonly values: readonly string[];
  /** All members agree: a place that varies by its form only, for the caller to pin or to trust. */
  readonly isConstant: boolean;
}

export interface Generalisation {
  readonly template: MessageTemplate;
  readonly variables: readonly MergeVariable[];
}

type Hole = Extract<Piece, { kind: 'hole' }>;

/** Two holes are one variable if chance would make them agree in fewer than 1 of 2^10 cases for each pair compared. */
const AGREEMENT_BITS_MIN = 10;
/** Narrowest first. `name` has no place here: a template learned from few names would take any capitalised words. */
const KINDS: readonly MatcherKind[] = [
  'integer',
  'number',
  'date',
  'email',
  'word',
  'line',
  'text',
];

/** The template of aligned members, or undefined if it has too many variables. */
export function generalise(
  model: Message,
  leaves: readonly (readonly Piece[])[],
): Generalisation | undefined {
  const variables: MergeVariable[] = [];
  const nameOf = new Map<string, string>();
  const template: LeafTemplate[] = leaves.map((pieces) =>
    pieces.map((piece, index): Segment => {
      if (piece.kind === 'literal') return piece;
      const agreement = agreementKey(piece.values);
      const known = agreement === undefined ? undefined : nameOf.get(agreement);
      const name = known ?? `v${variables.length + 1}`;
      if (known === undefined) {
        const isConstant = piece.values.every((value) => value === piece.values[0]);
        variables.push({ name, values: piece.values, isConstant });
        if (agreement !== undefined) nameOf.set(agreement, name);
      }
      return {
        kind: 'variable',
        name,
        matcher: matcherOf(piece, pieces[index - 1], pieces[index + 1]),
      };
    }),
  );
  if (variables.length > LIMITS.variablesMax) return undefined;
  return { template: { role: model.role, skeleton: model.skeleton, leaves: template }, variables };
}

/** A key that two holes share if they always agree and that is no accident; undefined if it could be one. */
function agreementKey(values: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= count * Math.log2(count / values.length);
  return bits >= AGREEMENT_BITS_MIN ? JSON.stringify(values) : undefined;
}

/** The narrowest matcher that takes all values and cannot run over the punctuation beside the hole. */
function matcherOf(hole: Hole, left: Piece | undefined, right: Piece | undefined): Matcher {
  const { values } = hole;
  const kind =
    KINDS.find((candidate) => values.every((value) => isOfKind(candidate, value))) ?? 'text';
  if (kind === 'integer' || kind === 'number' || kind === 'date' || kind === 'email')
    return { kind };
  const beside = [' ', edge(left, -1), edge(right, 0)];
  const excludes = [...new Set(beside)]
    .filter((character) => character !== '' && !(kind === 'word' && character === ' '))
    .filter((character) => values.every((value) => !value.includes(character)))
    .join('');
  const digits = hole.isData && values.every((value) => /\d/.test(value));
  return { kind, ...(excludes === '' ? {} : { excludes }), ...(digits ? { digits } : {}) };
}

/** The punctuation mark at the end of a literal that lies at the hole. */
function edge(piece: Piece | undefined, index: number): string {
  const character = piece?.kind === 'literal' ? (piece.text.at(index) ?? '') : '';
  return /[\p{L}\p{N}]/u.test(character) ? '' : character;
}

/** The members (indices of messages) that the template reads in exactly one way: as the values from which it was made. */
export function explainedMembers(
  { template, variables }: Generalisation,
  messages: readonly Message[],
  members: readonly number[],
): number[] {
  return members.filter((member, line) => {
    const message = messages[member];
    const bindings = message && onlyParse(matchMessage(template, message, new Map()));
    if (bindings === undefined) return false;
    return variables.every(({ name, values }) => bindings.get(name) === values[line]);
  });
}
