/** What a recorded call was worth: what a hit in its place saves. */
import { createCostOf, createPricer, readTokens, type Prices } from '../../adapters/prices.ts';
import { recordedMessage, type ReplayRow } from '../rows.ts';

export interface CallValue {
  readonly tokens: { readonly prompt: number; readonly completion: number };
  /** Whether the recording says so, or the length of the texts had to do. */
  readonly isCounted: boolean;
  /** Undefined where neither the recording nor the price table knows. */
  readonly dollars: number | undefined;
  /** Undefined where the recording does not say how long the provider took. */
  readonly seconds: number | undefined;
}

export type Appraise = (row: ReplayRow) => CallValue;

/** English prose and JSON come to about this many in the tokenizers of today's models. */
const CHARACTERS_PER_TOKEN = 4;
/** Where names of models are looked up first. */
const PROVIDER = 'https://api.openai.com/v1';

/** `prices`: of all models; without them those of the price table. */
export function createAppraiser(prices: Prices | undefined): Appraise {
  const price = createPricer(PROVIDER);
  return (row) => {
    const recorded = row.response['usage'] ?? undefined;
    const counted = recorded === undefined ? undefined : readTokens(JSON.stringify(recorded));
    const usage = counted === undefined ? estimate(row) : recorded;
    const tokens = readTokens(JSON.stringify(usage));
    const model = modelOf(row);
    const microUsd =
      prices !== undefined && tokens !== undefined
        ? createCostOf(model, PROVIDER, prices)(tokens)
        : price(model, JSON.stringify(usage))?.microUsd;
    return {
      tokens: { prompt: tokens?.input ?? 0, completion: tokens?.output ?? 0 },
      isCounted: counted !== undefined,
      dollars: row.dollars ?? (microUsd === undefined ? undefined : microUsd / 1e6),
      seconds: row.seconds,
    };
  };
}

function modelOf({ request, response }: ReplayRow): string {
  const model = response['model'] ?? request['model'];
  return typeof model === 'string' ? model : '';
}

function estimate(row: ReplayRow): { prompt_tokens: number; completion_tokens: number } {
  const tokensIn = (text: string): number => Math.ceil(text.length / CHARACTERS_PER_TOKEN);
  return {
    prompt_tokens: tokensIn(JSON.stringify(row.request)),
    completion_tokens: tokensIn(recordedMessage(row)),
  };
}
