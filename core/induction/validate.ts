/**
 * Every proposal is untrusted. It becomes nodes only if it rebuilds what was observed byte for byte,
 * reads back the same values, and changes nothing that an earlier exchange was answered.
 */
import type { Hash, Observation } from '../observation.ts';
import type { Message } from '../messages/message.ts';
import { rebuildMessage } from '../messages/rebuild.ts';
import { cutsDigit, inflects, inputsOf, type CodeCall } from '../expressions/derivation.ts';
import {
  hydrateLeaf,
  literalCharacters,
  templateText,
  variablesOfTemplate,
  type Bindings,
  type MessageTemplate,
} from '../template/template.ts';
import { nodeText, type Guard, type NodeVariable, type TreeNode } from '../tree/node.ts';
import { ScopeTree } from '../tree/scope-tree.ts';
import { lookUpCode } from '../tree/look-up-code.ts';
import { advance, startOf, walk } from '../tree/walk.ts';
import type { Placed } from './arrange.ts';
import { buildTemplates } from './assemble.ts';
import type { Derived } from './derive.ts';
import { initialEvidence, judge, leastBar, type Values } from './evidence.ts';
import type { Exchange } from './exchange.ts';
import { compareWith, type Start } from './load.ts';
import { risksOf } from './provenance.ts';
import { overlaps, type Span } from './span.ts';
import { kindOf } from './recognise.ts';
import { findDisorder } from './roles.ts';
import { thresholdConditions } from './thresholds.ts';
import type { Condition } from '../template/condition.ts';
import { LIMITS } from '../limits.ts';
import { barsFor, type Trust } from '../trust/risk.ts';

export interface ValidateInput {
  readonly hash: Hash;
  readonly exchange: Exchange;
  readonly start: Start;
  readonly derived: Derived;
  /** What was identified as data: whatever of it is not placed stays literal. */
  readonly sources: readonly Span[];
  readonly tree: ScopeTree;
  readonly parameters: string;
  /** Exchanges of the same shape in this scope, newest first, this one excepted. */
  readonly others: readonly Exchange[];
  /** More of them, which are not replayed: they show what is usual. */
  readonly history?: readonly Exchange[];
  readonly trust: Trust;
  /** Inherited variables that passed flow rule (c): the answer is not pinned to their values. */
  readonly unguarded?: readonly string[];
  /** Results of code derivations by key: those that `missingCode` asks for. */
  readonly code?: Bindings;
}

export type Validated =
  | {
      readonly kind: 'accepted';
      /** From the first new message down to the answer. */
      readonly nodes: readonly TreeNode[];
      /** Observations that speak for the answer, with the values of its free variables. */
      readonly exemplars: readonly { readonly observation: string; readonly values: Values }[];
    }
  | { readonly kind: 'rejected'; readonly code: RejectionCode };

export type RejectionCode =
  | 'nothing-varies'
  | 'too-many-variables'
  | 'too-general'
  | 'out-of-order'
  | 'does-not-rebuild'
  | 'ambiguous'
  | 'contradicts-exemplar'
  | 'path-is-gone';

/** Fewer fixed characters than this in a text do not tell one behaviour from another (PERFORMANCE §4.7). */
const LITERAL_CHARACTERS_MIN = 4;

/** Assembles the nodes and checks them. Errors: none, a bad proposal is `rejected` with its code. */
export function validate(input: ValidateInput): Validated {
  const assembled = assemble(input);
  const { templates } = assembled;
  const own = templates.flatMap(variablesOfTemplate).filter((name) => !name.startsWith('$'));
  if (own.length === 0 && input.start.inherited.length === 0)
    return { kind: 'rejected', code: 'nothing-varies' };
  if (own.length > LIMITS.variablesMax) return { kind: 'rejected', code: 'too-many-variables' };
  const { exchange, start, derived } = input;
  const known = new Set([...exchange.known.keys(), ...start.inherited.map(([name]) => name)]);
  if (findDisorder({ messages: exchange.messages, ...derived, known }) !== undefined)
    return { kind: 'rejected', code: 'out-of-order' };
  if (templates.some((template) => isTooGeneral(template)))
    return { kind: 'rejected', code: 'too-general' };
  const nodes = buildNodes(input, assembled);
  const code = roundTrip(input, nodes);
  return code === undefined ? replayGuard(input, nodes) : { kind: 'rejected', code };
}

/** The calls whose results `validate` lacks; ask again with those, since results may lead to further calls. */
export function missingCode(input: ValidateInput): readonly CodeCall[] {
  const tree = new ScopeTree();
  for (const node of [...pathOf(input), ...buildNodes(input, assemble(input))]) tree.put(node);
  if (!tree.hasCode) return [];
  const calls = [input.exchange, ...input.others].flatMap(({ observation, thread }) => {
    const explicit = new Map(observation.bindings);
    const question = { tree, scope: observation.scope, thread, explicit };
    return lookUpCode(question, ({ key }) => input.code?.get(key)).missing;
  });
  return [...new Map(calls.map((call) => [call.key, call])).values()];
}

interface Assembled {
  readonly templates: readonly MessageTemplate[];
  /** What must hold of numbers, by variable: on its first place in a template, or as a guard. */
  readonly conditions: ReadonlyMap<string, Condition>;
}

function assemble(input: ValidateInput): Assembled {
  const { exchange, start, derived } = input;
  const known = new Set([...start.inherited.map(([name]) => name), ...dependentNames(derived)]);
  const conditions = thresholdConditions(withoutValuesAbove(input), placedOf(input));
  const bare = buildTemplates(exchange.messages, start.depth, derived.placed, known);
  const templates = bare.map((template) => withConditions(template, conditions, known));
  return { templates, conditions };
}

function pathOf({ start, tree }: ValidateInput): readonly TreeNode[] {
  return start.path.flatMap((id) => tree.get(id) ?? []);
}

/** What is matched already is fixed text where the path's templates say so; a value there is no limit of anything. */
function withoutValuesAbove(input: ValidateInput): readonly Message[] {
  const above = pathOf(input);
  return input.exchange.messages.map((message, index) => {
    const template = above[index]?.template;
    if (template === undefined) return message;
    const leaves = message.leaves.map((leaf, leafIndex) => {
      const segments = template.leaves[leafIndex] ?? [];
      const texts = segments.map((part) => (part.kind === 'literal' ? part.text : '\0'));
      return { ...leaf, text: texts.join('') };
    });
    return { ...message, leaves };
  });
}

/** Numbers of the path above are read there: what must hold of them becomes a guard of the answer. */
function placedOf({ derived, start, exchange }: ValidateInput): Placed[] {
  const above = start.inherited.map(([name, value]): Placed => ({
    ...{ message: -1, leaf: 0, start: 0, end: value.length, delimited: true },
    ...{ name, value, kind: kindOf(value) },
  }));
  const explicit = new Set(exchange.observation.bindings.map(([name]) => name));
  return [...derived.placed, ...above].filter(({ name }) => !explicit.has(name));
}

/** The first place at which a variable is read carries its condition. */
function withConditions(
  template: MessageTemplate,
  conditions: ReadonlyMap<string, Condition>,
  known: ReadonlySet<string>,
): MessageTemplate {
  const leaves = template.leaves.map((leaf) =>
    leaf.map((segment) => {
      if (segment.kind === 'literal' || known.has(segment.name)) return segment;
      const condition = conditions.get(segment.name);
      return condition === undefined ? segment : { ...segment, condition };
    }),
  );
  return template.role === 'assistant' ? template : { ...template, leaves };
}

function isTooGeneral(template: MessageTemplate): boolean {
  if (template.role !== 'user' || variablesOfTemplate(template).length === 0) return false;
  return literalCharacters(template) < LITERAL_CHARACTERS_MIN;
}

function buildNodes(input: ValidateInput, assembled: Assembled): TreeNode[] {
  const { templates } = assembled;
  const { exchange, start, hash, derived } = input;
  const known = new Set([...exchange.known.keys(), ...start.inherited.map(([name]) => name)]);
  const nodes: TreeNode[] = [];
  let parent = start.parent;
  for (const [index, template] of templates.entries()) {
    const isAnswer = index === templates.length - 1;
    const message = start.depth + index;
    const variables = variablesAt(template, message, known, derived);
    for (const variable of variables) known.add(variable.name);
    const guards = isAnswer ? guardsFor(input, assembled) : [];
    const id = hash(nodeText({ parent, variables, guards }, templateText(template)));
    nodes.push({
      id,
      scope: exchange.observation.scope,
      parent,
      depth: message,
      template,
      variables,
      guards,
      state: isAnswer ? 'probation' : template.role === 'assistant' ? 'candidate' : 'serving',
      answer: isAnswer ? exchange.observation.answer : undefined,
      evidence: isAnswer ? evidenceFor(input) : initialEvidence(0, [], []),
      revision: 0,
    });
    parent = id;
  }
  return nodes;
}

function variablesAt(
  template: MessageTemplate,
  message: number,
  known: ReadonlySet<string>,
  derived: Derived,
): NodeVariable[] {
  return variablesOfTemplate(template)
    .filter((name) => !known.has(name))
    .map((name) => {
      const found = derived.derived.find(
        ({ span }) => span.name === name && span.message === message,
      );
      return found === undefined
        ? { role: 'independent', name }
        : { role: 'dependent', name, derivation: found.derivation };
    });
}

/**
 * Inherited values that no assistant message of the path shows may still decide the answer: they are
 * pinned to what they were (DESIGN §11.1). What the client bound is the client's word that it varies.
 */
function guardsFor(input: ValidateInput, { templates, conditions }: Assembled): Guard[] {
  const explicit = new Set(input.exchange.observation.bindings.map(([name]) => name));
  const above = pathOf(input);
  const assistants = [...above.map((node) => node.template), ...templates].filter(
    (template) => template.role === 'assistant',
  );
  const shown = new Set(assistants.flatMap(variablesOfTemplate));
  const derivedFrom = new Set(
    [...above.flatMap((node) => node.variables), ...derivedVariables(input.derived)].flatMap(
      (variable) => (variable.role === 'dependent' ? inputsOf(variable.derivation) : []),
    ),
  );
  return input.start.inherited
    .filter(([name]) => !shown.has(name) && !derivedFrom.has(name) && !explicit.has(name))
    .filter(([name]) => input.unguarded?.includes(name) !== true)
    .map(([name, value]): Guard => ({ name, condition: { kind: 'one-of', values: [value] } }))
    .concat(thresholdGuards(input, conditions));
}

/** Numbers read above, on whose size the answer may turn. */
function thresholdGuards(
  input: ValidateInput,
  conditions: ReadonlyMap<string, Condition>,
): Guard[] {
  return input.start.inherited.flatMap(([name]) => {
    const condition = conditions.get(name);
    return condition === undefined ? [] : [{ name, condition }];
  });
}

function derivedVariables(derived: Derived): NodeVariable[] {
  return derived.derived.map(({ span, derivation }) => ({
    role: 'dependent',
    name: span.name,
    derivation,
  }));
}

function evidenceFor(input: ValidateInput): TreeNode['evidence'] {
  const { exchange, start, derived } = input;
  const explicit = new Set(exchange.observation.bindings.map(([name]) => name));
  const inherited = new Set(start.inherited.map(([name]) => name));
  const dependents = dependentNames(derived);
  const free = freeValues(derived.placed, new Set([...explicit, ...dependents]));
  for (const [name, value] of start.inherited) if (!explicit.has(name)) free.set(name, value);
  const fresh = [...free.keys()].filter((name) => !inherited.has(name));
  const risks = risksOf({
    messages: exchange.messages,
    placed: derived.placed,
    unexplained: derived.unexplained.filter(
      (span) => span.message === exchange.messages.length - 1,
    ),
    vouched: isVouched(exchange.observation, fresh, derived),
    parameters: input.parameters,
    others: input.history ?? input.others,
    unused: input.sources.filter(
      (span) => !derived.placed.some((other) => other.idle !== true && overlaps(span, other)),
    ),
    inherited: start.inherited,
    derivedCount: derived.derived.length,
    isInflected: derived.derived.some(({ derivation }) => inflects(derivation)),
    isDigitCut: derived.derived.some(({ span, derivation }) => cutsDigit(span.value, derivation)),
    isConstant: !derived.placed.some((span) => span.idle !== true),
    isWritten: derived.derived.some(({ derivation }) => derivation.kind === 'javascript'),
  });
  const { classes, reasons } = risks;
  const types = [...free.keys()].flatMap(
    (name) => derived.placed.find((span) => span.name === name)?.type ?? [],
  );
  const evidence = { ...initialEvidence(0, reasons, [...free]), classes, types };
  return { ...evidence, ...barsFor(classes, input.trust) };
}

/**
 * Whether the client answers for which spans vary: it named them all, or says so (DESIGN §11.5, §11.24). How
 * values are computed nobody answers for.
 */
function isVouched(
  { bindings, trust }: Observation,
  unnamed: readonly string[],
  derived: Derived,
): boolean {
  if (trust === 'probation' || derived.derived.length > 0) return false;
  return trust === 'immediate' || (bindings.length > 0 && unnamed.length === 0);
}

function dependentNames(derived: Derived): ReadonlySet<string> {
  return new Set(derived.derived.map(({ span }) => span.name));
}

/** Variables whose values were read off messages and that nobody vouched for. */
function freeValues(placed: readonly Placed[], others: ReadonlySet<string>): Map<string, string> {
  const free = new Map<string, string>();
  for (const span of placed) {
    if (!others.has(span.name) && !span.name.startsWith('$')) free.set(span.name, span.value);
  }
  return free;
}

/** Hydrating gives back what was recorded, and matching gives back the values, in one way only. */
function roundTrip(input: ValidateInput, nodes: readonly TreeNode[]): RejectionCode | undefined {
  const { exchange, start } = input;
  let bindings: Bindings = new Map([...exchange.known, ...start.inherited, ...(input.code ?? [])]);
  for (const node of nodes) {
    const message = exchange.messages[node.depth];
    if (message === undefined) return 'does-not-rebuild';
    const states = advance(single(node), [startOf(node.parent, bindings)], message);
    if (typeof states === 'string' || states.length > 1) return 'ambiguous';
    const state = states[0];
    if (state === undefined) return 'does-not-rebuild';
    if (state.open.size > 0) return 'ambiguous';
    bindings = state.bindings;
    const texts = node.template.leaves.map((leaf) => hydrateLeaf(leaf, bindings));
    if (texts.some((text, index) => text !== message.leaves[index]?.text))
      return 'does-not-rebuild';
  }
  const texts = exchange.answer.leaves.map((leaf) => leaf.text);
  const recorded = exchange.observation.answer.message;
  return rebuildMessage(recorded, exchange.answer, texts) === recorded
    ? undefined
    : 'does-not-rebuild';
}

function single(node: TreeNode): ScopeTree {
  const tree = new ScopeTree();
  tree.put(node);
  return tree;
}

/** Replays every exemplar that the new nodes reach: they must answer it as it was answered. */
function replayGuard(input: ValidateInput, nodes: readonly TreeNode[]): Validated {
  const answer = nodes.at(-1);
  const above = pathOf(input);
  if (answer === undefined || above.length < input.start.path.length) {
    return { kind: 'rejected', code: 'path-is-gone' };
  }
  const tree = new ScopeTree();
  for (const node of [...above, ...nodes]) tree.put(node);
  const own = { observation: input.exchange.observation.id, values: seenValues(answer) };
  let { evidence, state } = answer;
  if (leastBar(evidence) === 0) state = 'serving';
  const isComputed = input.derived.derived.length > 0;
  const exemplars: { observation: string; values: Values }[] = [own];
  for (const other of input.others) {
    const replayed = replay(tree, other, answer.id, input.code);
    if (replayed === undefined) continue;
    if (replayed.verdict === 'contradict')
      return { kind: 'rejected', code: 'contradicts-exemplar' };
    if (replayed.verdict === 'unsettled') continue;
    const judged = judge(evidence, state, { verdict: 'agree', values: replayed.values });
    // Programs were chosen so as to fit these: that they do is no prediction.
    if (isComputed) evidence = { ...judged.evidence, confirmations: 0 };
    else ({ evidence, state } = judged);
    exemplars.push({ observation: other.observation.id, values: replayed.values });
  }
  const last = { ...answer, evidence, state };
  return { kind: 'accepted', nodes: [...nodes.slice(0, -1), last], exemplars };
}

function replay(tree: ScopeTree, exchange: Exchange, node: string, code: Bindings | undefined) {
  const { observation, thread } = exchange;
  const { bindings } = lookUpCode(
    { tree, scope: observation.scope, thread, explicit: new Map(observation.bindings) },
    ({ key }) => code?.get(key),
  );
  const walked = walk(tree, observation.scope, thread, bindings);
  if (walked.kind !== 'reached') return undefined;
  const answer = walked.answers.find((candidate) => candidate.node.id === node);
  if (answer?.message === undefined) return undefined;
  const values = answer.node.evidence.seen.flatMap(({ name }) => {
    const value = answer.bindings.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { verdict: compareWith(answer, exchange), values };
}

function seenValues(node: TreeNode): Values {
  return node.evidence.seen.flatMap(({ name, values }) =>
    values[0] === undefined ? [] : [[name, values[0]] as const],
  );
}
