/**
 * The built-in model `demo`: a small rule-based responder with fixed wording, so that anyone can see
 * a miss become a hit without a key. It knows nothing of Ghee and answers every request anew.
 */
import {
  fieldOf,
  isArray,
  isJsonObject,
  isObject,
  stringOf,
  type JsonObject,
  type JsonValue,
} from '../../core/completion/completion.ts';
import type { Reply, ToolCallReply } from './reply.ts';
import { answerText } from './skills.ts';

const HELP =
  'I\'m Ghee\'s demo model: small, friendly and entirely rule-based. Try "Say hello to Erik", ' +
  '"Say butterfly 3 times", "What is 12 + 30?", "Is 7 prime?", \'Reverse "butter"\', ' +
  '\'Convert "Hello World" to uppercase\' or "What is the first name of Erik Dunteman?". ' +
  'I also turn lines such as "Name: …" and "Email: …" into JSON, and call the tools get_weather and send_email.';

const FIELD =
  /^[ \t]*(name|email|company|phone|city|country|address|title|amount|date):[ \t]*(\S.*?)[ \t\r]*$/gim;
/** Longer questions are no questions; the patterns above are quadratic at worst. */
const QUESTION_CHARACTERS_MAX = 8192;
/** One labelled line alone is more likely a sentence than a form. */
const FIELDS_MIN = 2;
const WEATHER =
  /\bweather (?:like )?in ((?:St\. )?[^?!.\n]+?)(?:,? (?:today|tomorrow|right now|now|please))*(?:[?!.\n]|$)/i;
const EMAIL = /\bsend (.+?) at ([^\s@]+@[^\s@]+?) the message:? *["“](.+)["”]/is;

/** Errors: none; what it does not understand is answered with a sentence that says what it does. */
export function respondDemo(request: JsonObject): Reply {
  const messages = messagesOf(request);
  const last = messages.at(-1);
  if (last !== undefined && stringOf(last, 'role') === 'tool')
    return text(describeResults(messages));
  if (last === undefined || stringOf(last, 'role') !== 'user') return text(HELP);
  const question = textOf(last).trim();
  if (question.length > QUESTION_CHARACTERS_MAX) return text(HELP);
  const call = chooseCall(question, toolNamesOf(request));
  if (call !== undefined) return { kind: 'tool-calls', calls: [call] };
  return text(extractForm(request, messages, question) ?? answerText(question) ?? HELP);
}

function text(content: string): Reply {
  return { kind: 'text', content };
}

function chooseCall(question: string, tools: ReadonlySet<string>): ToolCallReply | undefined {
  const [, name = '', to, body = ''] = (tools.has('send_email') && EMAIL.exec(question)) || [];
  if (to !== undefined)
    return { name: 'send_email', arguments: JSON.stringify({ to, name, body }) };
  const city = tools.has('get_weather') ? WEATHER.exec(question)?.[1] : undefined;
  return city === undefined
    ? undefined
    : { name: 'get_weather', arguments: JSON.stringify({ city }) };
}

/** One sentence for each tool result at the end of the conversation. */
function describeResults(messages: readonly JsonObject[]): string {
  const start = messages.findLastIndex((message) => stringOf(message, 'role') !== 'tool') + 1;
  const calls = fieldOf(messages[start - 1], 'tool_calls') ?? null;
  return messages
    .slice(start)
    .map((result) => {
      const id = stringOf(result, 'tool_call_id');
      const call = isArray(calls)
        ? calls.filter(isObject).find((candidate) => stringOf(candidate, 'id') === id)
        : undefined;
      return describeResult(call, textOf(result));
    })
    .join(' ');
}

function describeResult(call: JsonObject | undefined, result: string): string {
  const callee = call === undefined ? undefined : fieldOf(call, 'function');
  const fn = isObject(callee) ? callee : undefined;
  const given = parseObject(stringOf(fn, 'arguments') ?? '');
  const name = stringOf(fn, 'name');
  const { temperature, condition } = parseObject(result);
  if (name === 'send_email') return `Done, your message to ${textIn(given, 'name')} is on its way.`;
  if (isScalar(temperature) && isScalar(condition)) {
    return `It is ${temperature}°C and ${condition} in ${textIn(given, 'city')}.`;
  }
  return `The tool says: ${result}`;
}

function extractForm(
  request: JsonObject,
  messages: readonly JsonObject[],
  question: string,
): string | undefined {
  const format = fieldOf(request, 'response_format');
  const isAsked =
    (isObject(format) && (stringOf(format, 'type') ?? '').startsWith('json')) ||
    messages.some((message) => /\bjson\b/i.test(textOf(message)));
  const fields = [...question.matchAll(FIELD)].map(([, key = '', value = '']) => [
    key.toLowerCase(),
    value,
  ]);
  if (!isAsked || fields.length < FIELDS_MIN) return undefined;
  return JSON.stringify(Object.fromEntries(fields));
}

function messagesOf(request: JsonObject): readonly JsonObject[] {
  const messages = fieldOf(request, 'messages');
  return isArray(messages) ? messages.filter(isObject) : [];
}

function textOf(message: JsonObject): string {
  const content = fieldOf(message, 'content');
  if (typeof content === 'string') return content;
  if (!isArray(content)) return '';
  return content.map((part) => (isObject(part) ? (stringOf(part, 'text') ?? '') : '')).join('');
}

function toolNamesOf(request: JsonObject): ReadonlySet<string> {
  const tools = fieldOf(request, 'tools');
  if (!isArray(tools) || fieldOf(request, 'tool_choice') === 'none') return new Set();
  const names = tools.map((tool) => {
    const fn = isObject(tool) ? fieldOf(tool, 'function') : undefined;
    return isObject(fn) ? (stringOf(fn, 'name') ?? '') : '';
  });
  return new Set(names);
}

function parseObject(json: string): JsonObject {
  try {
    const value: unknown = JSON.parse(json);
    return isJsonObject(value) ? value : {};
  } catch {
    // Tools may answer in plain words.
    return {};
  }
}

function textIn(object: JsonObject, key: string): string {
  return stringOf(object, key) ?? '…';
}

function isScalar(value: JsonValue | undefined): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
