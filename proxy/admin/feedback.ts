/**
 * `POST /admin/feedback`: somebody says that an answer was wrong. Whatever gave it stops giving it, on all
 * proxies as soon as their mirrors hear of it; saying it again changes nothing (DESIGN §11.3).
 */
import { z } from 'zod';
import type { FeedbackEffect } from '../../adapters/mongo/feedback-store.ts';
import type { RequestEntry } from '../../adapters/mongo/request-store.ts';
import { judge } from '../../core/induction/evidence.ts';
import { readExchange } from '../../core/induction/exchange.ts';
import { parseJson } from '../../core/json/json.ts';
import { appendMessage } from '../../core/messages/message.ts';
import { answerKey, exactAnswerId } from '../../core/observation.ts';
import type { AnswerForm } from '../../core/tree/node.ts';
import { LOCAL_PROJECT } from '../request/caller.ts';
import { invalidRequest } from '../error-response.ts';
import type { AdminDeps, AdminUser } from './deps.ts';
import { findRequest } from './find-request.ts';
import { AdminProblem, parseInput } from './problems.ts';

const BODY = z.strictObject({
  requestId: z.string().min(1).max(200),
  verdict: z.literal('wrong'),
  /** The answer's text, or an assistant message as the API writes it. */
  correct: z
    .union([z.string().min(1), z.looseObject({ role: z.literal('assistant') })])
    .exactOptional(),
});

export const FEEDBACK_NOTE = 'feedback: wrong answer';

/** Where the call stands in its tree: enough to find its answer again. */
type Placed = RequestEntry & { readonly scope: string; readonly thread: string };

/** Errors: AdminProblem for input that is not valid or a call that is not in the log; StoreError. */
export async function giveFeedback(
  deps: AdminDeps,
  user: AdminUser,
  body: unknown,
): Promise<object> {
  const { requestId, correct } = parseInput(BODY, body);
  const correction = correct === undefined ? undefined : answerFormOf(correct);
  const entry = await findRequest(deps, requestId, user);
  const before = await deps.feedback.read(entry.id);
  // A second time it might hit what has taken the wrong answer's place.
  const effect = before?.effect ?? (await takeBack(deps, entry));
  const isCorrected = correction !== undefined && isPlaced(entry);
  if (isCorrected) await saveCorrection(deps, entry, correction);
  if (before === undefined) await conclude(deps, entry, { effect, isCorrected });
  return { requestId, effect, isCorrected, node: entry.node ?? null };
}

async function takeBack(deps: AdminDeps, entry: RequestEntry): Promise<FeedbackEffect> {
  if (!isPlaced(entry)) return 'none';
  if (entry.outcome === 'hit' && entry.reason === 'template') return rejectTemplate(deps, entry);
  return entry.outcome === 'hit' || entry.outcome === 'miss' ? removeExact(deps, entry) : 'none';
}

async function rejectTemplate(deps: AdminDeps, entry: Placed): Promise<FeedbackEffect> {
  const { node, answerKey: key, scope, id } = entry;
  if (node === undefined || key === undefined) return 'none';
  const project = projectOf(entry);
  // First of all: with it the template is harmless for this thread, whatever happens to the rest.
  await deps.feedback.veto({ key, project, scope, node });
  const about = { node, observation: `feedback:${id}`, kind: 'counter' as const };
  await deps.trees.addEvidence(about, (evidence, state) => ({
    ...judge(evidence, state, { verdict: 'contradict', values: [] }),
    note: FEEDBACK_NOTE,
    by: 'feedback',
    run: entry.requestId,
    revise: true,
  }));
  // Without waiting: the template is out of service already, and the sweep starts what is not started here.
  void deps.startRevision({ node, scope, project });
  return 'quarantined';
}

/** The stored answer, and the observation that it came from: no template may be learned from that either. */
async function removeExact(deps: AdminDeps, entry: Placed): Promise<FeedbackEffect> {
  const { scope, thread } = entry;
  const project = projectOf(entry);
  const id = exactAnswerId(deps.hash, scope, thread);
  const stored = await deps.observations.readExactAnswer(id);
  if (stored === undefined && entry.outcome !== 'hit') return 'none';
  const observation = stored && (await deps.observations.read(stored.observation));
  const answer = observation && readExchange(observation)?.answer;
  if (answer !== undefined) {
    const texts = answer.leaves.map((leaf) => leaf.text);
    const key = answerKey(deps.hash, entry, { skeleton: answer.skeleton, texts });
    await deps.feedback.veto({ key, project, scope, node: id });
  }
  if (observation !== undefined) await deps.observations.retract(observation.id);
  await deps.feedback.removeExact({ id, project, scope, thread });
  return 'removed';
}

/** The right answer becomes the exact answer of the thread. */
async function saveCorrection(deps: AdminDeps, entry: Placed, answer: AnswerForm): Promise<void> {
  const { scope, thread } = entry;
  const exactAnswer = {
    id: exactAnswerId(deps.hash, scope, thread),
    project: projectOf(entry),
    scope,
    thread,
    observation: `feedback:${entry.id}`,
    answer: { ...answer, model: entry.model ?? '' },
    // Later than the tombstone that may stand there since just now.
    at: deps.now() + 1,
  };
  await deps.observations.saveExactAnswers([{ exactAnswer, replace: true }]);
}

async function conclude(
  deps: AdminDeps,
  entry: RequestEntry,
  done: { readonly effect: FeedbackEffect; readonly isCorrected: boolean },
): Promise<void> {
  const { id, requestId, node, model = '' } = entry;
  const project = projectOf(entry);
  await deps.feedback.save({
    _id: id,
    requestId,
    verdict: 'wrong',
    ...done,
    project,
    ...(node === undefined ? {} : { node }),
  });
  deps.metrics.feedback.inc({ effect: done.effect });
  deps.ledger.add(project, model, { feedback: 1 });
  deps.log.info({ event: 'feedback', requestId, effect: done.effect, node });
}

/** Errors: AdminProblem for a message that Ghee could not serve. */
function answerFormOf(correct: string | Readonly<Record<string, unknown>>): AnswerForm {
  const message = typeof correct === 'string' ? { role: 'assistant', content: correct } : correct;
  const json = JSON.stringify(message);
  const parsed = parseJson(json);
  const read =
    parsed.kind === 'json' ? appendMessage({ messages: [], callIds: [] }, parsed.value) : undefined;
  if (read?.kind !== 'thread') {
    const text =
      'Give the text of the right answer, or an assistant message of text and tool calls.';
    throw new AdminProblem(invalidRequest('invalid_correction', text, 'correct'));
  }
  const calls = 'tool_calls' in message ? message['tool_calls'] : undefined;
  const callsTools = Array.isArray(calls) && calls.length > 0;
  const finishReason = callsTools ? 'tool_calls' : 'stop';
  return { message: json, finishReason, model: '', usage: undefined, extras: '{}' };
}

function projectOf(entry: RequestEntry): string {
  return entry.project ?? LOCAL_PROJECT;
}

function isPlaced(entry: RequestEntry): entry is Placed {
  return entry.scope !== undefined && entry.thread !== undefined;
}
