/** What a request's own headers ask of Ghee: which entries may answer, and what may be learned. */
import type { IncomingHttpHeaders } from 'node:http';
import { GHEE_MODES } from '../../adapters/settings.ts';
import { invalidRequest, type Problem } from '../error-response.ts';
import { readCacheControl, type CacheControl } from './cache-control.ts';

/**
 * `observe`: never serve, but compare what would have been served with what the provider says. `frozen`: never
 * ask the provider.
 */
export const MODES = GHEE_MODES;
export type Mode = (typeof MODES)[number];

export const TRUSTS = ['immediate', 'probation'] as const;
export type Trust = (typeof TRUSTS)[number];

export interface Wishes {
  readonly mode: Mode | undefined;
  readonly trust: Trust | undefined;
  readonly induce: boolean;
  readonly cacheControl: CacheControl;
}

export type WishesResult =
  | { readonly kind: 'wishes'; readonly wishes: Wishes }
  | { readonly kind: 'refused'; readonly problem: Problem };

/** Errors: `refused` for a word that is none of ours: a slip must not make calls that were to be avoided. */
export function readWishes(headers: IncomingHttpHeaders): WishesResult {
  const mode = readWord(headers, 'Butter-Mode', MODES);
  if (mode.kind === 'refused') return mode;
  const trust = readWord(headers, 'Butter-Trust', TRUSTS);
  if (trust.kind === 'refused') return trust;
  const induction = readWord(headers, 'Butter-Disable-Induction', ['true', 'false']);
  if (induction.kind === 'refused') return induction;
  return {
    kind: 'wishes',
    wishes: {
      mode: mode.word,
      trust: trust.word,
      induce: induction.word !== 'true',
      cacheControl: readCacheControl(textOf(headers['cache-control'])),
    },
  };
}

function readWord<Word extends string>(
  headers: IncomingHttpHeaders,
  name: string,
  words: readonly Word[],
):
  | { readonly kind: 'word'; readonly word: Word | undefined }
  | { readonly kind: 'refused'; readonly problem: Problem } {
  const text = textOf(headers[name.toLowerCase()])?.trim().toLowerCase();
  const word = words.find((candidate) => candidate === text);
  if (word !== undefined || text === undefined) return { kind: 'word', word };
  const code = `invalid_${name.slice('Butter-'.length).toLowerCase().replaceAll('-', '_')}`;
  const message = `${name} must be one of ${words.join(', ')}.`;
  return { kind: 'refused', problem: invalidRequest(code, message, name) };
}

function textOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
