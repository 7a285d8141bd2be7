/** Steps 2 to 4 as a model takes them: what it is shown, and how its proposal is checked (core/induction). */
import { checkArrangement, nameSinks } from '../core/induction/check-arrangement.ts';
import { checkNames } from '../core/induction/check-names.ts';
import { checkSpans } from '../core/induction/check-spans.ts';
import type { Exchange } from '../core/induction/exchange.ts';
import type { Span } from '../core/induction/span.ts';
import { askAgent, toReport, type AgentReport } from './ask-agent.ts';
import { counted, listed, openRun, type StepDeps } from './run.ts';

/** Errors: ModelError, StoreError, StepFault. */
export async function identifyByModel(deps: StepDeps, id: string): Promise<AgentReport> {
  const run = await openRun(deps, id);
  const { exchange } = run;
  const { messages, observation } = exchange;
  const { start } = run.proposal('load');
  const bound = run.proposal('bind');
  const from = start.depth;
  const vouched = observation.bindings.length > 0;
  const known = bound.map((span) => ({ name: span.name, value: span.value }));
  const reply = await askAgent(deps, run, {
    agent: 'identifier',
    data: { ...shownExchange(exchange, from), known },
    check: ({ spans }) => checkSpans({ messages, from, bound, vouched }, spans),
  });
  if (reply.kind === 'abstained') return toReport(reply);
  const { sources, sinks } = reply.value;
  if (sinks.length === 0 || sources.length + bound.length + start.inherited.length === 0)
    return { note: `${reply.note}; nothing that flows`, abstained: 'nothing_found' };
  await run.save('identify', reply.value);
  const found = `${counted(sources.length, 'span')} of data in requests, ${sinks.length} in answers`;
  return { note: `${found} (${reply.note})` };
}

/** Errors: ModelError, StoreError, StepFault. */
export async function nameByModel(deps: StepDeps, id: string): Promise<AgentReport> {
  const run = await openRun(deps, id);
  const { exchange } = run;
  const { start } = run.proposal('load');
  const { sources, sinks } = run.proposal('identify');
  const taken = new Set([...exchange.known.keys(), ...start.inherited.map(([name]) => name)]);
  if (sources.length === 0) return { note: 'nothing to name', abstained: 'nothing_found' };
  const reply = await askAgent(deps, run, {
    agent: 'namer',
    data: {
      ...shownExchange(exchange, start.depth),
      taken: [...taken].filter((name) => !name.startsWith('$')),
      spans: sources.map((span, index) => ({ span: index, ...shownSpan(exchange, span) })),
    },
    check: ({ names }) => checkNames({ sources, sinks, taken }, names),
  });
  if (reply.kind === 'abstained') return toReport(reply);
  await run.save('name', reply.value);
  const names = listed(reply.value.map((group) => group.name));
  return { note: `candidates ${names} (${reply.note})` };
}

/** Errors: ModelError, StoreError, StepFault. */
export async function arrangeByModel(deps: StepDeps, id: string): Promise<AgentReport> {
  const run = await openRun(deps, id);
  const { exchange } = run;
  const { start } = run.proposal('load');
  const input = {
    messages: exchange.messages,
    from: start.depth,
    bound: run.proposal('bind'),
    groups: run.proposal('name'),
    sinks: run.proposal('identify').sinks,
    inherited: new Map([...start.inherited, ...run.observation.bindings]),
  };
  const before = [...input.inherited].map(([name, value]) => ({ name, value }));
  const reply = await askAgent(deps, run, {
    agent: 'arranger',
    data: {
      ...shownExchange(exchange, start.depth),
      variables: [
        ...before,
        ...input.groups.map(({ name, value, spans }) => ({
          name,
          value,
          message: spans[0]?.message,
        })),
      ],
      sinks: nameSinks(input).map((sink) => ({ sink: sink.name, ...shownSpan(exchange, sink) })),
    },
    check: ({ roles }) => checkArrangement(input, roles),
  });
  if (reply.kind === 'abstained') return toReport(reply);
  await run.save('arrange', reply.value);
  const { copied, chosen } = reply.value;
  const names = listed(chosen?.map(({ name }) => name) ?? []);
  return { note: `copied ${listed(copied)}; to derive ${names} (${reply.note})` };
}

/** What came before, for its sense, and the new messages with the numbers by which a model refers to them. */
export function shownExchange({ messages }: Exchange, from: number) {
  return {
    context: messages.slice(0, from).map((message) => ({
      role: message.role,
      texts: message.leaves.map((leaf) => leaf.text),
    })),
    messages: messages.slice(from).map((message, index) => ({
      message: from + index,
      role: message.role,
      leaves: message.leaves.map((leaf, number) => ({
        leaf: number,
        ...(leaf.path.length === 0 ? {} : { path: leaf.path.join('.') }),
        text: leaf.text,
      })),
    })),
  };
}

/** Characters of the surroundings of a span that are shown. */
const SHOWN_AROUND = 60;

export function shownSpan({ messages }: Exchange, span: Span) {
  const leaf = messages[span.message]?.leaves[span.leaf];
  const text = leaf?.text ?? '';
  return {
    value: span.value,
    message: span.message,
    before: text.slice(Math.max(0, span.start - SHOWN_AROUND), span.start),
    after: text.slice(span.end, span.end + SHOWN_AROUND),
    path: leaf?.path.join('.') ?? '',
  };
}
