/**
 * Identical misses at the same time make one call to the provider (DESIGN §11.16): the first leads, the others
 * wait for its complete answer. Only a good answer reaches them; whatever else becomes of the leader is its own.
 */
import { hash as digest } from 'node:crypto';
import type { Completion } from '../../core/completion/completion.ts';
import type { IncomingHttpHeaders } from 'node:http';
import { credentialsOf } from '../request/caller.ts';
import type { Asked } from '../request/plan.ts';

/**
 * How a leader's call ended. `failed`: no good answer came of it. `abandoned`: its client went away before
 * there was one, so another may lead.
 */
export type Landing =
  | { readonly kind: 'answer'; readonly completion: Completion }
  | { readonly kind: 'failed' }
  | { readonly kind: 'abandoned' };

/** A call to the provider that others may wait for. */
export interface Flight {
  /** Tells the followers; only the first time counts. */
  readonly land: (landing: Landing) => void;
  /** Resolves with the landing, or with `late` after `patienceMs`, or with `gone` when `signal` aborts. */
  readonly wait: (patienceMs: number, signal: AbortSignal) => Promise<Landing | Late>;
}

export interface Late {
  readonly kind: 'late' | 'gone';
}

/** The calls that are under way in this process. */
export class Flights {
  private readonly underWay = new Map<string, Flight>();

  find(key: string): Flight | undefined {
    return this.underWay.get(key);
  }

  /** The caller must land it, whatever happens. */
  open(key: string): Flight {
    const { promise, resolve } = Promise.withResolvers<Landing>();
    const flight: Flight = {
      land: (landing) => {
        if (this.underWay.get(key) === flight) this.underWay.delete(key);
        resolve(landing);
      },
      wait: (patienceMs, signal) => waitFor(promise, patienceMs, signal),
    };
    this.underWay.set(key, flight);
    return flight;
  }
}

function waitFor(
  landing: Promise<Landing>,
  patienceMs: number,
  signal: AbortSignal,
): Promise<Landing | Late> {
  return new Promise((resolve) => {
    const end = (result: Landing | Late): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', leave);
      resolve(result);
    };
    const leave = (): void => end({ kind: 'gone' });
    const timer = setTimeout(() => end({ kind: 'late' }), patienceMs);
    signal.addEventListener('abort', leave, { once: true });
    void landing.then(end);
  });
}

/** Header values that change what is answered, learned or served, besides what is in the scope. */
const CONTROLS = new Set(['cache-control', 'content-encoding', 'content-type']);

/**
 * Equal only for calls that cannot be told apart: the same bytes, for the same scope, with the same credentials,
 * projects or not, and the same wishes. A hash, so that no credential stays in memory.
 */
export function flightKey(
  asked: Asked,
  call: { readonly headers: IncomingHttpHeaders; readonly query: string; readonly body: Buffer },
): string {
  const { headers, query, body } = call;
  const wishes: unknown[] = [];
  for (const name of Object.keys(headers).sort()) {
    if (name.startsWith('butter-') || CONTROLS.has(name)) wishes.push(name, headers[name]);
  }
  const scope = asked.question.scope.id;
  const parts = [scope, credentialsOf(headers, query), wishes, digest('sha256', body)];
  return digest('sha256', JSON.stringify(parts));
}
