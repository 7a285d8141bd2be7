/** What a call costs, in micro-dollars: by the operator's prices, or by the table of genai-prices. */
import { calcPrice } from '@pydantic/genai-prices';

export interface Tokens {
  readonly input: number;
  /** Part of `input` that the provider had in its prompt cache. */
  readonly cached: number;
  readonly output: number;
}

/** USD for a million tokens. */
export interface Prices {
  readonly input: number;
  readonly output: number;
}

/** Rounded up; undefined where nobody knows the model's price. */
export type CostOf = (tokens: Tokens) => number | undefined;

export function createCostOf(model: string, baseUrl: string, prices: Prices | undefined): CostOf {
  // A million tokens at one dollar is one micro-dollar a token.
  if (prices !== undefined)
    return ({ input, output }) => Math.ceil(input * prices.input + output * prices.output);
  return ({ input, cached, output }) => {
    const usage = { input_tokens: input, cache_read_tokens: cached, output_tokens: output };
    const found = tableEntry(usage, model, { providerApiUrl: baseUrl }) ?? tableEntry(usage, model);
    return found == null ? undefined : Math.ceil(found.total_price * 1e6);
  };
}

/** The table throws on entries that price what it cannot count. */
function tableEntry(
  usage: Parameters<typeof calcPrice>[0],
  model: string,
  options: { providerApiUrl?: string } = {},
): ReturnType<typeof calcPrice> {
  try {
    return calcPrice(usage, model, options);
  } catch {
    return null;
  }
}
