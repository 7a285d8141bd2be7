/** Stored document ⇄ core's TreeNode. Variable names are data, so evidence is lists of pairs. */
import { parseDerivation } from '../../core/expressions/derivation.ts';
import { parseCondition } from '../../core/template/condition.ts';
import { parseTemplate } from '../../core/template/template.ts';
import type {
  AnswerForm,
  Evidence,
  Guard,
  NodeState,
  NodeVariable,
  TreeNode,
} from '../../core/tree/node.ts';
import { EXPECTATIONS, type ValueType } from '../../core/tree/value-type.ts';
import { isRiskClass, type RiskClass, type TypedBars } from '../../core/trust/risk.ts';
import { isLive, parseAnswerForm, SCHEMA_VERSION } from './documents.ts';
import { hasTexts, isCount, isFields, isTextList, parseList } from './untrusted.ts';

/** One entry of a node's life, for people. Older ones fall out. */
export interface NodeHistoryEntry extends ChangeSource {
  readonly at: number;
  readonly state: NodeState;
  readonly note: string;
}

/** Who changed a node: a person, what somebody said of an answer, or one of our own runs. */
export interface ChangeSource {
  readonly by?: Actor | undefined;
  /** Workflow id of the run, or the call that feedback is about. */
  readonly run?: string | undefined;
}

export type Actor =
  'person' | 'feedback' | 'audit' | 'induce' | 'merge' | 'revise' | 'prune' | 'import' | 'sandbox';

/** A person reads the last few; the document must not grow with traffic. */
export const HISTORY_MAX = 50;

export interface EvidenceDocument {
  readonly confirmations: number;
  readonly contradictions: number;
  readonly required: number;
  readonly requiredTyped: TypedBars;
  readonly types: readonly ValueType[];
  readonly classes: readonly RiskClass[];
  readonly reasons: readonly string[];
  readonly seen: readonly (readonly [string, readonly string[]])[];
}

export interface NodeDocument {
  readonly _id: string;
  readonly schemaVersion: number;
  readonly project: string;
  readonly scope: string;
  readonly parent: string;
  readonly depth: number;
  readonly template: unknown;
  readonly variables: unknown;
  readonly guards: unknown;
  readonly state: NodeState;
  readonly answer?: AnswerForm;
  readonly evidence: EvidenceDocument;
  readonly revision: number;
  /** Counts the commits right below this node (DESIGN §11.9). */
  readonly childrenVersion: number;
  readonly history: readonly NodeHistoryEntry[];
  /** How many of its answers were audited, whatever came out. */
  readonly audited?: number;
  /** When the newest live answer was given that agrees with it: what its age is counted from (DESIGN §11.16). */
  readonly agreedAt?: number;
  readonly pinned?: true;
  /** Since when it waits for `revise`: evidence spoke against it. */
  readonly reviseAt?: number;
  /** A tombstone: milliseconds since the epoch at which it was deleted. */
  readonly deletedAt?: number;
}

const STATES: ReadonlySet<string> = new Set<NodeState>([
  'candidate',
  'probation',
  'serving',
  'quarantined',
  'retired',
]);

/** What a commit adds to a node: whose it is and its place in the project's order. */
export interface NodeBirth extends ChangeSource {
  readonly project: string;
  readonly revision: number;
  readonly at: number;
  readonly agreedAt?: number;
}

export function toNodeDocument(node: TreeNode, birth: NodeBirth): NodeDocument {
  return {
    _id: node.id,
    schemaVersion: SCHEMA_VERSION,
    project: birth.project,
    scope: node.scope,
    parent: node.parent,
    depth: node.depth,
    template: node.template,
    variables: node.variables,
    guards: node.guards,
    state: node.state,
    ...(node.answer === undefined ? {} : { answer: node.answer }),
    evidence: toEvidenceDocument(node.evidence),
    revision: birth.revision,
    childrenVersion: 0,
    history: [{ at: birth.at, state: node.state, note: 'created', by: birth.by, run: birth.run }],
    ...(node.answer === undefined || birth.agreedAt === undefined
      ? {}
      : { agreedAt: birth.agreedAt }),
    ...(node.pinned === true ? { pinned: true } : {}),
  };
}

/** The node, or undefined for a tombstone and for anything that is not a whole node. */
export function parseNode(json: unknown): TreeNode | undefined {
  if (!isLive(json) || !hasTexts(json, '_id', 'scope', 'parent')) return undefined;
  const { depth, revision, answer } = json;
  const guards = parseList(json['guards'], parseGuard);
  const template = parseTemplate(json['template']);
  const variables = parseList(json['variables'], parseVariable);
  const state = parseState(json['state']);
  const evidence = parseEvidence(json['evidence']);
  if (template === undefined || variables === undefined || state === undefined) return undefined;
  if (evidence === undefined || guards === undefined) return undefined;
  if (!isCount(depth) || !isCount(revision)) return undefined;
  const form = answer == null ? undefined : parseAnswerForm(answer);
  // An answer that does not parse is not "no answer": the node would be taken for a request message.
  if (answer != null && form === undefined) return undefined;
  return {
    id: json._id,
    scope: json.scope,
    parent: json.parent,
    depth,
    template,
    variables,
    guards,
    state,
    answer: form,
    evidence,
    revision,
    ...(json['pinned'] === true ? { pinned: true } : {}),
  };
}

export function toEvidenceDocument(evidence: Evidence): EvidenceDocument {
  return { ...evidence, seen: evidence.seen.map(({ name, values }) => [name, values] as const) };
}

export function parseEvidence(json: unknown): Evidence | undefined {
  if (!isFields(json)) return undefined;
  const { confirmations, contradictions, required, reasons } = json;
  const requiredTyped = parseBars(json['requiredTyped']);
  const seen = parseList(json['seen'], parseSeen);
  if (!isCount(confirmations) || !isCount(contradictions) || !isCount(required)) return undefined;
  if (requiredTyped === undefined) return undefined;
  const types = parseList(json['types'], parseValueType);
  const classes = parseList(json['classes'], (item) => (isRiskClass(item) ? item : undefined));
  if (seen === undefined || classes === undefined || types === undefined) return undefined;
  if (!isTextList(reasons)) return undefined;
  const counts = { confirmations, contradictions, required, requiredTyped };
  return { ...counts, types, classes, reasons, seen };
}

function parseBars(json: unknown): TypedBars | undefined {
  if (!isFields(json)) return undefined;
  const { known, novel, odd, rivalled } = json;
  if (!isCount(known) || !isCount(novel) || !isCount(odd) || !isCount(rivalled)) return undefined;
  return { known, novel, odd, rivalled };
}

function parseValueType(json: unknown): ValueType | undefined {
  if (!isFields(json) || !hasTexts(json, 'name')) return undefined;
  const { name, values, shapes, rivalled, doubtful, isWhole } = json;
  const expects = EXPECTATIONS.find((one) => one === json['expects']);
  if (!isTextList(values) || !isTextList(shapes) || !isTextList(rivalled)) return undefined;
  if (!isTextList(doubtful)) return undefined;
  if (expects === undefined || typeof isWhole !== 'boolean') return undefined;
  return { name, values, shapes, expects, rivalled, doubtful, isWhole };
}

export function parseState(json: unknown): NodeState | undefined {
  return typeof json === 'string' && STATES.has(json) ? (json as NodeState) : undefined;
}

function parseSeen(json: unknown): Evidence['seen'][number] | undefined {
  if (!Array.isArray(json) || json.length !== 2) return undefined;
  const [name, values] = json as readonly unknown[];
  return typeof name === 'string' && isTextList(values) ? { name, values } : undefined;
}

function parseGuard(json: unknown): Guard | undefined {
  if (!isFields(json) || !hasTexts(json, 'name')) return undefined;
  const condition = parseCondition(json['condition']);
  return condition && { name: json.name, condition };
}

function parseVariable(json: unknown): NodeVariable | undefined {
  if (!isFields(json) || !hasTexts(json, 'name')) return undefined;
  if (json['role'] === 'independent') return { role: 'independent', name: json.name };
  const derivation = parseDerivation(json['derivation']);
  if (json['role'] !== 'dependent' || derivation === undefined) return undefined;
  return { role: 'dependent', name: json.name, derivation };
}
