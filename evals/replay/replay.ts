/**
 * Recorded traffic through a running Ghee, call by call. The provider behind it answers from the
 * recording, so whatever differs from the recording was served by Ghee, and is a false hit.
 */
import { parseJson } from '../../core/json/json.ts';
import { readChatRequest } from '../../core/messages/request.ts';
import { readAnswer } from '../../proxy/miss/read-answer.ts';
import type { OwnGhee } from '../../scripts/own-ghee.ts';
import type { ReplayRow } from '../rows.ts';
import { recordedMessage } from '../rows.ts';
import { isSameAnswer } from '../same-answer.ts';
import type { RecordedProvider } from './recorded-provider.ts';
import { Settler } from './settler.ts';

/** `observe`: every call goes to the provider; what Ghee would have served is counted and compared. */
export const REPLAY_MODES = ['live', 'observe'] as const;
export type ReplayMode = (typeof REPLAY_MODES)[number];

export interface ReplayedCall {
  readonly row: ReplayRow;
  /** `hit`: served, or in mode `observe` what would have been. */
  readonly cache: 'hit' | 'miss' | 'bypass';
  readonly reason: string;
  /** The answer node of a hit. */
  readonly node: string | undefined;
  /** When it was sent, in milliseconds since 1970. */
  readonly at: number;
  /** From sending to the last byte. */
  readonly ms: number;
  readonly wrong: WrongAnswer | undefined;
}

/** Content of the recording: it goes into files of the user, never into a log. */
export interface WrongAnswer {
  readonly question: string;
  /** Messages as JSON text. */
  readonly served: string;
  readonly recorded: string;
}

export interface ReplayOptions {
  readonly ghee: OwnGhee;
  readonly provider: RecordedProvider;
  readonly mode: ReplayMode;
  /**
   * Whether a call waits for the runs of earlier calls, as real traffic leaves time. Only those of calls with the same
   * parameters matter: no others share a tree with it.
   */
  readonly settle: boolean;
}

/** Makes the calls of a recording one after the other, in its order. */
export class Replayer {
  /** Calls made so far. */
  count = 0;
  private readonly options: ReplayOptions;
  private readonly settler: Settler;
  /** Parameters of calls → the runs of such calls that nobody has waited for yet. */
  private readonly runs = new Map<string, string[]>();

  private constructor(options: ReplayOptions, settler: Settler) {
    this.options = options;
    this.settler = settler;
  }

  static async start(options: ReplayOptions): Promise<Replayer> {
    return new Replayer(options, await Settler.listen(options.ghee));
  }

  /** Waits for the last runs. Errors: rejects when one does not end. */
  async close(): Promise<void> {
    try {
      if (this.options.settle) await this.settler.waitFor([...this.runs.values()].flat());
    } finally {
      await this.settler.close();
    }
  }

  /** Errors: rejects when Ghee cannot be reached or a run does not end. */
  async call(row: ReplayRow): Promise<ReplayedCall> {
    const { ghee, provider, mode, settle } = this.options;
    const parameters = parametersOf(row);
    if (settle) await this.settler.waitFor(this.runs.get(parameters) ?? []);
    this.runs.delete(parameters);
    provider.record(row.request, row.response);
    const at = Date.now();
    const call =
      mode === 'live'
        ? toCall(row, at, await send(ghee.baseUrl, row, {}))
        : await this.observe(row, at);
    const isLearned = call.cache === 'miss' || (mode === 'observe' && call.reason === 'template');
    const run = settle && isLearned ? await this.settler.nextRun() : undefined;
    if (run !== undefined) this.runs.set(parameters, [run]);
    this.count++;
    return call;
  }

  /** Asks first what would be served, which changes nothing; afterwards the exact answer would be. */
  private async observe(row: ReplayRow, at: number): Promise<ReplayedCall> {
    const { baseUrl } = this.options.ghee;
    const asked = row.headers?.['cache-control'];
    const probed = await send(baseUrl, row, {
      'cache-control': asked === undefined ? 'only-if-cached' : `${asked}, only-if-cached`,
    });
    const observed = await send(baseUrl, row, { 'butter-mode': 'observe' });
    return toCall(row, at, observed.reason === WOULD_HIT && probed.ok ? probed : observed);
  }
}

const WOULD_HIT = 'would-hit';

/** What tells trees apart, and perhaps a little less: headers may, too. */
function parametersOf({ request }: ReplayRow): string {
  const parsed = parseJson(JSON.stringify(request));
  const read = parsed.kind === 'fault' ? undefined : readChatRequest(parsed.value);
  return read?.kind === 'request' ? read.request.parameters : '';
}

interface Received {
  readonly ok: boolean;
  readonly cache: string | null;
  readonly reason: string;
  readonly node: string | undefined;
  readonly body: Buffer;
  readonly ms: number;
}

async function send(
  baseUrl: string,
  row: ReplayRow,
  headers: Readonly<Record<string, string>>,
): Promise<Received> {
  const started = performance.now();
  const response = await fetch(`${baseUrl}/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: 'Bearer replay',
      ...row.headers,
      ...headers,
      'content-type': 'application/json',
    },
    body: JSON.stringify(row.request),
  });
  const body = Buffer.from(await response.arrayBuffer());
  return {
    ok: response.ok,
    cache: response.headers.get('butter-cache'),
    reason: response.headers.get('butter-reason') ?? `status ${response.status}`,
    node: response.headers.get('butter-node') ?? undefined,
    body,
    ms: performance.now() - started,
  };
}

function toCall(row: ReplayRow, at: number, received: Received): ReplayedCall {
  const { ok, cache, reason, node, ms, body } = received;
  const is = ok && (cache === 'hit' || cache === 'miss') ? cache : 'bypass';
  const wrong = is === 'hit' ? wrongAnswer(row, messageOf(row, body)) : undefined;
  return { row, cache: is, reason, node, at, ms, wrong };
}

function wrongAnswer(row: ReplayRow, served: string | undefined): WrongAnswer | undefined {
  const recorded = recordedMessage(row);
  if (served !== undefined && isSameAnswer(served, recorded, row.alternatives)) return undefined;
  const messages = row.request.messages.filter(({ role }) => role !== 'system');
  return { question: JSON.stringify(messages), served: served ?? 'null', recorded };
}

const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

function messageOf(row: ReplayRow, body: Buffer): string | undefined {
  const format = { isStream: row.request['stream'] === true, encoding: undefined };
  const read = readAnswer(body, format, ANSWER_BYTES_MAX);
  return read.kind === 'answer' ? JSON.stringify(read.completion.message) : undefined;
}
