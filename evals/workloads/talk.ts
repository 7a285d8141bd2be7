/** Conversations in the wire format of Chat Completions: each answer of the assistant is one call. */
import { int, type Random } from './random.ts';
import { characters } from './values.ts';

export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Fields = { readonly [key: string]: Json };

/** What an application sends with every call of one feature. */
export interface Setting {
  readonly system?: string;
  readonly tools?: readonly Json[];
  /** Further parameters, such as `temperature`. */
  readonly parameters?: Fields;
}

/** One call: what was asked, what was answered, and what else would have been as right. */
export interface Call {
  readonly request: Fields;
  readonly response: Fields;
  /** Other contents that say the same; a model that varies its wording might have sent them. */
  readonly alternatives: readonly string[];
}

const MODEL = 'gpt-5.4-mini';
/** 2026-01-01: clients show it, nothing depends on it. */
const CREATED = 1_767_225_600;
const CHARACTERS_PER_TOKEN = 4;
const ID_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Builds a conversation turn by turn; `calls` has one entry for each `answers` and `callsTools`. */
export class Talk {
  readonly calls: Call[] = [];
  private readonly random: Random;
  private readonly setting: Setting;
  private readonly messages: Fields[];
  private open: string[] = [];

  constructor(random: Random, setting: Setting = {}) {
    this.random = random;
    this.setting = setting;
    this.messages =
      setting.system === undefined ? [] : [{ role: 'system', content: setting.system }];
  }

  user(content: string): this {
    this.messages.push({ role: 'user', content });
    return this;
  }

  /** The assistant says `content`; `alternatives` would have been as right. */
  answers(content: string, alternatives: readonly string[] = []): this {
    return this.reply({ role: 'assistant', content }, 'stop', alternatives);
  }

  /** The assistant calls tools, all at once. */
  callsTools(...calls: readonly (readonly [name: string, parameters: Fields])[]): this {
    this.open = calls.map(() => `call_${characters(this.random, 24, ID_ALPHABET)}`);
    const toolCalls = calls.map(([name, parameters], index) => ({
      id: this.open[index] ?? '',
      type: 'function',
      function: { name, arguments: JSON.stringify(parameters) },
    }));
    return this.reply(
      { role: 'assistant', content: null, tool_calls: toolCalls },
      'tool_calls',
      [],
    );
  }

  /** The next open tool call returns. */
  returns(result: Json): this {
    const id = this.open.shift() ?? '';
    const content = typeof result === 'string' ? result : JSON.stringify(result);
    this.messages.push({ role: 'tool', tool_call_id: id, content });
    return this;
  }

  private reply(message: Fields, finishReason: string, alternatives: readonly string[]): this {
    const { tools, parameters } = this.setting;
    const request: Fields = {
      model: MODEL,
      messages: [...this.messages],
      ...(tools === undefined ? {} : { tools }),
      ...parameters,
    };
    this.calls.push({
      request,
      response: respond(this.random, request, message, finishReason),
      alternatives,
    });
    this.messages.push(message);
    return this;
  }
}

/** A question and its answer: the shortest conversation. */
export function ask(random: Random, setting: Setting, question: string, answer: string): Talk {
  return new Talk(random, setting).user(question).answers(answer);
}

/** One function of an application; `properties` maps a name to its type or to the values it may take. */
export function tool(
  name: string,
  description: string,
  properties: Readonly<Record<string, 'string' | 'number' | 'integer' | readonly string[]>>,
): Json {
  const described = Object.entries(properties).map(([key, type]) => [
    key,
    typeof type === 'string' ? { type } : { type: 'string', enum: type },
  ]);
  return {
    type: 'function',
    function: {
      name,
      description,
      parameters: {
        type: 'object',
        properties: Object.fromEntries(described) as Fields,
        required: Object.keys(properties),
      },
    },
  };
}

function respond(random: Random, request: Fields, message: Fields, finishReason: string): Fields {
  const prompt = tokensIn(request);
  const completion = tokensIn(message);
  return {
    id: `chatcmpl-${characters(random, 29, ID_ALPHABET)}`,
    object: 'chat.completion',
    created: CREATED + int(random, 0, 10_000_000),
    model: MODEL,
    choices: [
      {
        index: 0,
        message: { ...message, refusal: null, annotations: [] },
        logprobs: null,
        finish_reason: finishReason,
      },
    ],
    usage: {
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion,
    },
  };
}

function tokensIn(value: Json): number {
  return Math.ceil(JSON.stringify(value).length / CHARACTERS_PER_TOKEN);
}
