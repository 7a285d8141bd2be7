/**
 * Step 5: a program for each dependent, from variables that come before it. Earlier exchanges of the
 * same form count as further examples; whatever no program explains stays literal and is reported.
 */
import { inflects, type Derivation } from '../expressions/derivation.ts';
import { evaluate } from '../expressions/evaluate.ts';
import { nodesOf, variablesOf, type Expression } from '../expressions/expression.ts';
import { synthesize, type Example } from '../synthesis/synthesize.ts';
import { matchMessage, onlyParse } from '../template/match.ts';
import type { Bindings, MessageTemplate } from '../template/template.ts';
import { isBornInAnswer, type Arranged, type Placed } from './arrange.ts';
import { buildTemplates } from './assemble.ts';
import type { Exchange } from './exchange.ts';
import type { NamedGroup } from './name.ts';
import { isCode, opensSentence } from './recognise.ts';
import { overlaps, type Span } from './span.ts';
import { isUsual } from './usual.ts';

export interface DerivedVariable {
  readonly span: Placed;
  readonly derivation: Derivation;
}

export interface Derived {
  /** All that stands in the templates now: `arranged.placed`, derived spans and the sources that they need. */
  readonly placed: readonly Placed[];
  readonly derived: readonly DerivedVariable[];
  /** Data of assistant messages with no origin (thin air); it stays literal and raises the bar. */
  readonly unexplained: readonly Span[];
}

export interface DeriveInput {
  readonly exchange: Exchange;
  readonly from: number;
  /** Templates of the messages before `from`. */
  readonly above: readonly MessageTemplate[];
  readonly groups: readonly NamedGroup[];
  readonly arranged: Arranged;
  /** Variables of the path and explicit ones, with their values here. */
  readonly inherited: Bindings;
  /** Other exchanges of the same shape. */
  readonly others: readonly Exchange[];
}

/** More inputs only make coincidences likelier. */
const INPUTS_MAX = 5;
const EXAMPLES_MAX = 12;
const OTHERS_MAX = 40;
const OUTPUT_CHARACTERS_MAX = 2000;

/** Derives what it can. Cost: one bounded search for each dependent. */
export function deriveVariables(input: DeriveInput): Derived {
  let placed: readonly Placed[] = input.arranged.placed;
  const derived: DerivedVariable[] = [];
  const unexplained: Span[] = [];
  const { dependents, chosen } = input.arranged;
  for (const dependent of dependents) {
    if (placed.some((span) => overlaps(span, dependent))) continue;
    const isConstant =
      chosen?.every(({ name }) => name !== dependent.name) ??
      isUsual(input.exchange.messages, dependent, input.others);
    const found = isConstant ? undefined : deriveOne(input, placed, dependent);
    if (found === undefined) {
      unexplained.push(dependent);
      continue;
    }
    placed = found.placed;
    derived.push({ span: dependent, derivation: found.derivation });
  }
  return {
    placed,
    derived,
    unexplained: unexplained.filter((span) => !placed.some((other) => overlaps(span, other))),
  };
}

function deriveOne(
  input: DeriveInput,
  placed: readonly Placed[],
  dependent: Placed,
): { placed: readonly Placed[]; derivation: Derivation } | undefined {
  if (dependent.value.length > OUTPUT_CHARACTERS_MAX) return undefined;
  for (const groups of inputChoices(input, placed, dependent)) {
    const { sources, examples } = derivationTask(input, placed, dependent, groups);
    if (examples[0] === undefined || examples[0].inputs.size === 0) continue;
    // What is the same text and yet no copy is the same by chance: nothing shows how the one becomes the other.
    if (examples.length === 1 && hasValue(examples[0].inputs, dependent.value)) continue;
    if (examples.length === 1 && isFigureOfCode(input, dependent)) continue;
    const programs = synthesize(examples);
    if (programs.length === 0) continue;
    if (examples.length === 1 && programs.some((program) => takesLetters(program, examples[0])))
      continue;
    const used = new Set(programs.flatMap((program) => [...variablesOf(program)]));
    const needed = sources.filter((span) => used.has(span.name));
    const derivation: Derivation = { kind: 'programs', programs };
    // "Add … " → "Added …": the first word of a sentence is an instruction unless siblings say another.
    const words = inflects(derivation)
      ? needed
      : needed.filter(({ value }) => isAltered(value, dependent.value));
    if (words.some((span) => mayBeWording(input, span))) continue;
    return { placed: [...placed, ...needed, dependent], derivation };
  }
  return undefined;
}

/** A single digit of code is found in, or computed from, most numbers by chance: "LIMIT 5" beside "course 456". */
function isFigureOfCode({ exchange }: DeriveInput, { message, leaf, value }: Placed): boolean {
  const found = exchange.messages[message]?.leaves[leaf];
  return /^\d$/.test(value) && found?.kind === 'text' && isCode(found.text);
}

/**
 * Whether the program takes a letter or two out of a value: the "T" of a time may be the first of "team" by chance, which one
 * example cannot tell.
 */
function takesLetters(program: Expression, example: Example | undefined): boolean {
  return nodesOf(program).some(
    (node) =>
      node.op !== 'var' &&
      node.op !== 'text' &&
      /^\p{L}{1,2}$/u.test(evaluate(node, example?.inputs ?? new Map()) ?? ''),
  );
}

function hasValue(inputs: Bindings, value: string): boolean {
  return [...inputs.values()].includes(value);
}

export interface DerivationTask {
  /** Places of the groups, which become variables if the derivation uses them. */
  readonly sources: readonly Placed[];
  /** This exchange's values first. */
  readonly examples: readonly Example[];
}

/** What is known of `dependent`, to be computed from `groups` and from what is placed before it. */
export function derivationTask(
  input: DeriveInput,
  placed: readonly Placed[],
  dependent: Placed,
  groups: readonly NamedGroup[],
): DerivationTask {
  const sources = groups.flatMap((group) => sourceSpans(group, placed, dependent));
  const values = valuesOf(input, placed, groups, dependent);
  const others =
    values.size === 0
      ? []
      : furtherExamples(input, [...placed, ...sources, dependent], values, dependent.name);
  return { sources, examples: [{ inputs: values, output: dependent.value }, ...others] };
}

/**
 * Which free groups are offered to the search, best choice first: what is the same text in another
 * form, then all of the narrow kinds, then delimited texts. Within a choice spans do not overlap.
 */
function inputChoices(
  input: DeriveInput,
  placed: readonly Placed[],
  dependent: Placed,
): NamedGroup[][] {
  const free = input.groups.filter(
    (group) =>
      sourceSpans(group, placed, dependent).length > 0 &&
      !isBornInAnswer(input.exchange.messages, group),
  );
  const related = free.filter((group) => isRelated(group.value, dependent.value));
  const narrow = free.filter((group) =>
    ['integer', 'number', 'email', 'date', 'name', 'word'].includes(kindOfGroup(group)),
  );
  const wide = free.filter((group) => !narrow.includes(group));
  const choices = [related, narrow, wide, []].map((choice) => disjoint(choice, placed, dependent));
  return choices.filter((choice, index) => index === choices.length - 1 || choice.length > 0);
}

/** Whether one word has become another that begins alike: by its case alone it has not. */
function isAltered(word: string, other: string): boolean {
  const [a, b] = [word.toLowerCase(), other.toLowerCase()];
  return a !== b && b.startsWith(a) && !word.includes(' ');
}

function mayBeWording({ exchange }: DeriveInput, span: Placed): boolean {
  const text = exchange.messages[span.message]?.leaves[span.leaf]?.text ?? '';
  const seen = span.seen ?? [];
  return (
    !span.delimited &&
    opensSentence(text, span.start, span.end) &&
    seen.every((other) => other === null || other === span.value)
  );
}

function isRelated(source: string, result: string): boolean {
  const [a, b] = [source.toLowerCase(), result.toLowerCase()];
  return a.includes(b) || b.includes(a) || Array.from(a).reverse().join('') === b;
}

function kindOfGroup(group: NamedGroup): string {
  return group.spans[0]?.kind ?? 'text';
}

/** Those of `groups` that can stand before `dependent` together: their places are free and do not overlap. */
export function disjoint(
  groups: readonly NamedGroup[],
  placed: readonly Placed[],
  dependent: Placed,
): NamedGroup[] {
  const chosen: NamedGroup[] = [];
  const taken: Span[] = [];
  for (const group of groups.toSorted((a, b) => b.value.length - a.value.length)) {
    const spans = sourceSpans(group, placed, dependent);
    if (
      chosen.length >= INPUTS_MAX ||
      spans.some((span) => taken.some((other) => overlaps(span, other)))
    )
      continue;
    chosen.push(group);
    taken.push(...spans);
  }
  return chosen;
}

/** The group's places that are free and come before the dependent: a value cannot flow backwards. */
function sourceSpans(group: NamedGroup, placed: readonly Placed[], dependent: Placed): Placed[] {
  const spans = group.spans.filter(
    (span) => span.message < dependent.message && !placed.some((other) => overlaps(span, other)),
  );
  return spans.map((span) => ({ ...span, name: group.name }));
}

/** Values that the search may use: inherited and placed variables before the dependent, and the chosen groups. */
function valuesOf(
  input: DeriveInput,
  placed: readonly Placed[],
  groups: readonly NamedGroup[],
  dependent: Placed,
): Map<string, string> {
  const values = new Map<string, string>();
  for (const group of groups) values.set(group.name, group.value);
  for (const span of placed) {
    if (span.message < dependent.message && !span.name.startsWith('$'))
      values.set(span.name, span.value);
  }
  for (const [name, value] of input.inherited) {
    if (values.size < INPUTS_MAX * 2 && !name.startsWith('$')) values.set(name, value);
  }
  return values;
}

/** What other exchanges of the same form say: they are matched with the templates as they would be. */
function furtherExamples(
  input: DeriveInput,
  placed: readonly Placed[],
  values: Bindings,
  name: string,
): Example[] {
  if (input.others.length === 0) return [];
  const { messages } = input.exchange;
  // The dependent itself may be anything here: it is what we want to read off.
  const loose = placed.map((span) =>
    span.name === name ? { ...span, kind: 'text' as const, delimited: true } : span,
  );
  const known = new Set(input.inherited.keys());
  const templates = buildTemplates(messages, input.from, loose, known);
  const examples: Example[] = [];
  for (const other of input.others.slice(0, OTHERS_MAX)) {
    const bindings = matchExchange([...input.above, ...templates], other);
    const output = bindings?.get(name);
    if (bindings === undefined || output === undefined || examples.length >= EXAMPLES_MAX) continue;
    const inputs = new Map(
      [...values.keys()].flatMap((key) => {
        const value = bindings.get(key);
        return value === undefined ? [] : [[key, value] as const];
      }),
    );
    if (inputs.size === values.size) examples.push({ inputs, output });
  }
  return examples;
}

/** The one way in which an exchange fits a list of templates, or undefined where there is none or several. */
function matchExchange(
  templates: readonly MessageTemplate[],
  exchange: Exchange,
): Bindings | undefined {
  if (templates.length !== exchange.messages.length) return undefined;
  let bindings = exchange.known;
  for (const [index, message] of exchange.messages.entries()) {
    const template = templates[index];
    const parse = template && onlyParse(matchMessage(template, message, bindings));
    if (parse === undefined) return undefined;
    bindings = parse;
  }
  return bindings;
}
