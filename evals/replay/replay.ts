/**
 * Recorded traffic through a running Ghee, call by call. The provider behind it answers from the
 * recording, so whatever differs from the recording was served by Ghee, and is a false hit.
 */
import { readAnswer } from '../../proxy/read-answer.ts';
import type { RunningGhee } from '../../tests/support/ghee.ts';
import type { ReplayRow } from '../rows.ts';
import { recordedMessage } from '../rows.ts';
import { isSameAnswer } from '../same-answer.ts';
import type { RecordedProvider } from './recorded-provider.ts';

export interface ReplayedCall {
  readonly behaviour: string;
  readonly cache: 'hit' | 'miss' | 'bypass' | 'error';
  readonly reason: string;
  /** The answer node of a hit. */
  readonly node: string | undefined;
  /** From sending to the last byte. */
  readonly ms: number;
  readonly tokens: { readonly prompt: number; readonly completion: number };
  readonly wrong: WrongAnswer | undefined;
}

/** Content of the recording: it goes into files of the user, never into a log. */
export interface WrongAnswer {
  readonly question: string;
  readonly served: string;
  readonly recorded: string;
}

export interface ReplayOptions {
  readonly ghee: RunningGhee;
  readonly provider: RecordedProvider;
  /** Whether to wait after a miss until its run has ended, as real traffic leaves time. */
  readonly settle: boolean;
}

/** Makes the calls of a recording one after the other, in its order. */
export class Replayer {
  /** Calls made so far. */
  count = 0;
  private readonly options: ReplayOptions;
  private readonly settler: Settler;

  constructor(options: ReplayOptions) {
    this.options = options;
    this.settler = new Settler(options.ghee);
  }

  /** Errors: rejects when Ghee cannot be reached or a run does not end. */
  async call(row: ReplayRow): Promise<ReplayedCall> {
    const { ghee, provider, settle } = this.options;
    provider.record(row.request, row.response);
    const call = await callOnce(ghee.baseUrl, row);
    if (settle && call.cache === 'miss') await this.settler.wait();
    this.count++;
    return call;
  }
}

async function callOnce(baseUrl: string, row: ReplayRow): Promise<ReplayedCall> {
  const started = performance.now();
  const response = await fetch(`${baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer replay', ...row.headers, 'content-type': 'application/json' },
    body: JSON.stringify(row.request),
  });
  const body = Buffer.from(await response.arrayBuffer());
  const ms = performance.now() - started;
  const cache = response.ok ? outcomeOf(response.headers.get('butter-cache')) : 'error';
  return {
    behaviour: row.behaviour ?? response.headers.get('butter-node')?.slice(0, 12) ?? 'not learned',
    cache,
    reason: response.headers.get('butter-reason') ?? `status ${response.status}`,
    node: response.headers.get('butter-node') ?? undefined,
    ms,
    tokens: tokensOf(row),
    wrong: cache === 'hit' ? wrongAnswer(row, messageOf(row, body)) : undefined,
  };
}

function outcomeOf(header: string | null): ReplayedCall['cache'] {
  return header === 'hit' || header === 'miss' ? header : 'bypass';
}

function wrongAnswer(row: ReplayRow, served: string | undefined): WrongAnswer | undefined {
  const recorded = recordedMessage(row);
  if (served !== undefined && isSameAnswer(served, recorded, row.alternatives)) return undefined;
  const messages = row.request.messages.filter(({ role }) => role !== 'system');
  return { question: JSON.stringify(messages), served: served ?? '', recorded };
}

const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

function messageOf(row: ReplayRow, body: Buffer): string | undefined {
  const format = { isStream: row.request['stream'] === true, encoding: undefined };
  const read = readAnswer(body, format, ANSWER_BYTES_MAX);
  return read.kind === 'answer' ? JSON.stringify(read.completion.message) : undefined;
}

function tokensOf(row: ReplayRow): ReplayedCall['tokens'] {
  const usage = row.response['usage'] as Record<string, unknown> | null | undefined;
  const count = (key: string): number => {
    const value = usage?.[key];
    return typeof value === 'number' ? value : 0;
  };
  return { prompt: count('prompt_tokens'), completion: count('completion_tokens') };
}

const POLL_MS = 5;
/** An answer that Ghee does not learn from leaves no observation behind: then there is nothing to wait for. */
const RECORDED_MS = 1000;
/** Runs of a second are slow; a minute is a fault. */
const RUN_MS = 60_000;
/** The commit's change events reach the proxy's mirror within a few milliseconds of the run's end. */
const MIRROR_MS = 20;

/** Waits for the runs of all observations so far, in a tighter loop than `RunningGhee.settle`. */
class Settler {
  private readonly ghee: RunningGhee;
  private known = 0;

  constructor(ghee: RunningGhee) {
    this.ghee = ghee;
  }

  async wait(): Promise<void> {
    const observations = this.ghee.collection('observations');
    await until(RECORDED_MS, async () => {
      const count = await observations.estimatedDocumentCount();
      const isRecorded = count > this.known;
      this.known = count;
      return isRecorded;
    });
    const filter = { 'induction.state': { $ne: 'done' } };
    const isDone = await until(RUN_MS, async () => (await observations.findOne(filter)) === null);
    if (!isDone) throw new Error('a run of induction did not end within a minute');
    await pause(MIRROR_MS);
  }
}

async function until(ms: number, isTrue: () => Promise<boolean>): Promise<boolean> {
  const end = performance.now() + ms;
  for (;;) {
    if (await isTrue()) return true;
    if (performance.now() > end) return false;
    await pause(POLL_MS);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
