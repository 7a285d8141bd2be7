/** A learned turn as nodes, read back by the code that walks trees: what it does not give back is not covered. */
import { inflects } from '../expressions/derivation.ts';
import { initialEvidence } from '../induction/evidence.ts';
import { risksOf, type Risks } from '../induction/provenance.ts';
import { isCode, recognise } from '../induction/recognise.ts';
import { overlaps, type Span } from '../induction/span.ts';
import { rebuildMessage } from '../messages/rebuild.ts';
import { matchMessage, onlyParse } from '../template/match.ts';
import {
  literalCharacters,
  templateText,
  variablesOfTemplate,
  type Bindings,
  type MessageTemplate,
} from '../template/template.ts';
import { nodeText, type NodeVariable, type TreeNode } from '../tree/node.ts';
import { guardsHold } from '../tree/walk.ts';
import { requiredConfirmations, type RiskClass } from '../trust/risk.ts';
import type { Branch } from './branches.ts';
import { outcomeOf, withDerived, type Outcome } from './explain.ts';
import type { LearnedTurn } from './learn.ts';
import { MERGE_LIMITS, type MergeQuestion, type RejectionReason } from './plan.ts';
import { isAnswered, requestsOf, type Sibling } from './sibling.ts';
import { messagesOf, placedAt, requestTemplates, sidesOf } from './turn-templates.ts';

/** Where a turn hangs. */
export interface TurnPlace {
  readonly scope: string;
  /** The node above, or the scope's id. */
  readonly parent: string;
  readonly depth: number;
  /** Words of the scope that are code, not data, in lower case. */
  readonly structure: readonly string[];
}

export interface BuiltBranch {
  readonly branch: Branch;
  readonly node: TreeNode;
  /** Siblings that the nodes give back, and what is bound after the reply. */
  readonly covered: ReadonlyMap<Sibling, Bindings>;
}

export interface BuiltTurn {
  readonly turn: LearnedTurn;
  readonly requests: readonly TreeNode[];
  readonly branches: readonly BuiltBranch[];
}

/** Fewer fixed characters than this in a text do not tell one behaviour from another (PERFORMANCE §4.7). */
const LITERAL_CHARACTERS_MIN = 4;
/** Siblings whose risks are looked at: they differ in values only. */
const RISKS_MAX = 4;

/** Nodes of the turn, or why there are none. */
export function buildTurn(
  question: MergeQuestion,
  turn: LearnedTurn,
  place: TurnPlace,
): BuiltTurn | RejectionReason {
  const templates = requestTemplates(turn, place.structure);
  if (templates.some(isTooGeneral)) return 'too-general';
  const requests = requestNodes(question, turn, { place, templates });
  const parent = requests.at(-1)?.id ?? place.parent;
  const sides = turn.branches.flatMap((branch) => sidesOf(turn, branch));
  const branches = sides.flatMap((branch): BuiltBranch[] => {
    const node = replyNode(question, turn, { branch, place: { ...place, parent } });
    const covered = readBack(turn, branch, requests);
    const first = covered.keys().next().value;
    return first === undefined || covered.size < MERGE_LIMITS.siblingsMin
      ? []
      : [{ branch, node, covered }];
  });
  return branches.length === 0 ? 'ambiguous' : { turn, requests, branches };
}

function isTooGeneral(template: MessageTemplate): boolean {
  if (template.role !== 'user' || variablesOfTemplate(template).length === 0) return false;
  return literalCharacters(template) < LITERAL_CHARACTERS_MIN;
}

function requestNodes(
  { hash, scope }: MergeQuestion,
  { pattern }: LearnedTurn,
  { place, templates }: { place: TurnPlace; templates: readonly MessageTemplate[] },
): TreeNode[] {
  const known = new Set(pattern.siblings[0]?.bindings.keys());
  let { parent } = place;
  return templates.map((template, index): TreeNode => {
    const variables = variablesOfTemplate(template)
      .filter((name) => !known.has(name))
      .map((name): NodeVariable => ({ role: 'independent', name }));
    for (const { name } of variables) known.add(name);
    const id = hash(nodeText({ parent, variables, guards: [] }, templateText(template)));
    const node: TreeNode = {
      ...{ id, scope, parent, depth: place.depth + index, template, variables },
      ...{ guards: [], state: 'serving', answer: undefined },
      evidence: initialEvidence(0, [], []),
      revision: 0,
    };
    parent = id;
    return node;
  });
}

function replyNode(
  question: MergeQuestion,
  turn: LearnedTurn,
  { branch, place }: { branch: Branch; place: TurnPlace },
): TreeNode {
  const { template, derived } = branch.explanation;
  const variables = derived.map(({ name, derivation }): NodeVariable => ({
    role: 'dependent',
    name,
    derivation,
  }));
  const { parent, scope } = place;
  const guards = branch.guards;
  const id = question.hash(nodeText({ parent, variables, guards }, templateText(template)));
  const model = turn.pattern.siblings.find(
    (sibling, index) => branch.covered.includes(index) && mayBeModel(sibling),
  );
  const { classes, reasons } = risksIn(question, turn, branch);
  const { counts, budget } = question.trust;
  const required = requiredConfirmations(classes, counts, budget);
  return {
    ...{ id, scope, parent, template, variables, guards },
    depth: place.depth + turn.pattern.model.length,
    state: model === undefined ? 'candidate' : 'probation',
    answer: model?.exchange.observation.answer,
    evidence: { ...initialEvidence(required, reasons, []), classes },
    revision: 0,
  };
}

/** Whether the reply is an answer whose recording can be written again byte for byte. */
function mayBeModel(sibling: Sibling): boolean {
  if (!isAnswered(sibling)) return false;
  const { answer, observation } = sibling.exchange;
  const recorded = observation.answer.message;
  const texts = answer.leaves.map(({ text }) => text);
  return rebuildMessage(recorded, answer, texts) === recorded;
}

/** The risks of all that the branch answers, and that of choosing it. */
function risksIn(question: MergeQuestion, turn: LearnedTurn, branch: Branch): Risks {
  const found = branch.covered
    .slice(0, RISKS_MAX)
    .map((sibling) => risksAt(question, turn, { branch, sibling }));
  const classes = new Set<RiskClass>(found.flatMap((risks) => risks.classes));
  const reasons = new Set(found.flatMap((risks) => risks.reasons));
  if (branch.isChosen) {
    classes.add('selection');
    reasons.add('the answer depends on conditions that siblings suggest');
  }
  return { classes: [...classes].sort(), reasons: [...reasons].sort() };
}

function risksAt(
  { parameters }: MergeQuestion,
  turn: LearnedTurn,
  { branch, sibling }: { branch: Branch; sibling: number },
): Risks {
  const messages = messagesOf(turn, sibling);
  const placed = placedAt(turn, branch, sibling);
  const last = messages.length - 1;
  const { derived } = branch.explanation;
  const above = turn.variables.filter(
    ({ name }) => !turn.pattern.slots.some((s) => s.name === name),
  );
  return risksOf({
    messages,
    placed,
    unexplained: isVaried(turn, branch) ? [] : literalsOf(turn, sibling, placed),
    vouched: false,
    parameters,
    unused: placed.filter(({ idle }) => idle === true),
    inherited: above.map(({ name, values }) => [name, values[sibling] ?? ''] as const),
    derivedCount: derived.length,
    isInflected: derived.some(({ derivation }) => inflects(derivation)),
    // It is so in several siblings.
    isDigitCut: false,
    isConstant: !placed.some(({ message }) => message === last),
    isWritten: false,
    // What siblings have in common is known from `isVaried`; nothing else makes it usual.
    others: [],
  });
}

/** Observations that have all variables different show that what is the same in them is constant (DESIGN §11.5). */
const DIFFERENT_MIN = 3;

function isVaried({ variables, idle }: LearnedTurn, { covered }: Branch): boolean {
  const varying = variables.filter(
    ({ name, values }) =>
      !idle.has(name) && new Set(covered.map((index) => values[index])).size > 1,
  );
  if (varying.length === 0) return false;
  const chosen: number[] = [];
  for (const index of covered) {
    const isNew = varying.every(
      ({ values }) => !chosen.some((other) => values[other] === values[index]),
    );
    if (isNew) chosen.push(index);
    if (chosen.length >= DIFFERENT_MIN) return true;
  }
  return false;
}

/** Data of the reply that no variable holds. */
function literalsOf(turn: LearnedTurn, sibling: number, placed: readonly Span[]): Span[] {
  const messages = messagesOf(turn, sibling);
  const message = messages.length - 1;
  const leaves = messages[message]?.leaves ?? [];
  return leaves.flatMap(({ kind, text }, leaf) => {
    const whole = { start: 0, end: text.length, kind: 'text', delimited: true } as const;
    const found = kind === 'text' && !isCode(text) ? recognise(text) : [whole];
    return found
      .filter((one) => !('doubtful' in one))
      .map((one) => ({ ...one, message, leaf, value: text.slice(one.start, one.end) }))
      .filter((one) => kind !== 'constant' && !placed.some((other) => overlaps(one, other)));
  });
}

/** The siblings of the branch that its nodes read in one way and answer as they were answered. */
function readBack(
  turn: LearnedTurn,
  branch: Branch,
  requests: readonly TreeNode[],
): Map<Sibling, Bindings> {
  const found = new Map<Sibling, Bindings>();
  for (const index of branch.covered) {
    const sibling = turn.pattern.siblings[index];
    if (sibling === undefined) continue;
    const bindings = readRequests(sibling, requests);
    if (bindings === undefined || predict(branch, sibling, bindings) !== 'right') continue;
    const all = withDerived(branch.explanation.derived, bindings);
    if (all !== undefined) found.set(sibling, all);
  }
  return found;
}

/** What the nodes bind in the requests of a sibling; undefined where they do not fit in just one way. */
export function readRequests(
  sibling: Sibling,
  requests: readonly TreeNode[],
): Bindings | undefined {
  const messages = requestsOf(sibling);
  let bindings: Bindings | undefined = sibling.bindings;
  for (const [index, { template }] of requests.entries()) {
    const message = messages[index];
    bindings = message && bindings && onlyParse(matchMessage(template, message, bindings));
  }
  return messages.length === requests.length ? bindings : undefined;
}

/** What the branch says to a sibling; undefined where its guards do not hold. */
export function predict(
  { explanation, guards }: Branch,
  sibling: Sibling,
  bindings: Bindings,
): Outcome | undefined {
  if (!guardsHold({ guards }, bindings)) return undefined;
  return outcomeOf(explanation, bindings, sibling.reply);
}
