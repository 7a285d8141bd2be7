/** What Ghee keeps of one exchange, and the ids by which everything is stored. */
import { lastTextWriter, threadText, type ChatRequest } from './messages/request.ts';
import type { Thread } from './messages/message.ts';
import type { AnswerForm } from './tree/node.ts';

/** Passed in, so that core needs no builtin: hex of a cryptographic hash of the text. */
export type Hash = (text: string) => string;

/** One recorded exchange. Its id is the hash of all that it says, so that recording it twice is once. */
export interface Observation {
  readonly id: string;
  readonly project: string;
  readonly scope: string;
  /** Hash of the canonical thread: the key of the exact answer within the scope. */
  readonly thread: string;
  /** Hash of the thread's skeletons: only templates of the same shape can match it. */
  readonly shape: string;
  /** The request's `messages`, as JSON text, from the root. */
  readonly messages: string;
  readonly answer: AnswerForm;
  /** Explicit bindings, name → value. */
  readonly bindings: readonly (readonly [string, string])[];
  /** False when the client asked to store the exact exchange only (`Butter-Disable-Induction`). */
  readonly induce: boolean;
  /** Milliseconds since the epoch at which the answer was complete. */
  readonly at: number;
  /** The node whose answer this exchange checks: Ghee asked for it after a hit, no client did (DESIGN §11.11). */
  readonly audit?: string;
  /** The client vouches for what varies, or wants even what it named to be proved (`Butter-Trust`). */
  readonly trust?: 'immediate' | 'probation' | undefined;
}

/** Names an observation: all that payloads of workflows carry. */
export interface ObservationRef {
  readonly observation: string;
  readonly scope: string;
  readonly project: string;
  /** What follows from it is stored: its scope and exact answer. Whoever does not know has its run write them. */
  readonly isFollowedUp?: true;
}

/** An exact answer: the whole thread → what was answered to it. */
export interface ExactAnswer {
  readonly id: string;
  readonly project: string;
  readonly scope: string;
  readonly thread: string;
  readonly observation: string;
  readonly answer: AnswerForm;
  readonly at: number;
}

/** Everything in a request but its messages that can change the answer: the root of one tree. */
export interface Scope {
  readonly id: string;
  readonly project: string;
  readonly model: string;
  /** Canonical text of the parameters; tool schemas in it are a legitimate origin of constants. */
  readonly parameters: string;
  /** Hash of path, query and headers: with `namespace` and `parameters` it finds the same requests of other callers. */
  readonly endpoint: string;
  /** What the caller calls this part of its traffic (`Butter-Namespace`): it can be deleted by that. */
  readonly namespace?: string;
}

/** `partition`: keyed hash of the caller and the provider; `endpoint`: path, query and the headers that may matter. */
export function scopeOf(
  hash: Hash,
  caller: {
    readonly project: string;
    readonly partition: string;
    readonly endpoint: string;
    readonly namespace?: string | undefined;
  },
  request: ChatRequest,
): Scope {
  const key = JSON.stringify([
    caller.project,
    caller.partition,
    caller.endpoint,
    request.parameters,
  ]);
  return {
    id: hash(key),
    project: caller.project,
    model: request.model,
    parameters: request.parameters,
    endpoint: hash(caller.endpoint),
    ...(caller.namespace === undefined ? {} : { namespace: caller.namespace }),
  };
}

/** In two steps, so that what threads have in common before their last message is hashed once. */
export function threadHash(hash: Hash, thread: Thread): string {
  return hash(`${beginningOf(hash, thread)}${threadText(lastOf(thread))}`);
}

/** Gives what `threadHash` does, of threads that differ from `thread` in the only leaf of their last message, a text. */
export function threadHasher(hash: Hash, thread: Thread): (text: string) => string {
  const beginning = beginningOf(hash, thread);
  const writeLast = lastTextWriter(lastOf(thread));
  return (text) => hash(beginning + writeLast(text));
}

function beginningOf(hash: Hash, { messages, callIds }: Thread): string {
  return `${hash(threadText({ messages: messages.slice(0, -1), callIds }))}\n`;
}

function lastOf({ messages, callIds }: Thread): Thread {
  return { messages: messages.slice(-1), callIds };
}

export function shapeHash(hash: Hash, thread: Thread): string {
  return hash(JSON.stringify(thread.messages.map((message) => message.skeleton)));
}

export function exactAnswerId(hash: Hash, scope: string, thread: string): string {
  return hash(JSON.stringify([scope, thread]));
}

/**
 * Names one answer to one thread, whoever gives it: what feedback takes back. Blanks do not tell answers
 * apart, as when they are compared.
 */
export function answerKey(
  hash: Hash,
  asked: { readonly scope: string; readonly thread: string },
  answer: { readonly skeleton: string; readonly texts: readonly string[] },
): string {
  const texts = answer.texts.map((text) => text.replace(/\s+/g, ' ').trim());
  return hash(JSON.stringify([asked.scope, asked.thread, answer.skeleton, texts]));
}

export function observationId(
  hash: Hash,
  parts: Pick<Observation, 'scope' | 'thread' | 'answer' | 'bindings'>,
): string {
  return hash(JSON.stringify([parts.scope, parts.thread, parts.answer.message, parts.bindings]));
}
