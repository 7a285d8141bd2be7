/**
 * One question to a model: reserve the money, call, check, and once, if need be, feed back what was wrong.
 * What comes back is untrusted: it is parsed here and checked by the caller's `check`.
 */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, NoObjectGeneratedError, Output, type ModelMessage } from 'ai';
import type { z } from 'zod';
import { describeFault, isPassing, isUnbilled } from './faults.ts';
import { ModelError } from './model-error.ts';
import { createCostOf, type CostOf, type Prices, type Tokens } from '../prices.ts';

/** Micro-dollars of one day, shared by all workers. */
export interface Budget {
  /**
   * Takes `amount`, or gives undefined where that would overspend, whoever else asks at the same time. The
   * function that it gives says what the call came to.
   */
  reserve(amount: number): Promise<((spent: number) => Promise<void>) | undefined>;
}

export interface ModelOptions {
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly timeoutMs: number;
  readonly prices: Prices | undefined;
  readonly budget: Budget;
}

/** What a check makes of a proposal. No problems: it is used. `value` undefined: nothing of it can be. */
export interface Checked<T> {
  readonly value: T | undefined;
  /** In words that the model understands; they may quote data, so they go nowhere else. */
  readonly problems: readonly string[];
}

export interface Question<P, T> {
  readonly model: string;
  /** The same in every call, and first, so that providers cache it. */
  readonly instructions: string;
  /** JSON. Comes last. */
  readonly data: unknown;
  readonly schema: z.ZodType<P>;
  readonly check: (proposal: P) => Checked<T> | Promise<Checked<T>>;
  readonly signal?: AbortSignal;
}

export interface Usage {
  readonly calls: number;
  readonly tokens: Tokens;
  readonly microUsd: number;
}

/**
 * `budget_spent`, `price_unknown`: no call was made. `model_refused`: it would not answer.
 * `model_rejected`: the provider did not take the request. `proposal_invalid`: still wrong when told so.
 */
export type AbstainReason =
  'budget_spent' | 'price_unknown' | 'model_refused' | 'model_rejected' | 'proposal_invalid';

export type Reply<T> = { readonly usage: Usage } & (
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'abstained'; readonly reason: AbstainReason }
);

export type Ask = <P, T>(question: Question<P, T>) => Promise<Reply<T>>;

/** A proposal is a few hundred tokens; what thinks before it answers needs more. */
const OUTPUT_TOKENS_MAX = 8000;
/** Tokens that the schema and the wire format add to the texts. */
const OVERHEAD_TOKENS = 2000;
/** The first answer, and one after the problems were fed back. */
const ROUNDS_MAX = 2;

/** Errors of `ask`: ModelError where another attempt may succeed; what `budget` and `check` throw. */
export function createAsk(options: ModelOptions): Ask {
  const provider = createProvider(options);
  return async (question) => {
    const costOf = createCostOf(question.model, options.baseUrl, options.prices);
    const dialogue: ModelMessage[] = [{ role: 'user', content: quoteData(question.data) }];
    let usage: Usage = { calls: 0, tokens: { input: 0, cached: 0, output: 0 }, microUsd: 0 };
    for (let round = 1; ; round++) {
      const called = await callOnce({ provider, options, costOf }, question, dialogue);
      usage = addUsage(usage, called.usage);
      if (called.kind === 'abstained') return { ...called, usage };
      const { value, problems } = await checkReply(called.reply, question);
      if (value !== undefined && (problems.length === 0 || round === ROUNDS_MAX)) {
        return { kind: 'answer', value, usage };
      }
      if (round === ROUNDS_MAX) return { kind: 'abstained', reason: 'proposal_invalid', usage };
      dialogue.push(
        { role: 'assistant', content: called.reply.text.slice(0, REPLY_CHARACTERS_MAX) },
        { role: 'user', content: describeProblems(problems) },
      );
    }
  };
}

/** Longer answers are malformed anyway; they are not sent back in full. */
const REPLY_CHARACTERS_MAX = 20_000;
const PROBLEMS_MAX = 20;

interface RawReply<P> {
  readonly text: string;
  /** Undefined where the text is no JSON of the schema. */
  readonly proposal: P | undefined;
}

async function checkReply<P, T>(
  { proposal }: RawReply<P>,
  question: Question<P, T>,
): Promise<Checked<T>> {
  if (proposal !== undefined) return question.check(proposal);
  return { value: undefined, problems: ['It was not one JSON object of the schema.'] };
}

interface Caller {
  readonly provider: ReturnType<typeof createProvider>;
  readonly options: ModelOptions;
  readonly costOf: CostOf;
}

type Called<P> = { readonly usage: Usage } & (
  | { readonly kind: 'reply'; readonly reply: RawReply<P> }
  | { readonly kind: 'abstained'; readonly reason: AbstainReason }
);

const NOTHING: Usage = { calls: 0, tokens: { input: 0, cached: 0, output: 0 }, microUsd: 0 };

async function callOnce<P, T>(
  { provider, options, costOf }: Caller,
  question: Question<P, T>,
  dialogue: readonly ModelMessage[],
): Promise<Called<P>> {
  // A token is at least a byte: no call can cost more than this.
  const bytes =
    Buffer.byteLength(question.instructions) + Buffer.byteLength(JSON.stringify(dialogue));
  const most = costOf({ input: bytes + OVERHEAD_TOKENS, cached: 0, output: OUTPUT_TOKENS_MAX });
  if (most === undefined) return { kind: 'abstained', reason: 'price_unknown', usage: NOTHING };
  const settle = await options.budget.reserve(most);
  if (settle === undefined) return { kind: 'abstained', reason: 'budget_spent', usage: NOTHING };
  const spend = async (used: SdkUsage): Promise<Usage> => {
    const usage = toUsage(used, costOf, most);
    await settle(usage.microUsd);
    return usage;
  };
  const generated = await generate({ provider, options }, question, dialogue);
  switch (generated.kind) {
    case 'text': {
      const { text, proposal, isRefused } = generated;
      const usage = await spend(generated.usage);
      return isRefused
        ? { kind: 'abstained', reason: 'model_refused', usage }
        : { kind: 'reply', reply: { text, proposal }, usage };
    }
    case 'fault': {
      const { error } = generated;
      // After a timeout nobody knows what was billed: the reservation stays.
      if (isUnbilled(error)) await settle(0);
      if (isPassing(error)) throw new ModelError(describeFault(error));
      return { kind: 'abstained', reason: 'model_rejected', usage: { ...NOTHING, calls: 1 } };
    }
  }
}

type Generated<P> =
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly proposal: P | undefined;
      readonly isRefused: boolean;
      readonly usage: SdkUsage;
    }
  | { readonly kind: 'fault'; readonly error: unknown };

async function generate<P, T>(
  { provider, options }: Omit<Caller, 'costOf'>,
  question: Question<P, T>,
  dialogue: readonly ModelMessage[],
): Promise<Generated<P>> {
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const { signal } = question;
  try {
    const result = await generateText({
      model: provider(question.model),
      instructions: question.instructions,
      messages: [...dialogue],
      output: Output.object({ schema: question.schema, name: 'proposal' }),
      maxOutputTokens: OUTPUT_TOKENS_MAX,
      // Temporal retries, with backoff and in sight.
      maxRetries: 0,
      abortSignal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
    });
    const { text, finishReason, usage } = result;
    // Where the model said nothing the SDK has no output to give, and throws when asked for it.
    const proposal = text === '' ? undefined : result.output;
    return { kind: 'text', text, proposal, usage, isRefused: isRefusal(text, finishReason) };
  } catch (error) {
    if (!NoObjectGeneratedError.isInstance(error)) return { kind: 'fault', error };
    const { text = '', finishReason, usage } = error;
    const isRefused = isRefusal(text, finishReason);
    return { kind: 'text', text, proposal: undefined, usage, isRefused };
  }
}

/** Words instead of an object are a refusal, whatever they say; broken JSON can be mended. */
function isRefusal(text: string, finishReason: string | undefined): boolean {
  return finishReason === 'content-filter' || !text.includes('{');
}

function createProvider({ baseUrl, apiKey }: ModelOptions) {
  const isOpenAi = new URL(baseUrl).hostname === 'api.openai.com';
  return createOpenAICompatible({
    name: 'inducer',
    baseURL: baseUrl,
    ...(apiKey === undefined ? {} : { apiKey }),
    supportsStructuredOutputs: true,
    // OpenAI's newer models refuse `max_tokens`, which is all that many compatible servers know.
    transformRequestBody: (body) => {
      if (!isOpenAi) return body;
      const { max_tokens: most, ...rest }: Record<string, unknown> = body;
      return { ...rest, max_completion_tokens: most };
    },
  });
}

/**
 * Data as data: JSON between two lines that the data cannot contain, since its angle brackets are escaped.
 * The instructions say that nothing between them is to be obeyed.
 */
function quoteData(data: unknown): string {
  const json = JSON.stringify(data).replaceAll('<', String.raw`\u003c`);
  return `<data>\n${json}\n</data>`;
}

function describeProblems(problems: readonly string[]): string {
  const list = JSON.stringify(problems.slice(0, PROBLEMS_MAX)).replaceAll('<', String.raw`\u003c`);
  return `Your answer cannot be used. Problems, as JSON: ${list}\nAnswer again with the whole corrected object.`;
}

type SdkUsage = Awaited<ReturnType<typeof generateText>>['usage'] | undefined;

/** A provider that does not say what it used is charged what it could have used. */
function toUsage(usage: SdkUsage, costOf: CostOf, most: number): Usage {
  const { inputTokens: input, outputTokens: output } = usage ?? {};
  const cached = usage?.inputTokenDetails.cacheReadTokens ?? 0;
  const isTold = (input ?? 0) > 0 && output !== undefined;
  const tokens = { input: input ?? 0, cached, output: output ?? 0 };
  return { calls: 1, tokens, microUsd: isTold ? (costOf(tokens) ?? most) : most };
}

function addUsage(a: Usage, b: Usage): Usage {
  return {
    calls: a.calls + b.calls,
    tokens: {
      input: a.tokens.input + b.tokens.input,
      cached: a.tokens.cached + b.tokens.cached,
      output: a.tokens.output + b.tokens.output,
    },
    microUsd: a.microUsd + b.microUsd,
  };
}
