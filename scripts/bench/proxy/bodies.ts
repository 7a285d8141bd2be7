/** What is asked and answered in the proxy bench: bodies of 250 B, 10 KB (eight turns with tools) and 30 KB. */

export const SHAPES = ['short', 'agent', 'context'] as const;
export type Shape = (typeof SHAPES)[number];

export interface Body {
  readonly model: string;
  readonly stream: boolean;
  readonly messages: readonly object[];
  readonly tools?: readonly object[];
  readonly temperature?: number;
}

/** `ask`: the last message. Equal but for that, as calls of one program are. */
export function bodyOf(shape: Shape, ask: string, stream: boolean): Body {
  const last = { role: 'user', content: ask };
  const common = { model: 'gpt-5.4-mini', stream };
  switch (shape) {
    case 'short':
      return { ...common, temperature: 0, messages: [system(80), last] };
    case 'agent':
      return { ...common, messages: [system(2700), ...turns(), last], tools: tools() };
    case 'context':
      return { ...common, messages: [system(29_300), last] };
  }
}

/** What every server of the bench answers: about 300 characters, with the last word of the question in them. */
export function answerTo(ask: unknown): string {
  const name = typeof ask === 'string' ? ask.split(' ').at(-1) : '';
  return `Hello, ${name ?? ''}! ${prose(290)}`;
}

export function eventsOf(model: string, content: string): string[] {
  const event = (delta: object, finish: string | null) =>
    `data: ${JSON.stringify({
      id: 'chatcmpl-bench',
      object: 'chat.completion.chunk',
      created: 1_764_000_000,
      model,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    })}\n\n`;
  const pieces = content.match(/[^]{1,16}/g) ?? [];
  return [
    event({ role: 'assistant', content: '' }, null),
    ...pieces.map((piece) => event({ content: piece }, null)),
    event({}, 'stop'),
    'data: [DONE]\n\n',
  ];
}

function system(characters: number): object {
  return { role: 'system', content: `You are a friendly assistant. ${prose(characters)}` };
}

const WORDS =
  'the order of a customer is shipped when its payment has been received and every item lies in the warehouse nearest to the address that was given'.split(
    ' ',
  );

/** The same text for the same length. */
function prose(characters: number): string {
  let text = '';
  for (let index = 0; text.length < characters; index++) {
    text += `${WORDS[(index * 7 + (index >> 3)) % WORDS.length] ?? ''} `;
  }
  return text.slice(0, characters).trimEnd();
}

function turns(): object[] {
  return Array.from({ length: 7 }, (_, turn) => {
    const id = `call_${String(turn).padStart(24, 'aB3')}`;
    const query = JSON.stringify({ order: `A-${String(1000 + turn)}`, fields: ['state', 'total'] });
    const found = JSON.stringify({ state: 'shipped', total: 10.5 + turn, note: prose(120) });
    return [
      { role: 'user', content: `Where is order A-${String(1000 + turn)}? ${prose(60)}` },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id, type: 'function', function: { name: 'find_order', arguments: query } }],
      },
      { role: 'tool', tool_call_id: id, content: found },
      { role: 'assistant', content: `It is shipped. ${prose(150)}` },
    ];
  }).flat();
}

function tools(): object[] {
  return ['find_order', 'cancel_order', 'find_customer', 'send_letter'].map((name) => ({
    type: 'function',
    function: {
      name,
      description: prose(120),
      parameters: {
        type: 'object',
        properties: {
          order: { type: 'string', description: prose(40) },
          fields: { type: 'array', items: { type: 'string', enum: ['state', 'total', 'date'] } },
        },
        required: ['order'],
        additionalProperties: false,
      },
    },
  }));
}
