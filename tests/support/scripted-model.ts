/**
 * The inducer's model as a local server of the OpenAI wire format. Its answers come from a script: what a plausible
 * model would find in an exchange, or how it misbehaves. It recognises the agents by their instructions.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { JsonObject } from '../../core/completion/completion.ts';
import { AGENTS, type Agent } from '../../adapters/config.ts';
import { AGENT_TASKS, type AgentProposals } from '../../adapters/model/agents.ts';
import type { Reply } from '../../adapters/demo-provider/reply.ts';
import { startScriptedProvider, type ScriptedProvider } from './provider.ts';

/** What a plausible model finds in one exchange. */
export interface Knowledge {
  readonly spans: readonly KnownSpan[];
  /** Values of the request → names. */
  readonly names: Readonly<Record<string, string>>;
  /** Values of the answer → values that they follow from; the others are constants. */
  readonly from: Readonly<Record<string, readonly string[]>>;
  /** Values of the answer → code that derives them; `nameOf` tells the variable that has a value. */
  readonly code: Readonly<Record<string, (nameOf: (value: string) => string) => string>>;
}

export interface KnownSpan {
  readonly quote: string;
  /** Of the message in which the quote stands: a user's or a tool's, or an assistant's. */
  readonly in: 'request' | 'answer';
  readonly label: string;
  readonly kind?: AgentProposals['identifier']['spans'][number]['kind'];
}

/** One request to an agent. */
export interface AgentCall {
  readonly agent: Agent;
  /** 1 for the first question, 2 when the problems of the first answer were fed back. */
  readonly round: number;
  readonly data: AgentData;
  /** The whole text that the model was sent. */
  readonly text: string;
}

interface AgentData {
  readonly messages?: readonly {
    readonly message: number;
    readonly role: string;
    readonly leaves: readonly { readonly leaf: number; readonly text: string }[];
  }[];
  readonly spans?: readonly { readonly span: number; readonly value: string }[];
  readonly variables?: readonly { readonly name: string; readonly value: string }[];
  readonly sinks?: readonly { readonly sink: string; readonly value: string }[];
  readonly targets?: readonly {
    readonly target: string;
    readonly value: string;
    readonly examples: readonly [{ readonly inputs: Readonly<Record<string, string>> }];
  }[];
}

/** An answer: a proposal, a text in place of one, or a whole reply. */
export type AgentAnswer = object | string | { readonly reply: Reply };
export type AnswerAgent = (call: AgentCall) => AgentAnswer | Promise<AgentAnswer>;

export interface ScriptedModel extends Pick<ScriptedProvider, 'failNext' | 'close'> {
  readonly baseUrl: string;
  /** The calls that were answered by the script. */
  readonly calls: readonly AgentCall[];
  script(answer: AnswerAgent): void;
}

export async function startScriptedModel(answer: AnswerAgent): Promise<ScriptedModel> {
  const provider = await startScriptedProvider();
  const calls: AgentCall[] = [];
  let current = answer;
  provider.respond(async (body) => {
    const call = readCall(body);
    calls.push(call);
    const said = await current(call);
    if (typeof said === 'object' && 'reply' in said) return said.reply;
    return { kind: 'text', content: typeof said === 'string' ? said : JSON.stringify(said) };
  });
  return {
    baseUrl: `${provider.url}/v1`,
    calls,
    script: (next) => (current = next),
    failNext: (fault, times) => provider.failNext(fault, times),
    close: () => provider.close(),
  };
}

/** A model that finds in an exchange what `know` says, by all that it is shown; nothing where that is undefined. */
export function plausible(know: (text: string) => Knowledge | undefined): AnswerAgent {
  return (call) => propose(call, know(call.text) ?? { spans: [], names: {}, from: {}, code: {} });
}

function propose({ agent, data }: AgentCall, known: Knowledge): object {
  switch (agent) {
    case 'identifier':
      return { spans: known.spans.flatMap((span) => locate(data, span)) };
    case 'namer':
      return {
        names: (data.spans ?? []).map(({ span, value }) => ({
          span,
          name: known.names[value] ?? 'thing',
        })),
      };
    case 'arranger':
      return { roles: (data.sinks ?? []).map((sink) => roleOf(sink, data, known)) };
    case 'deriver':
      return {
        functions: (data.targets ?? []).flatMap(({ target, value, examples: [{ inputs }] }) => {
          const variables = Object.entries(inputs).map(([name, held]) => ({ name, value: held }));
          const code = known.code[value]?.((held) => nameOf(held, variables));
          return code === undefined ? [] : [{ target, code }];
        }),
      };
  }
}

function roleOf(
  { sink, value }: { readonly sink: string; readonly value: string },
  { variables = [] }: AgentData,
  known: Knowledge,
) {
  const sources = known.from[value] ?? [];
  const from = sources.map((source) => nameOf(source, variables));
  if (from.length === 0) return { sink, role: 'constant', from };
  return { sink, role: sources[0] === value ? 'copy' : 'dependent', from };
}

function nameOf(value: string, variables: readonly { name: string; value: string }[]): string {
  return variables.find((variable) => variable.value === value)?.name ?? 'unknown';
}

function locate({ messages = [] }: AgentData, { quote, label, kind = 'line', ...span }: KnownSpan) {
  return messages
    .filter(({ role }) => (role === 'assistant') === (span.in === 'answer'))
    .flatMap(({ message, leaves }) =>
      leaves
        .filter(({ text }) => text.includes(quote))
        .map(({ leaf }) => ({ message, leaf, quote, occurrence: 1, role: 'data', kind, label })),
    );
}

/** What OpenAI does when a model takes its time; longer than any test waits. */
export async function dawdle(ms: number): Promise<AgentAnswer> {
  await wait(ms, undefined, { ref: false });
  return { spans: [] };
}

function readCall(body: JsonObject): AgentCall {
  const messages = (body['messages'] ?? []) as readonly { role: string; content: string }[];
  const system = messages.find((message) => message.role === 'system')?.content ?? '';
  const agent = AGENTS.find((name) => AGENT_TASKS[name].instructions === system);
  if (agent === undefined) throw new Error('no agent has these instructions');
  const asked = messages.filter((message) => message.role === 'user');
  const text = asked[0]?.content ?? '';
  const json = /^<data>\n(.*)\n<\/data>$/s.exec(text)?.[1] ?? '{}';
  return { agent, round: asked.length, data: JSON.parse(json) as AgentData, text };
}
