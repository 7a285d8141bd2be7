/** A row of the request log: what is written down of one call. */
import { randomBytes } from 'node:crypto';
import { answerKey, type Hash } from '../../core/observation.ts';
import type { RequestEntry } from '../../adapters/mongo/request-store.ts';
import type { PricedUsage } from '../../adapters/prices.ts';
import { NAME_CHARACTERS_MAX, type ClosedCall } from '../call.ts';
import { answerTexts } from '../hit/look-up.ts';
import { LOCAL_PROJECT } from '../request/caller.ts';

/** Content in the log is for reading, not for archives. */
const CONTENT_CHARACTERS_MAX = 65_536;

const NOTHING: ReadonlyMap<string, string> = new Map();

export function rowOf(
  hash: Hash,
  closed: ClosedCall,
  priced: PricedUsage | undefined,
): RequestEntry {
  const { call, at, endpoint, status, isAborted, ms } = closed;
  const { outcome, asked, found } = call;
  const reached = found?.reached;
  const names = [...(reached?.bindings ?? asked?.question.bindings ?? NOTHING).keys()];
  return {
    id: nextRowId(),
    requestId: call.requestId.slice(0, 2 * NAME_CHARACTERS_MAX),
    at,
    project: projectOf(closed),
    endpoint,
    ...describeOutcome(outcome),
    status,
    isAborted,
    model: modelOf(closed),
    tokens: priced?.tokens,
    microUsd: priced?.microUsd,
    ms,
    path: reached?.path.map((node) => node.id) ?? [],
    // Ids of tool calls are no variables that people know.
    variables: names.filter((name) => !name.startsWith('$')),
    ...hashesOf(hash, closed),
    content: asked?.rules.allows.content === true ? contentOf(closed) : undefined,
  };
}

export function projectOf({ call }: ClosedCall): string {
  return call.asked?.question.scope.project ?? call.project ?? LOCAL_PROJECT;
}

export function modelOf({ call }: ClosedCall): string | undefined {
  return call.model?.slice(0, NAME_CHARACTERS_MAX);
}

function describeOutcome(outcome: ClosedCall['call']['outcome']) {
  if (outcome === undefined) return { outcome: 'refused' as const };
  const { cache, reason } = outcome;
  return { outcome: cache, reason, node: cache === 'hit' ? outcome.node : undefined };
}

const ROWS_OF_PROCESS = randomBytes(8).toString('hex');
let rowCount = 0;

/** Unique among all processes: drawing each takes as long as all the rest of a row. */
function nextRowId(): string {
  rowCount++;
  return `${ROWS_OF_PROCESS}${rowCount.toString(16).padStart(8, '0')}`;
}

function hashesOf(hash: Hash, { call }: ClosedCall) {
  if (call.asked === undefined) return {};
  const { scope, thread } = call.asked.question;
  const reached = call.found?.reached;
  const place = { scope: scope.id, thread };
  return reached === undefined
    ? place
    : { ...place, answerKey: answerKey(hash, place, answerTexts(reached)) };
}

function contentOf({ call }: ClosedCall): NonNullable<RequestEntry['content']> {
  const bindings = call.found?.reached?.bindings ?? call.asked?.question.bindings ?? [];
  return {
    messages: call.asked?.messages.slice(0, CONTENT_CHARACTERS_MAX) ?? '',
    answer: call.found?.message.slice(0, CONTENT_CHARACTERS_MAX),
    values: [...bindings].filter(([name]) => !name.startsWith('$')),
  };
}
