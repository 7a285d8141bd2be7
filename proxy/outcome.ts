/** What Ghee did with a call, as the response headers say it (DESIGN §7). */

export type Outcome =
  | { readonly cache: 'hit'; readonly reason: 'exact' | 'template'; readonly node: string }
  | { readonly cache: 'miss' | 'bypass'; readonly reason: string };

/** Not answered from memory. */
export type Forwarded = Exclude<Outcome, { cache: 'hit' }>;

export const miss = (reason: string): Forwarded => ({ cache: 'miss', reason });
export const bypass = (reason: string): Forwarded => ({ cache: 'bypass', reason });

/** Answered with another call's answer; the word has its own place in Cache-Status. */
export const COLLAPSED = 'collapsed';
/** Not read: a body over REQUEST_BYTES_MAX, decoded or not. */
export const TOO_LARGE = 'request_too_large';

const KEY_CHARACTERS = 16;
/** Reasons are our own words, but a header must never depend on that. */
const NOT_TOKEN = /[^A-Za-z0-9_.:-]/g;

/** `upstream`: the provider's own Cache-Status, which ours is appended to (RFC 9211 §2). */
export function outcomeHeaders(outcome: Outcome, upstream?: string): [string, string][] {
  const reason = wordOf(outcome);
  const status =
    outcome.cache === 'hit'
      ? `ghee; hit; key="${outcome.node.slice(0, KEY_CHARACTERS)}"`
      : `ghee; fwd=${outcome.cache}; ${reason === COLLAPSED ? '' : 'detail='}${reason}`;
  return [
    ['Cache-Status', upstream === undefined ? status : `${upstream}, ${status}`],
    ['Butter-Cache', outcome.cache],
    ['Butter-Reason', reason],
    ...(outcome.cache === 'hit' ? [['Butter-Node', outcome.node] as [string, string]] : []),
  ];
}

/** Of a call that Ghee refused: nothing was found, and nobody was asked. */
export function refusalHeaders(outcome: Forwarded): [string, string][] {
  const reason = wordOf(outcome);
  return [
    ['Cache-Status', `ghee; detail=${reason}`],
    ['Butter-Cache', outcome.cache],
    ['Butter-Reason', reason],
  ];
}

function wordOf({ cache, reason }: Outcome): string {
  return cache === 'hit' ? reason : reason.replace(NOT_TOKEN, '_');
}
