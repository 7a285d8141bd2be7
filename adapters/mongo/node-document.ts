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
import { isRiskClass, type RiskClass } from '../../core/trust/risk.ts';
import { isLive, parseAnswerForm, SCHEMA_VERSION } from './documents.ts';
import { hasTexts, isCount, isFields, isTextList, parseList } from './untrusted.ts';

/** One entry of a node's life, for people. Older ones fall out. */
export interface NodeHistoryEntry {
  readonly at: number;
  readonly state: NodeState;
  readonly note: string;
}

/** A person reads the last few; the document must not grow with traffic. */
export const HISTORY_MAX = 50;

export interface EvidenceDocument {
  readonly confirmations: number;
  readonly contradictions: number;
  readonly required: number;
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
  /** When the newest answer of the provider was complete that agreed with the node: its age (DESIGN §11.16). */
  readonly agreedAt?: number;
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
export interface NodeBirth {
  readonly project: string;
  readonly revision: number;
  readonly at: number;
  /** When the answer was complete that the node was learned from. */
  readonly observedAt: number;
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
    agreedAt: birth.observedAt,
    history: [{ at: birth.at, state: node.state, note: 'created' }],
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
  };
}

export function toEvidenceDocument(evidence: Evidence): EvidenceDocument {
  return { ...evidence, seen: evidence.seen.map(({ name, values }) => [name, values] as const) };
}

export function parseEvidence(json: unknown): Evidence | undefined {
  if (!isFields(json)) return undefined;
  const { confirmations, contradictions, required, reasons } = json;
  const seen = parseList(json['seen'], parseSeen);
  if (!isCount(confirmations) || !isCount(contradictions) || !isCount(required)) return undefined;
  const classes = parseList(json['classes'], (item) => (isRiskClass(item) ? item : undefined));
  if (seen === undefined || classes === undefined || !isTextList(reasons)) return undefined;
  return { confirmations, contradictions, required, classes, reasons, seen };
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
