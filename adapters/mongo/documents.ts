/**
 * Stored document ⇄ core type, for everything but nodes (node-document.ts). All that is read is untrusted:
 * a document that does not parse is `undefined`, and the caller skips and reports it.
 */
import type { ExactAnswer, Observation, Scope } from '../../core/observation.ts';
import type { AnswerForm } from '../../core/tree/node.ts';
import { hasTexts, isCount, isFields, isPairList, parseList, type Fields } from './untrusted.ts';

export const SCHEMA_VERSION = 1;

/** Told of each document that does not parse; collection and id only, never what is in it. */
export type OnSkipped = (collection: string, id: string) => void;

/** All that the proxy knows of one exchange when its answer is complete. */
export interface Recording {
  readonly observation: Observation;
  readonly scope: Scope;
  /** Says the same answer at the same time as the observation. */
  readonly exactAnswer: ExactAnswer;
  /** A refresh: takes the place of an older exact answer. */
  readonly replace?: boolean;
}

/** A tenant. Keys are hashes; `settings` are those that differ from the server's. */
export interface Project {
  readonly id: string;
  readonly name: string;
  readonly keys: readonly ProjectKey[];
  readonly settings: readonly (readonly [string, string])[];
}

export interface ProjectKey {
  readonly hash: string;
  readonly label: string;
  readonly at: number;
}

/** `counter`: the node answers this thread wrongly (DESIGN §11.3). `unsettled`: in other words (§11.10). */
export type ExemplarKind = 'example' | 'counter' | 'unsettled';

/** An observation that speaks for or against a node. */
export interface Exemplar {
  readonly node: string;
  readonly observation: string;
  readonly kind: ExemplarKind;
}

interface StoredDocument {
  readonly _id: string;
  readonly schemaVersion: number;
  /** A tombstone: milliseconds since the epoch at which it was deleted. */
  readonly deletedAt?: number;
}

export interface ScopeDocument extends StoredDocument {
  readonly project: string;
  readonly model: string;
  readonly parameters: string;
  readonly endpoint: string;
  /** Counts the commits right below the root (DESIGN §11.9). */
  readonly childrenVersion: number;
  readonly namespace?: string;
  /** When all of it was deleted last: what was recorded before stays away. */
  readonly purgedAt?: number;
}

export interface ObservationDocument extends StoredDocument {
  readonly project: string;
  readonly scope: string;
  readonly thread: string;
  readonly shape: string;
  readonly messages: string;
  readonly answer: AnswerForm;
  readonly bindings: readonly (readonly [string, string])[];
  readonly induce: boolean;
  readonly at: number;
  readonly audit?: string;
  readonly trust?: Observation['trust'];
  /** The scope's own fields and the exact answer's id: enough to write both again from here. */
  readonly model: string;
  readonly parameters: string;
  readonly endpoint: string;
  readonly namespace?: string;
  readonly exact: { readonly id: string; readonly replace: boolean };
  readonly induction: {
    readonly state: 'waiting' | 'done';
    readonly outcome?: string;
    readonly at?: number;
    /** An exact answer, until a merge explains it together with others. */
    readonly unexplained?: true;
  };
  /** What the run's model calls used: counts only. */
  readonly inducer?: Readonly<Record<string, unknown>>;
  /** JSON texts by step, while a run is under way. */
  readonly proposal?: Readonly<Record<string, string>>;
  /** Counts commits: written so that a commit and a deletion collide. */
  readonly commits?: number;
  /** Taken back by feedback: recording it again does not bring it back. */
  readonly retracted?: true;
}

export interface AnswerDocument extends StoredDocument {
  readonly project: string;
  readonly scope: string;
  readonly thread: string;
  readonly observation: string;
  readonly answer: AnswerForm;
  readonly at: number;
}

export interface ExemplarDocument extends StoredDocument {
  readonly project: string;
  readonly scope: string;
  readonly node: string;
  readonly observation: string;
  readonly kind: ExemplarKind;
  readonly at: number;
  /** The observation is an audit of the node. */
  readonly audit?: boolean;
}

export interface ProjectDocument extends StoredDocument {
  readonly name: string;
  readonly keys: readonly ProjectKey[];
  readonly settings: readonly (readonly [string, string])[];
}

/** Inverse of `parseRecording`. Also what a line of the spool holds. */
export function toObservationDocument(recording: Recording): ObservationDocument {
  const { id, ...observation } = recording.observation;
  return {
    _id: id,
    schemaVersion: SCHEMA_VERSION,
    ...observation,
    model: recording.scope.model,
    parameters: recording.scope.parameters,
    endpoint: recording.scope.endpoint,
    ...namespaceOf(recording.scope),
    exact: { id: recording.exactAnswer.id, replace: recording.replace === true },
    induction: { state: 'waiting' },
  };
}

export function parseRecording(json: unknown): Recording | undefined {
  const observation = parseObservation(json);
  if (observation === undefined || !isFields(json) || !isFields(json['exact'])) return undefined;
  if (!hasTexts(json, 'model', 'parameters', 'endpoint') || !hasTexts(json['exact'], 'id'))
    return undefined;
  const { project, scope, thread, answer, at } = observation;
  return {
    observation,
    scope: {
      ...{ id: scope, project, model: json.model, parameters: json.parameters },
      endpoint: json.endpoint,
      ...namespaceOf(json),
    },
    exactAnswer: {
      id: json['exact'].id,
      project,
      scope,
      thread,
      observation: observation.id,
      answer,
      at,
    },
    replace: json['exact']['replace'] === true,
  };
}

export function parseObservation(json: unknown): Observation | undefined {
  if (!isLive(json)) return undefined;
  if (!hasTexts(json, '_id', 'project', 'scope', 'thread', 'shape', 'messages')) return undefined;
  const { bindings, induce, at } = json;
  const answer = parseAnswerForm(json['answer']);
  if (answer === undefined || !isPairList(bindings)) return undefined;
  if (typeof induce !== 'boolean' || !isCount(at)) return undefined;
  const { _id: id, project, scope, thread, shape, messages, audit, trust } = json;
  return {
    ...{ id, project, scope, thread, shape, messages, answer, bindings, induce, at },
    ...(typeof audit === 'string' ? { audit } : {}),
    ...(trust === 'immediate' || trust === 'probation' ? { trust } : {}),
  };
}

export function toScopeDocument(scope: Scope): ScopeDocument {
  const { id, ...fields } = scope;
  return { _id: id, schemaVersion: SCHEMA_VERSION, ...fields, childrenVersion: 0 };
}

export function parseScope(json: unknown): Scope | undefined {
  if (!isLive(json) || !hasTexts(json, '_id', 'project', 'model', 'parameters', 'endpoint'))
    return undefined;
  const { _id: id, project, model, parameters, endpoint } = json;
  return {
    ...{ id, project, model, parameters, endpoint },
    ...namespaceOf(json),
  };
}

function namespaceOf(fields: object) {
  const namespace = 'namespace' in fields ? fields.namespace : undefined;
  return typeof namespace === 'string' ? { namespace } : {};
}

export function toAnswerDocument(exactAnswer: ExactAnswer): AnswerDocument {
  const { id, ...fields } = exactAnswer;
  return { _id: id, schemaVersion: SCHEMA_VERSION, ...fields };
}

export function parseExactAnswer(json: unknown): ExactAnswer | undefined {
  if (!isLive(json)) return undefined;
  if (!hasTexts(json, '_id', 'project', 'scope', 'thread', 'observation')) return undefined;
  const answer = parseAnswerForm(json['answer']);
  const at = json['at'];
  if (answer === undefined || !isCount(at)) return undefined;
  const { project, scope, thread, observation } = json;
  return { id: json._id, project, scope, thread, observation, answer, at };
}

export function exemplarId(node: string, observation: string): string {
  return `${node}:${observation}`;
}

export function parseExemplar(json: unknown): Exemplar | undefined {
  if (!isLive(json) || !hasTexts(json, 'node', 'observation')) return undefined;
  const { node, observation, kind } = json;
  return isExemplarKind(kind) ? { node, observation, kind } : undefined;
}

function isExemplarKind(kind: unknown): kind is ExemplarKind {
  return kind === 'example' || kind === 'counter' || kind === 'unsettled';
}

export function toProjectDocument(project: Project): ProjectDocument {
  const { id, ...fields } = project;
  return { _id: id, schemaVersion: SCHEMA_VERSION, ...fields };
}

export function parseProject(json: unknown): Project | undefined {
  if (!isLive(json) || !hasTexts(json, '_id', 'name')) return undefined;
  const keys = parseList(json['keys'], parseKey);
  const settings = json['settings'];
  if (keys === undefined || !isPairList(settings)) return undefined;
  return { id: json._id, name: json.name, keys, settings };
}

function parseKey(json: unknown): ProjectKey | undefined {
  if (!isFields(json) || !hasTexts(json, 'hash', 'label') || !isCount(json['at'])) return undefined;
  return { hash: json.hash, label: json.label, at: json['at'] };
}

export function parseAnswerForm(json: unknown): AnswerForm | undefined {
  if (!isFields(json) || !hasTexts(json, 'message', 'finishReason', 'model', 'extras')) {
    return undefined;
  }
  const usage = json['usage'] ?? undefined;
  if (usage !== undefined && typeof usage !== 'string') return undefined;
  const { message, finishReason, model, extras } = json;
  return { message, finishReason, model, usage, extras };
}

/** A document of this version that is no tombstone. Later versions may mean other things by the same names. */
export function isLive(json: unknown): json is Fields {
  return isFields(json) && json['schemaVersion'] === SCHEMA_VERSION && json['deletedAt'] == null;
}
