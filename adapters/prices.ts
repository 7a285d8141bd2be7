/**
 * What tokens cost: by the operator's prices, or by the table of @pydantic/genai-prices, which is kept current
 * by its makers. A model that nobody knows has no price, never a guessed one.
 */
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

/** Millionths of a dollar, rounded up; undefined where nobody knows the model's price. */
export type CostOf = (tokens: Tokens) => number | undefined;

export interface PricedUsage {
  readonly tokens: Tokens;
  /** Millionths of a dollar. */
  readonly microUsd: number | undefined;
}

/** `usage`: JSON text of the provider's `usage`. Undefined where it counts no tokens. */
export type PriceUsage = (model: string, usage: string | undefined) => PricedUsage | undefined;

/** What calls of one model cost, for budgets. `prices`: the operator's, which go before the table. */
export function createCostOf(model: string, baseUrl: string, prices: Prices | undefined): CostOf {
  // A million tokens at one dollar is one micro-dollar a token.
  if (prices !== undefined)
    return ({ input, output }) => Math.ceil(input * prices.input + output * prices.output);
  return (tokens) => {
    const usd = usdOf(tokens, model, baseUrl);
    return usd === undefined ? undefined : Math.ceil(usd * 1e6);
  };
}

/** A hit repeats the usage of its recording; a look-up in the table takes 50 µs (measured). */
const REMEMBERED_MAX = 5000;

/** Prices what providers state, to the nearest micro-dollar. `baseUrl` tells models of one name at different providers apart. */
export function createPricer(baseUrl: string): PriceUsage {
  const remembered = new Map<string, PricedUsage | undefined>();
  return (model, usage) => {
    if (usage === undefined) return undefined;
    const key = `${model}\n${usage}`;
    if (remembered.has(key)) return remembered.get(key);
    const tokens = readTokens(usage);
    const usd = tokens && usdOf(tokens, model, baseUrl);
    const microUsd = usd === undefined ? undefined : Math.round(usd * 1e6);
    const priced = tokens && { tokens, microUsd };
    if (remembered.size >= REMEMBERED_MAX) remembered.clear();
    remembered.set(key, priced);
    return priced;
  };
}

/** Undefined for what is not the usage of a chat completion. */
export function readTokens(usage: string): Tokens | undefined {
  let json: unknown;
  try {
    json = JSON.parse(usage);
  } catch {
    return undefined;
  }
  const [input, output] = [countOf(json, 'prompt_tokens'), countOf(json, 'completion_tokens')];
  if (input === undefined || output === undefined) return undefined;
  const cached = countOf(fieldOf(json, 'prompt_tokens_details'), 'cached_tokens') ?? 0;
  return { input, cached: Math.min(cached, input), output };
}

function usdOf(tokens: Tokens, model: string, baseUrl: string): number | undefined {
  const usage = {
    input_tokens: tokens.input,
    cache_read_tokens: tokens.cached,
    output_tokens: tokens.output,
  };
  return priceOf(usage, model, { providerApiUrl: baseUrl }) ?? priceOf(usage, model, {});
}

/** The table throws on models whose unit of account it is not given. */
function priceOf(
  usage: Parameters<typeof calcPrice>[0],
  model: string,
  options: { readonly providerApiUrl?: string },
): number | undefined {
  try {
    return calcPrice(usage, model, options)?.total_price;
  } catch {
    return undefined;
  }
}

function fieldOf(json: unknown, name: string): unknown {
  return typeof json === 'object' && json !== null && Object.hasOwn(json, name)
    ? (json as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function countOf(json: unknown, name: string): number | undefined {
  const value = fieldOf(json, name);
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
