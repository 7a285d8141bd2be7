/**
 * A provider for client libraries: OpenAI's wire format, and the same bytes each time that the same body comes, so
 * that two ways to it can be compared.
 */
import { createHash } from 'node:crypto';
import { listen, type Provider } from '../../adapters/demo-provider/start-provider.ts';
import { respondDemo } from '../../adapters/demo-provider/respond-demo.ts';
import type { Reply } from '../../adapters/demo-provider/reply.ts';
import { toBody, toEvents } from '../../adapters/demo-provider/wire.ts';
import {
  fieldOf,
  isArray,
  isObject,
  stringOf,
  type JsonObject,
} from '../../core/completion/completion.ts';

interface Response {
  readonly type: string;
  readonly bytes: Buffer;
}

export interface WireProvider extends Provider {
  /** Chat calls that reached it. */
  readonly calls: () => number;
}

const MODELS = JSON.stringify({
  object: 'list',
  data: [{ id: 'gpt-5.4-mini', object: 'model', created: 1_764_000_000, owned_by: 'tests' }],
});

export async function startWireProvider(): Promise<WireProvider> {
  const made = new Map<string, Response>();
  let calls = 0;
  const provider = await listen(0, async ({ request, body, response }) => {
    if (request.url !== '/v1/chat/completions') {
      const isList = request.url === '/v1/models';
      const headers = { 'content-type': 'application/json', 'x-request-id': 'req_other' };
      response.writeHead(isList ? 200 : 404, headers);
      response.end(
        isList ? MODELS : '{"error":{"message":"not here","type":"invalid_request_error"}}',
      );
      return Promise.resolve();
    }
    calls++;
    const key = createHash('sha256').update(body).digest('hex');
    const known = made.get(key) ?? respond(JSON.parse(body.toString()) as JsonObject);
    made.set(key, known);
    response.writeHead(200, { 'content-type': known.type, 'x-request-id': `req_${key}` });
    response.end(known.bytes);
    return Promise.resolve();
  });
  return { ...provider, calls: () => calls };
}

function respond(request: JsonObject): Response {
  const reply = answer(request);
  if (reply.kind === 'error') throw new Error('the demo answers everything');
  return fieldOf(request, 'stream') === true
    ? { type: 'text/event-stream', bytes: Buffer.from(toEvents(request, reply).join('')) }
    : { type: 'application/json', bytes: Buffer.from(JSON.stringify(toBody(request, reply))) };
}

/** Frameworks have forms of their own that a model must answer in; the demo knows none of them. */
function answer(request: JsonObject): Reply {
  const text = JSON.stringify(fieldOf(request, 'messages'));
  const name = forcedTool(request);
  if (name !== undefined) {
    const person = text.includes('Ann') ? 'Ann' : 'Erik';
    return {
      kind: 'tool-calls',
      calls: [{ name, arguments: JSON.stringify({ name: person, age: 30 }) }],
    };
  }
  return dspyReply(text) ?? crewReply(request, text) ?? respondDemo(request);
}

function forcedTool(request: JsonObject): string | undefined {
  const choice = fieldOf(request, 'tool_choice');
  const chosen = isObject(choice) ? fieldOf(choice, 'function') : undefined;
  return isObject(chosen) ? stringOf(chosen, 'name') : undefined;
}

function dspyReply(text: string): Reply | undefined {
  const marks = [...text.matchAll(/\[\[ ## (\w+) ## \]\]/g)].map((match) => match[1] ?? '');
  if (!marks.includes('completed')) return undefined;
  const values: Record<string, string> = {
    reasoning: 'It is written there.',
    answer: text.includes('Ann')
      ? 'Hello, Ann!'
      : text.includes('Paris')
        ? 'It is sunny.'
        : 'Hello, Erik!',
    next_thought: 'I look it up.',
    next_tool_name:
      text.includes('Observation') || text.includes('observation_0') ? 'finish' : 'get_weather',
    next_tool_args: text.includes('observation_0') ? '{}' : '{"city": "Paris"}',
  };
  const wanted = marks.includes('next_tool_name')
    ? ['next_thought', 'next_tool_name', 'next_tool_args']
    : marks.includes('reasoning')
      ? ['reasoning', 'answer']
      : ['answer'];
  const fields = [...wanted.map((name) => `[[ ## ${name} ## ]]\n${values[name] ?? ''}`)];
  return { kind: 'text', content: `${fields.join('\n\n')}\n\n[[ ## completed ## ]]` };
}

/** Agents of CrewAI without native tools think aloud. */
function crewReply(request: JsonObject, text: string): Reply | undefined {
  if (!text.includes('Current Task:')) return undefined;
  const messages = fieldOf(request, 'messages');
  const last: unknown = isArray(messages) ? messages.at(-1) : undefined;
  const tools = fieldOf(request, 'tools');
  const isResult = isObject(last as JsonObject) && stringOf(last as JsonObject, 'role') === 'tool';
  if (isArray(tools) && tools.length > 0 && !isResult && text.includes('weather in Paris')) {
    return { kind: 'tool-calls', calls: [{ name: 'get_weather', arguments: '{"city":"Paris"}' }] };
  }
  const said = text.includes('Ann') ? 'Hello, Ann!' : isResult ? 'It is sunny.' : 'Hello, Erik!';
  return { kind: 'text', content: `Thought: I now can give a great answer\nFinal Answer: ${said}` };
}
