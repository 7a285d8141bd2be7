/** What to do with a chat completions call: refuse, serve or forward. Reads memory only, decides once. */
import { isUtf8 } from 'node:buffer';
import { hash as digest } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { CodeCall } from '../../core/expressions/derivation.ts';
import { parseJson, stringMember, type Json } from '../../core/json/json.ts';
import { readChatRequest } from '../../core/messages/request.ts';
import { scopeOf, threadHash, type Hash } from '../../core/observation.ts';
import { describeError } from '../../adapters/logger.ts';
import type { Project } from '../../adapters/mongo/documents.ts';
import type { Bindings } from '../../core/template/template.ts';
import { authenticate, type Authentication } from './authenticate.ts';
import { readBindings } from './bindings-header.ts';
import { callerOf } from './caller.ts';
import { explainQuestion } from '../record/explain-question.ts';
import { decodeBody } from './decode-body.ts';
import type { ProxyDeps } from '../deps.ts';
import {
  corruptEncoding,
  malformedJson,
  notCached,
  unknownEncoding,
  type Problem,
} from '../error-response.ts';
import type { ReadRequest } from '../hit/frames.ts';
import type { Lesson } from '../miss/learn.ts';
import { lookUp, type LookUp, type LookUpContext, type Question } from '../hit/look-up.ts';
import { bypass, miss, TOO_LARGE, type Forwarded, type Outcome } from '../outcome.ts';
import { renderRepeat, type Repeat, type RepeatKey } from '../hit/repeats.ts';
import { rulesOf, type Rules } from './rules.ts';
import { renderHit, type HitBody } from '../hit/serve-hit.ts';
import type { Upstream } from '../miss/upstream.ts';
import { readWishes, type Wishes } from './wishes.ts';

export interface ChatCall {
  readonly headers: IncomingHttpHeaders;
  /** The same, as they came: names and values alternate. */
  readonly rawHeaders: readonly string[];
  readonly path: string;
  readonly query: string;
  readonly body: Buffer;
  readonly requestId: string;
  /** As in LookUpContext. */
  readonly recall: LookUpContext['recall'];
}

export type Plan = { readonly model?: string } & (
  | { readonly kind: 'refuse'; readonly problem: Problem }
  /** Plan again when these have been run (compute.ts). */
  | { readonly kind: 'compute'; readonly calls: readonly CodeCall[] }
  | {
      readonly kind: 'serve';
      readonly hit: HitBody;
      readonly outcome: Outcome;
      readonly asked: Asked;
      readonly found: Found;
    }
  | {
      readonly kind: 'forward';
      readonly outcome: Forwarded;
      readonly upstream: Upstream;
      readonly lesson?: Lesson;
      readonly asked?: Asked;
      /** Whether an identical call's answer will do as well as one of its own. */
      readonly mayFollow?: boolean;
      /** What would have been served (`observe`). */
      readonly predicted?: Found;
    }
);

export type Found = Extract<LookUp, { kind: 'found' }>;

/** A call that Ghee may answer: all that is known of it before it is answered. */
export interface Asked {
  readonly question: Question;
  /** The request's `messages` as JSON text. */
  readonly messages: string;
  readonly upstream: Upstream;
  /** Whether templates may be learned from it. */
  readonly induce: boolean;
  readonly rules: Rules;
}

export const sha256: Hash = (text) => digest('sha256', text);

const DEMO_MODEL = 'demo';

/** Errors: none; a fault of ours becomes a bypass, since the provider can still answer (fail open). */
export function planCall(deps: ProxyDeps, call: ChatCall): Plan {
  try {
    return plan(deps, call);
  } catch (error) {
    reportFault(deps, 'plan', call.requestId, error);
    const read = readWishes(call.headers);
    if (read.kind === 'refused') return { kind: 'refuse', problem: read.problem };
    const rules = rulesOf(read.wishes, undefined, deps.settings.rules);
    const outcome = bypass('internal_error');
    return obey(rules, { kind: 'forward', outcome, upstream: deps.upstream });
  }
}

/** Whatever the reason to forward. */
function obey({ mode, mayForward }: Rules, plan: Plan): Plan {
  if (plan.kind !== 'forward' || mayForward) return plan;
  return { kind: 'refuse', problem: notCached(mode, plan.outcome) };
}

function plan(deps: ProxyDeps, call: ChatCall): Plan {
  const caller = authenticate(deps, call.headers);
  const project = caller.kind === 'project' ? caller.project : undefined;
  const { body, rawHeaders, path, query } = call;
  const key = { body, rawHeaders, path, query, project };
  // What a request's headers ask for is known with the rest, of one like it that was answered.
  if (caller.kind === 'local' || caller.kind === 'project') {
    const repeat = deps.repeats.find(key);
    if (repeat !== undefined) return answerOrForward(deps, call, repeat.asked, repeat);
    const framed = deps.frames.find(key);
    if (framed !== undefined) return keepRepeat(deps, key, answerOrForward(deps, call, framed));
  }
  const result = readCall(deps, call, caller, project);
  if (result.kind !== 'read') return result;
  const planned = answerOrForward(deps, call, result.asked);
  const isHit = planned.kind === 'serve' && planned.found.reached !== undefined;
  if (isHit || planned.kind === 'forward') deps.frames.keep(key, result, isHit);
  return keepRepeat(deps, key, planned);
}

/** What comes again is mostly what was recorded, word for word. */
function keepRepeat(deps: ProxyDeps, key: RepeatKey, planned: Plan): Plan {
  const isExact = planned.kind === 'serve' && planned.found.reached === undefined;
  if (isExact) deps.repeats.keep(key, planned.asked);
  return planned;
}

/** The request by its headers and its body, or what becomes of one that Ghee does not answer. */
function readCall(
  deps: ProxyDeps,
  call: ChatCall,
  caller: Authentication,
  project: Project | undefined,
): ReturnType<typeof readRequest> {
  const read = readWishes(call.headers);
  if (read.kind === 'refused') return { kind: 'refuse', problem: read.problem };
  const named = readBindings(headerOf(call.headers, 'butter-bindings'));
  if (named.kind === 'refused') return { kind: 'refuse', problem: named.problem };
  if (caller.kind === 'refused') return { kind: 'refuse', problem: caller.problem };
  const { wishes } = read;
  const rules = rulesOf(wishes, project, deps.settings.rules);
  const { bindings } = named;
  return readRequest(deps, call, { bindings, caller: caller.kind, project, rules, wishes });
}

/** What a plan knows of a call before it looks at its body. */
export interface Callers {
  readonly bindings: Bindings;
  readonly caller: Exclude<Authentication['kind'], 'refused'>;
  readonly project: Project | undefined;
  readonly rules: Rules;
  readonly wishes: Wishes;
}

/** The request as Ghee understands it, or what becomes of one that it does not answer. Exported for tests. */
export function readRequest(
  deps: Pick<ProxyDeps, 'settings' | 'upstream' | 'demo' | 'keyedHash' | 'lock'>,
  call: ChatCall,
  callers: Callers,
): Plan | ({ readonly kind: 'read' } & ReadRequest) {
  const { bindings, caller, project, rules, wishes } = callers;
  const text = readText(call, deps.settings.requestBytesMax);
  if (text === undefined) {
    const outcome = bypass(TOO_LARGE);
    return obey(rules, { kind: 'forward', outcome, upstream: deps.upstream });
  }
  if (typeof text === 'object') return { kind: 'refuse', problem: text };
  const parsed = parseJson(text);
  if (parsed.kind === 'fault') {
    if (parsed.fault === 'syntax') return { kind: 'refuse', problem: malformedJson() };
    // JSON to the provider, perhaps, but nothing that Ghee could compare without loss.
    const outcome = bypass(wordOf(parsed.fault));
    return obey(rules, { kind: 'forward', outcome, upstream: deps.upstream });
  }
  const model = stringMember(parsed.value, 'model') ?? '';
  const upstream = model === DEMO_MODEL ? (deps.demo ?? deps.upstream) : deps.upstream;
  const forward = (reason: string): Plan =>
    obey(rules, { kind: 'forward', model, outcome: bypass(reason), upstream });
  if (wishes.cacheControl.noStore) return forward('no_store');
  if (caller === 'unknown') return forward('projects_unknown');
  const chat = readChatRequest(parsed.value);
  if (chat.kind === 'bypass') return forward(chat.reason);
  const target = { upstream: upstream.identity, path: call.path, query: call.query };
  const from = callerOf(deps.keyedHash, call.headers, target, {
    project: project?.id,
    separate: rules.separate,
  });
  const scope = scopeOf(sha256, from, chat.request);
  const question: Question = {
    scope: deps.lock?.find(scope) ?? scope,
    request: chat.request,
    thread: threadHash(sha256, chat.request.thread),
    bindings,
    noCache: wishes.cacheControl.noCache,
    maxAge: rules.maxAge,
  };
  const { messages, messagesAt } = messagesOf(text, parsed.value);
  const { induce } = wishes;
  const asked = { question, messages, upstream, induce, rules };
  return { kind: 'read', text, messagesAt, asked };
}

function answerOrForward(deps: ProxyDeps, call: ChatCall, asked: Asked, repeat?: Repeat): Plan {
  const { question, messages, upstream, induce, rules } = asked;
  const { model } = question.request;
  const found = answer(deps, call, question, repeat);
  if (found.kind === 'compute') return { kind: 'compute', model, calls: found.calls };
  const lesson = { question, messages, induce, trust: rules.trust };
  if (found.kind === 'hit' && rules.mode === 'observe' && rules.mayForward) {
    const outcome = miss('would-hit');
    const predicted = found.found;
    const replacing = { ...lesson, replace: false };
    return { kind: 'forward', model, outcome, upstream, lesson: replacing, asked, predicted };
  }
  if (found.kind === 'hit') {
    const { hit, found: source } = found;
    return { kind: 'serve', model, hit, outcome: source.outcome, asked, found: source };
  }
  const { reason, refresh } = found;
  if (!rules.mayForward) {
    const details = explainQuestion(deps, question, rules.allows);
    return { kind: 'refuse', model, problem: notCached(rules.mode, miss(reason), details) };
  }
  return {
    kind: 'forward',
    model,
    outcome: miss(reason),
    upstream,
    lesson: { ...lesson, replace: refresh },
    asked,
    // Who asked for a new answer gets one that was begun after it asked.
    mayFollow: !question.noCache && rules.mode === 'live',
  };
}

type Answer =
  | { readonly kind: 'hit'; readonly hit: HitBody; readonly found: Found }
  | { readonly kind: 'compute'; readonly calls: readonly CodeCall[] }
  | { readonly kind: 'none'; readonly reason: string; readonly refresh: boolean };

/** A fault of memory, walk or rendering is a miss: it can still be answered and learned. */
function answer(
  deps: ProxyDeps,
  call: ChatCall,
  question: Question,
  repeat: Repeat | undefined,
): Answer {
  const { mirror, random } = deps;
  const now = deps.now();
  try {
    const { staleMaxSeconds } = deps.settings;
    const context = { mirror, now, staleMaxSeconds, recall: call.recall, hash: sha256 };
    const found = lookUp(context, question);
    if (found.kind !== 'found') return found;
    const { request } = question;
    const hit =
      renderRepeat(repeat, found, request, { now, random }) ??
      renderHit(found, request, { now, random });
    return { kind: 'hit', hit, found };
  } catch (error) {
    reportFault(deps, 'answer', call.requestId, error);
    return { kind: 'none', reason: 'internal_error', refresh: false };
  }
}

/** Undefined: it is too large when it is decoded. */
function readText(call: ChatCall, bytesMax: number): string | Problem | undefined {
  const decoded = decodeBody(call.body, headerOf(call.headers, 'content-encoding'), bytesMax);
  switch (decoded.kind) {
    case 'too-large':
      return undefined;
    case 'unknown':
      return unknownEncoding(decoded.encoding.slice(0, 64));
    case 'corrupt':
      return corruptEncoding(decoded.encoding);
    case 'decoded': {
      if (!isUtf8(decoded.bytes)) return malformedJson();
      const text = decoded.bytes.toString('utf8');
      return text.startsWith('\ufeff') ? text.slice(1) : text;
    }
  }
}

/** The source of `messages`, and where it begins: numbers and formatting as the client wrote them. */
function messagesOf(text: string, body: Json) {
  const entries = body.kind === 'object' ? body.entries : [];
  const entry = entries.find((candidate) => candidate.key === 'messages');
  if (entry === undefined) return { messages: '[]', messagesAt: 0 };
  return { messages: text.slice(entry.start, entry.end), messagesAt: entry.start };
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

function wordOf(fault: string): string {
  return fault.replaceAll('-', '_');
}

function reportFault(deps: ProxyDeps, where: string, requestId: string, error: unknown): void {
  deps.log.error({ event: 'internal_error', where, requestId, ...describeError(error) });
}
