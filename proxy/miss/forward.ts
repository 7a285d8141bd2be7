/** The call goes to the provider, or it follows an identical one that is on its way there. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Completion } from '../../core/completion/completion.ts';
import { describeError } from '../../adapters/logger.ts';
import type { Call } from '../call.ts';
import type { Target } from '../chat-completions.ts';
import { flightKey, type Flight } from './collapse.ts';
import { PROXY_LIMITS, type ProxyDeps } from '../deps.ts';
import { answerFormOf, learn } from './learn.ts';
import { COLLAPSED, miss } from '../outcome.ts';
import { observe } from '../hit/observe.ts';
import { sha256, type Asked, type Found, type Plan } from '../request/plan.ts';
import { watchAnswer } from './read-answer.ts';
import { renderHit, sendHit, type HitBody } from '../hit/serve-hit.ts';

export interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly call: Call;
}

type Forward = Extract<Plan, { kind: 'forward' }>;
type Sent = Target & { readonly body: Buffer; readonly flight?: Flight };

/** A leader that goes away leaves its place to a follower; nobody waits for a third one. */
const LEADERS_MAX = 3;
const PLAIN_PATIENCE = 6;

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
  const key = flightKey(asked, { headers: req.headers, ...sent });
  const follows = await follow(deps, exchange, key, asked);
  if (follows.kind !== 'answered') send(deps, exchange, plan, { ...sent, ...follows.as });
}

/** With a flight the call leads: nobody was on the way. Without one it goes alone: its leader did not help. */
type Following =
  | { readonly kind: 'answered' }
  | { readonly kind: 'goes'; readonly as: { readonly flight?: Flight } };

const ALONE: Following = { kind: 'goes', as: {} };
const ANSWERED: Following = { kind: 'answered' };

async function follow(
  deps: ProxyDeps,
  { res, call }: Exchange,
  key: string,
  asked: Asked,
): Promise<Following> {
  const { request } = asked.question;
  let gone: AbortSignal | undefined;
  const { collapseSeconds } = deps.settings;
  const until = performance.now() + patienceMs(request, collapseSeconds);
  for (let leaders = 0; leaders < LEADERS_MAX; leaders++) {
    const flight = deps.flights.find(key);
    // Opened in the same tick: of those that are told together one leads.
    if (flight === undefined) return { kind: 'goes', as: { flight: deps.flights.open(key) } };
    gone ??= closeOf(res);
    const landing = await flight.wait(until - performance.now(), gone);
    if (landing.kind === 'gone' || res.destroyed) return ANSWERED;
    if (landing.kind === 'answer') {
      const body = render(deps, asked, landing.completion);
      if (body === undefined) return ALONE;
      call.outcome = miss(COLLAPSED);
      sendHit(res, body, call.outcome, call.requestId);
      return ANSWERED;
    }
    if (landing.kind !== 'abandoned') return ALONE;
  }
  return ALONE;
}

/** Only for those that wait: each abort makes an error. */
function closeOf(res: ServerResponse): AbortSignal {
  const gone = new AbortController();
  res.once('close', () => gone.abort());
  return gone.signal;
}

/** Without a stream nothing comes before the whole answer anyway. */
function patienceMs({ stream }: Asked['question']['request'], seconds: number): number {
  return (stream ? 1 : PLAIN_PATIENCE) * seconds * 1000;
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
  const bounds = { bytesMax: PROXY_LIMITS.answerBytesMax, room: deps.room };
  upstream.forward(req, res, {
    path: path + query,
    body,
    call,
    ...(lesson === undefined
      ? {}
      : {
          onResponse: (response) =>
            watchAnswer(response, bounds, (result) => {
              const { requestId } = call;
              if (result.kind === 'answer') call.answered = describeAnswer(result.completion);
              if (asked !== undefined && predicted !== undefined && result.kind === 'answer') {
                compare(deps, { asked, predicted, requestId }, result.completion);
              }
              // In memory before the flight lands: who asks afterwards hits.
              void learn(deps, sha256, lesson, { result, requestId });
              flight?.land(result.kind === 'answer' ? result : { kind: 'failed' });
            }),
        }),
  });
}

/** In a listener of a stream, where an error would end the process. */
function compare(
  { onObserved, log }: ProxyDeps,
  would: { readonly asked: Asked; readonly predicted: Found; readonly requestId: string },
  completion: Completion,
): void {
  const { asked, predicted, requestId } = would;
  try {
    onObserved(observe(asked, predicted, completion));
  } catch (error) {
    log.error({ event: 'internal_error', where: 'observe', requestId, ...describeError(error) });
  }
}

/** Its own error reaches the client as a whole; a client that goes away before the end takes the call with it. */
function landWithClient(res: ServerResponse, flight: Flight): void {
  res.once('close', () => flight.land({ kind: res.writableFinished ? 'failed' : 'abandoned' }));
}

function describeAnswer({ model, usage }: Completion): Call['answered'] {
  return { model, usage: usage === undefined ? undefined : JSON.stringify(usage) };
}
