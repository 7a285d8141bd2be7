/**
 * Checks some hits of templates by asking the provider after all, once the client has its answer. The call
 * is made here and now, since the caller's credential is in this call's headers and nowhere else; the answer
 * becomes an observation like any other, and its run judges the template (DESIGN §11.11).
 */
import type { IncomingHttpHeaders } from 'node:http';
import { describeError, type Logger } from '../../adapters/logger.ts';
import type { Lesson } from '../miss/learn.ts';
import type { LookUp } from './look-up.ts';
import type { Asked } from '../request/plan.ts';
import { watchAnswer, type AnswerBounds, type AnswerResult } from '../miss/read-answer.ts';

export interface ServedHit {
  readonly asked: Asked;
  readonly found: Extract<LookUp, { kind: 'found' }>;
  readonly headers: IncomingHttpHeaders;
  /** Path and query behind the provider's base URL. */
  readonly path: string;
  /** Emptied when the call is over. */
  readonly body: Buffer;
  /** Of the call that was served. */
  readonly requestId: string;
}

/** `unusable`: no complete good answer came, so nothing is known. `skipped`: enough are under way. */
export type AuditResult = 'asked' | 'unusable' | 'skipped';

export interface AuditorOptions {
  /** Share of hits of a proven template, 0 to 1. */
  readonly rate: number;
  /** How many answers of a node were audited before. */
  readonly auditsOf: (node: string) => number;
  readonly random: () => number;
  /** Milliseconds of any clock that does not go back. */
  readonly clock: () => number;
  readonly log: Logger;
  readonly bounds: AnswerBounds;
  /** Keeps the exchange, as after a miss. */
  readonly learn: (
    lesson: Lesson,
    answer: { readonly result: AnswerResult; readonly requestId: string },
  ) => Promise<void>;
  /** `answer`: complete, and paid for. */
  readonly onAudit: (
    result: AuditResult,
    hit: ServedHit,
    answer?: Extract<AnswerResult, { kind: 'answer' }>,
  ) => void;
}

/** Where a template begins, and after how many audits it is proven. */
const FIRST_RATE = 0.2;
const FIRST_AUDITS = 20;
/** They hold a request's body and a connection each, and the provider's limits are the caller's. */
const UNDER_WAY_MAX = 4;
const PER_SECOND_MAX = 5;
const TIMEOUT_MS = 120_000;

/** The share of hits to be audited after `audits` of them: from a fifth down to `rate`, never below it. */
export function auditRate(audits: number, rate: number): number {
  return Math.max(rate, FIRST_RATE * (1 - Math.min(audits, FIRST_AUDITS) / FIRST_AUDITS));
}

export class Auditor {
  private readonly options: AuditorOptions;
  private readonly stopping = new AbortController();
  private readonly underWay = new Set<Promise<void>>();
  private starts: number[] = [];

  constructor(options: AuditorOptions) {
    this.options = options;
  }

  /** Decides about one hit and goes on by itself. Errors: none, and none ever speaks against a template. */
  consider(hit: ServedHit): void {
    const { asked, found } = hit;
    const { outcome } = found;
    if (!asked.rules.allows.audits || !asked.induce || outcome.reason !== 'template') return;
    const { rate, auditsOf, random } = this.options;
    if (random() >= auditRate(auditsOf(outcome.node), rate)) return;
    if (!this.mayStart()) {
      this.options.onAudit('skipped', hit);
      return;
    }
    // The caller's memory is not ours to keep.
    const audit = this.audit({ ...hit, body: Buffer.from(hit.body) })
      .catch((error: unknown) => {
        this.options.log.warn({ event: 'audit.failed', ...describeError(error) });
        this.options.onAudit('unusable', hit);
      })
      .finally(() => this.underWay.delete(audit));
    this.underWay.add(audit);
  }

  /** Gives up what is under way. */
  async close(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.underWay);
  }

  private mayStart(): boolean {
    if (this.stopping.signal.aborted || this.underWay.size >= UNDER_WAY_MAX) return false;
    const now = this.options.clock();
    this.starts = this.starts.filter((start) => now - start < 1000);
    if (this.starts.length >= PER_SECOND_MAX) return false;
    this.starts.push(now);
    return true;
  }

  private async audit(hit: ServedHit): Promise<void> {
    const { asked, found, path, headers, body } = hit;
    const { question, messages, upstream } = asked;
    const signal = AbortSignal.any([this.stopping.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const response = await upstream.ask({ path, headers, body, signal });
    const result = await new Promise<AnswerResult>((resolve) => {
      // An abort ends the response with an error; `close` follows, and then the answer is incomplete.
      response.on('error', () => undefined);
      watchAnswer(response, this.options.bounds, resolve);
    });
    response.destroy();
    if (result.kind === 'unusable') {
      this.options.onAudit('unusable', hit);
      return;
    }
    this.options.onAudit('asked', hit, result);
    const audit = found.outcome.node;
    const lesson = { question, messages, induce: true, replace: false, audit };
    await this.options.learn(lesson, { result, requestId: hit.requestId });
  }
}
