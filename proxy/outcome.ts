/** What Ghee did with a call, as the response headers say it (DESIGN §7). */

export type Outcome =
  | { readonly cache: 'hit'; readonly reason: 'exact' | 'template'; readonly node: string }
  | { readonly cache: 'miss' | 'bypass'; readonly reason: string };

export const miss = (reason: string): Outcome => ({ cache: 'miss', reason });
export const bypass = (reason: string): Outcome => ({ cache: 'bypass', reason });

/** Answered with another call's answer; the word has its own place in Cache-Status. */
export const COLLAPSED = 'collapsed';
/** Not read: a body over REQUEST_BYTES_MAX, decoded or not. */
export const TOO_LARGE = 'request_too_large';

const KEY_CHARACTERS = 16;
/** Reasons are our own words, but a header must never depend on that. */
const NOT_TOKEN = /[^A-Za-z0-9_.:-]/g;

/** `upstream`: the provider's own Cache-Status, which ours is appended to (RFC 9211 §2). */
export function outcomeHeaders(outcome: Outcome, upstream?: string): [string, string][] {
  const { reason: said } = outcome;
  const reason = outcome.cache === 'hit' ? said : said.replace(NOT_TOKEN, '_');
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
