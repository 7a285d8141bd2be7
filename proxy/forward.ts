/** The call goes to the provider, or it follows an identical one that is on its way there. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Completion } from '../core/completion/completion.ts';
import { describeError } from '../adapters/logger.ts';
import type { Call } from './call.ts';
import type { Target } from './chat-completions.ts';
import { flightKey, type Flight } from './collapse.ts';
import { PROXY_LIMITS, type ProxyDeps } from './deps.ts';
import { answerFormOf, learn } from './learn.ts';
import { COLLAPSED, miss } from './outcome.ts';
import { observe } from './observe.ts';
import { sha256, type Asked, type Plan } from './plan.ts';
import { watchAnswer } from './read-answer.ts';
import { renderHit, sendHit, type HitBody } from './serve-hit.ts';

export interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly call: Call;
}

type Forward = Extract<Plan, { kind: 'forward' }>;
type Sent = Target & { readonly body: Buffer; readonly flight?: Flight };

/** A leader that goes away leaves its place to a follower; nobody waits for a third one. */
const LEADERS_MAX = 3;

/** Errors: none. Resolves when the call is on its way, or answered. */
export async function forward(
  deps: ProxyDeps,
  exchange: Exchange,
  plan: Forward,
  sent: Sent,
): Promise<void> {
  const { req, call } = exchange;
  call.outcome = plan.outcome;
  call.asked = plan.asked;
  const { asked } = plan;
  if (asked === undefined || !plan.mayFollow) {
    send(deps, exchange, plan, sent);
    return;
  }
  const key = flightKey(deps.keyedHash, asked, { headers: req.headers, ...sent });
  const follows = await follow(deps, exchange, key, asked);
  if (follows === 'answered') return;
  const flight = follows === 'lead' ? { flight: deps.flights.open(key) } : {};
  send(deps, exchange, plan, { ...sent, ...flight });
}

/** `lead`: nobody is on the way. `alone`: the leader did not help. */
async function follow(
  deps: ProxyDeps,
  { res, call }: Exchange,
  key: string,
  asked: Asked,
): Promise<'answered' | 'lead' | 'alone'> {
  const { request } = asked.question;
  const gone = new AbortController();
  res.once('close', () => gone.abort());
  const until = performance.now() + patienceOf(request);
  for (let leaders = 0; leaders < LEADERS_MAX; leaders++) {
    const flight = deps.flights.find(key);
    if (flight === undefined) return 'lead';
    const landing = await flight.wait(until - performance.now(), gone.signal);
    if (landing.kind === 'gone' || res.destroyed) return 'answered';
    if (landing.kind === 'answer') {
      const body = render(deps, asked, landing.completion);
      if (body === undefined) return 'alone';
      call.outcome = miss(COLLAPSED);
      sendHit(res, body, call.outcome, call.requestId);
      return 'answered';
    }
    if (landing.kind !== 'abandoned') return 'alone';
  }
  return 'alone';
}

function patienceOf({ stream }: Asked['question']['request']): number {
  return stream ? PROXY_LIMITS.followStreamMs : PROXY_LIMITS.followPlainMs;
}

function render(deps: ProxyDeps, asked: Asked, completion: Completion): HitBody | undefined {
  try {
    const answer = answerFormOf(completion);
    const { now, random } = deps;
    const found = { answer, message: answer.message };
    return renderHit(found, asked.question.request, { now: now(), random });
  } catch (error) {
    deps.log.error({ event: 'internal_error', where: 'follow', ...describeError(error) });
    return undefined;
  }
}

function send(
  deps: ProxyDeps,
  { req, res, call }: Exchange,
  { lesson, upstream, asked, predicted }: Forward,
  { path, query, body, flight }: Sent,
): void {
  if (flight !== undefined) landWithClient(res, flight);
  upstream.forward(req, res, {
    path: path + query,
    body,
    call,
    ...(lesson === undefined
      ? {}
      : {
          onResponse: (response) =>
            watchAnswer(response, PROXY_LIMITS.answerBytesMax, (result) => {
              const { requestId } = call;
              if (result.kind === 'answer') call.answered = describeAnswer(result.completion);
              if (asked !== undefined && predicted !== undefined && result.kind === 'answer') {
                deps.onObserved(observe(asked, predicted, result.completion));
              }
              // In memory before the flight lands: who asks afterwards hits.
              void learn(deps, sha256, lesson, { result, requestId });
              flight?.land(result.kind === 'answer' ? result : { kind: 'failed' });
            }),
        }),
  });
}

/** Its own error reaches the client as a whole; a client that goes away before the end takes the call with it. */
function landWithClient(res: ServerResponse, flight: Flight): void {
  res.once('close', () => flight.land({ kind: res.writableFinished ? 'failed' : 'abandoned' }));
}

function describeAnswer({ model, usage }: Completion): Call['answered'] {
  return { model, usage: usage === undefined ? undefined : JSON.stringify(usage) };
}
