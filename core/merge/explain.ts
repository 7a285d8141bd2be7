/** From a frame to a reply that can be computed: each hole by a program that holds in all examples. */
import { canonicalNumber } from '../decimal.ts';
import { derive, type Derivation } from '../expressions/derivation.ts';
import { toSnakeCase, uniqueName } from '../induction/name.ts';
import type { Leaf, Message } from '../messages/message.ts';
import { synthesizeWithSurplus, type Example } from '../synthesis/synthesize.ts';
import { ANYTHING } from '../template/matcher.ts';
import {
  hydrateLeaf,
  type Bindings,
  type LeafTemplate,
  type MessageTemplate,
  type Segment,
} from '../template/template.ts';
import type { Frame, ReplyPart, Variable } from './frames.ts';
import { labelOf } from './pattern.ts';

/** A reply as a function of the variables. */
export interface Explanation {
  readonly template: MessageTemplate;
  readonly derived: readonly DerivedValue[];
}

export interface DerivedValue {
  readonly name: string;
  readonly derivation: Derivation;
}

/** More inputs only make coincidences likelier, and searches dearer. */
const INPUTS_MAX = 8;
/** A search works on a few of them and checks the rest. */
const EXAMPLES_MAX = 60;
const OUTPUT_CHARACTERS_MAX = 400;
/** Longer values are documents: what is taken from them is a copy or nothing. */
const INPUT_CHARACTERS_MAX = 400;
/** Each is a search of some milliseconds. */
const HOLES_MAX = 12;
/** Choices are told by conditions on siblings, which stand in guards. A search that finds nothing takes all its steps. */
const SEARCH = { isSingle: true, expansionsMax: 3000 } as const;

/** What replies are explained with. */
export interface ExplainInput {
  /** Of all siblings. */
  readonly replies: readonly Message[];
  readonly variables: readonly Variable[];
  /** How many more searches may find nothing. */
  readonly patience: { failures: number };
}

/** The explanation of a frame; undefined where a hole has none. */
export function explain(frame: Frame, input: ExplainInput): Explanation | undefined {
  const { replies, variables } = input;
  const model = replies[frame.examples[0] ?? -1];
  if (model === undefined) return undefined;
  const taken = new Set(variables.map(({ name }) => name));
  const derived: DerivedValue[] = [];
  const known = new Map<string, string>();
  const leaves: LeafTemplate[] = [];
  for (const [index, parts] of frame.leaves.entries()) {
    const leaf: Segment[] = [];
    for (const part of parts) {
      if (part.kind === 'literal') {
        leaf.push(part);
        continue;
      }
      const key = part.kind === 'hole' ? JSON.stringify(part.values) : '';
      let name = part.kind === 'variable' ? part.name : known.get(key);
      if (name === undefined && part.kind === 'hole') {
        const derivation =
          derived.length < HOLES_MAX ? deriveHole(part, frame.examples, input) : undefined;
        if (derivation === undefined) return undefined;
        name = uniqueName(toSnakeCase(labelOf(model.leaves[index]) ?? '') ?? 'result', taken);
        taken.add(name);
        known.set(key, name);
        derived.push({ name, derivation });
      }
      leaf.push({ kind: 'variable', name: name ?? '', matcher: ANYTHING });
    }
    leaves.push(leaf);
  }
  const { role, skeleton } = model;
  return { template: { role, skeleton, leaves }, derived };
}

function deriveHole(
  { values }: Extract<ReplyPart, { kind: 'hole' }>,
  examples: readonly number[],
  { variables, patience }: ExplainInput,
): Derivation | undefined {
  if (patience.failures <= 0) return undefined;
  if (values.some((value) => value.length > OUTPUT_CHARACTERS_MAX)) return undefined;
  const inputs = inputsFor(values, examples, variables);
  const known = examples.slice(0, EXAMPLES_MAX).map((sibling, index): Example => ({
    inputs: new Map(inputs.map(({ name, values: all }) => [name, all[sibling] ?? ''])),
    output: values[index] ?? '',
  }));
  if (inputs.length === 0) return undefined;
  const { programs } = synthesizeWithSurplus(known, SEARCH);
  if (programs.length > 0) return { kind: 'programs', programs };
  patience.failures--;
  return undefined;
}

/** Those in which the output's words stand come first. */
function inputsFor(
  values: readonly string[],
  examples: readonly number[],
  variables: readonly Variable[],
): readonly Variable[] {
  const short = variables.filter(({ values: all }) =>
    all.every((value) => value.length <= INPUT_CHARACTERS_MAX),
  );
  if (short.length <= INPUTS_MAX) return short;
  const shared = ({ values: all }: Variable): number =>
    examples.filter((sibling, index) => {
      const [a, b] = [(all[sibling] ?? '').toLowerCase(), (values[index] ?? '').toLowerCase()];
      return a !== '' && b !== '' && (a.includes(b) || b.includes(a));
    }).length;
  return short
    .map((variable, index) => ({ variable, index, score: shared(variable) }))
    .toSorted((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, INPUTS_MAX)
    .map(({ variable }) => variable);
}

/**
 * How the reply that is computed compares with a real one. `abstains`: it has no value for these bindings. Other words
 * are `wrong`, too: siblings that were answered in several ways show no rule, or "a, b" would stand for "b, a".
 */
export type Outcome = 'right' | 'wrong' | 'abstains';

/** The bindings with the derived values; undefined where a program has none. */
export function withDerived(
  derived: readonly DerivedValue[],
  bindings: Bindings,
): Bindings | undefined {
  if (derived.length === 0) return bindings;
  const all = new Map(bindings);
  for (const { name, derivation } of derived) {
    const found = derive(derivation, bindings);
    if (found.kind !== 'value') return undefined;
    all.set(name, found.value);
  }
  return all;
}

export function outcomeOf(
  { template, derived }: Explanation,
  bindings: Bindings,
  reply: Message,
): Outcome {
  const all = withDerived(derived, bindings);
  if (all === undefined) return 'abstains';
  const texts = template.leaves.flatMap((leaf) => hydrateLeaf(leaf, all) ?? []);
  if (texts.length !== template.leaves.length) return 'abstains';
  const isSame =
    template.skeleton === reply.skeleton &&
    reply.leaves.every((leaf, index) => isSameLeaf(leaf, texts[index] ?? ''));
  return isSame ? 'right' : 'wrong';
}

function isSameLeaf({ kind, text }: Leaf, predicted: string): boolean {
  return kind === 'number'
    ? canonicalNumber(text) === canonicalNumber(predicted)
    : text === predicted;
}
