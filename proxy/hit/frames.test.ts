import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createKeyedHash } from '../../adapters/caller.ts';
import type { ProxyDeps } from '../deps.ts';
import { Frames } from './frames.ts';
import { readRequest, sha256, type Callers } from '../request/plan.ts';
import { rulesOf } from '../request/rules.ts';
import type { Upstream } from '../miss/upstream.ts';
import { readWishes } from '../request/wishes.ts';

const settings: ProxyDeps['settings'] = {
  requestBytesMax: 100_000,
  staleMaxSeconds: 900,
  collapseSeconds: 5,
  rules: { mode: 'live', ttlSeconds: undefined, allows: { content: false, audits: true } },
  isOpen: false,
};
const unused = (): never => {
  throw new Error('no call is made');
};
const upstream: Upstream = {
  ...{ identity: 'u', forward: unused, ask: unused, open: unused, close: unused },
};
const deps = { settings, upstream, demo: undefined, keyedHash: createKeyedHash('secret') };
const wishes = readWishes({});
if (wishes.kind === 'refused') throw new Error(wishes.problem.message);
const callers: Callers = {
  bindings: new Map(),
  caller: 'local',
  project: undefined,
  rules: rulesOf(wishes.wishes, undefined, settings.rules),
  wishes: wishes.wishes,
};

function keyOf(body: Buffer) {
  const rawHeaders = ['Content-Type', 'application/json', 'Content-Length', `${body.byteLength}`];
  return { body, rawHeaders, path: '/chat/completions', query: '', project: undefined };
}

/** The slow way. */
function read(body: Buffer) {
  const call = { ...keyOf(body), headers: {}, requestId: 'r', recall: () => undefined };
  const result = readRequest(deps, call, callers);
  return result.kind === 'read' ? result : undefined;
}

function framesWith(body: Buffer): Frames {
  const frames = new Frames(sha256);
  const known = read(body);
  if (known !== undefined) frames.keep(keyOf(body), known, true);
  return frames;
}

/** Without what only the fast way has. */
function askedBy(frames: Frames, body: Buffer) {
  const asked = frames.find(keyOf(body));
  if (asked === undefined) return undefined;
  const { beginning, ...question } = asked.question;
  expect(beginning).toBeDefined();
  return { ...asked, question };
}

const ID = 'call_aaaaaaaaaaaaaaaa';
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.constantFrom('', `about ${ID}`, '{"a":1.0}', '"', '\\', '\u2028', 'ü', '😀', '[1, 1e400]'),
);
/** The source of a string, well-formed or not. */
const token = fc.oneof(
  { weight: 4, arbitrary: text.map((value) => Buffer.from(JSON.stringify(value))) },
  { weight: 1, arbitrary: text.map((value) => Buffer.from(`"${value}"`)) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('\\ud800', '\\u00e9', '\\x', '\\', '\\u12', 'a\tb', '","role":"system', '" , "')
      .map((value) => Buffer.from(`"${value}"`)),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 6 }).map((b) => quoted(Buffer.from(b))) },
);
const quoted = (bytes: Buffer) => Buffer.concat([Buffer.from('"'), bytes, Buffer.from('"')]);

const calls = [
  { role: 'user', content: 'Look it up' },
  {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: ID, type: 'function', function: { name: 'find', arguments: '{"n":1.0}' } }],
  },
  { role: 'tool', tool_call_id: ID, content: '{"found": [1, 2.50]}' },
];
/** Bodies with a place for a string, before and after it. */
const around = fc
  .record({
    before: fc.constantFrom<object[][]>(
      [],
      [{ role: 'system', content: 'Be kind.' }],
      calls,
      [...calls, ...calls],
      [{ role: 'system', content: 'ü \u2028 😀' }],
    ),
    message: fc.constantFrom(
      '{"role":"user","content":TEXT}',
      '{ "content" : TEXT , "role" : "user" }',
      '{"role":"user","content":[{"type":"text","text":TEXT}]}',
      '{"role":"user","content":[{"type":"text","text":TEXT},{"type":"text","text":"more"}]}',
      '{"role":"user","content":"hello","name":TEXT}',
      '{"role":"developer","content":TEXT}',
      '{"role":"assistant","content":TEXT}',
      `{"role":"tool","tool_call_id":"${ID}","content":TEXT}`,
    ),
    others: fc.constantFrom(
      ['', '"temperature":1.0,'],
      ['"model":"m","seed":12345678901234567890,', ''],
      ['"model":"m","stream":true,"a":1e400,"b":-0,', '"tools":[{"type":"function"}],'],
      ['\n "model" : "m" , ', ''],
      ['"model":"m","model":"n",', ''],
      ['\ufeff', ''],
    ),
  })
  .map(({ before, message, others: [start = '', end = ''] }) => {
    const list = before.map((one) => `${JSON.stringify(one)},`).join('');
    const bom = start === '\ufeff' ? start : '';
    const fields = bom === '' ? start : '"model":"m",';
    const body = `${bom}{${fields}"messages":[${list}${message}],${end}"user":"u"}`;
    return body.split('TEXT').map((part) => Buffer.from(part));
  });

const bodyOf = (parts: readonly Buffer[], value: Buffer) =>
  Buffer.concat([parts[0] ?? value, value, parts[1] ?? value]);

test('what a frame gives is what reading the whole request gives', () => {
  let framed = 0;
  fc.assert(
    fc.property(around, token, token, (parts, first, second) => {
      const frames = framesWith(bodyOf(parts, first));
      for (const value of [second, first]) {
        const body = bodyOf(parts, value);
        const asked = askedBy(frames, body);
        if (asked === undefined) continue;
        framed++;
        expect(asked).toEqual(read(body)?.asked);
      }
    }),
    { numRuns: 3000 },
  );
  expect(framed).toBeGreaterThan(500);
});

test('a frame stands for nothing else', () => {
  fc.assert(
    fc.property(around, text, fc.nat(), fc.nat(255), (parts, value, place, byte) => {
      const body = bodyOf(parts, Buffer.from(JSON.stringify(value)));
      const frames = framesWith(body);
      const other = Buffer.from(body);
      other[place % other.byteLength] = byte;
      const asked = askedBy(frames, other);
      if (asked !== undefined) expect(asked).toEqual(read(other)?.asked);
    }),
    { numRuns: 2000 },
  );
});

test('other headers, a compressed body and another project are other requests', () => {
  const body = (ask: string) =>
    Buffer.from(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: ask }] }));
  const frames = framesWith(body('one'));
  const key = keyOf(body('two'));
  expect(frames.find(key)).toBeDefined();
  const project = { id: 'p', name: 'p', keys: [], settings: [] };
  expect(frames.find({ ...key, rawHeaders: [...key.rawHeaders, 'X-A', '1'] })).toBeUndefined();
  expect(frames.find({ ...key, project })).toBeUndefined();
  expect(frames.find({ ...key, query: '?a' })).toBeUndefined();
  const known = read(body('one'));
  const compressed = new Frames(sha256);
  if (known !== undefined) compressed.keep(keyOf(Buffer.from('other bytes')), known, true);
  expect(compressed.find(key)).toBeUndefined();
});

/** Requests of many programs. */
function programs() {
  const frames = new Frames(sha256);
  const body = (program: number, ask: string) =>
    Buffer.from(
      JSON.stringify({ model: `m${program}`, messages: [{ role: 'user', content: ask }] }),
    );
  const keep = (program: number, isHit: boolean): void => {
    const known = read(body(program, 'one'));
    if (known !== undefined) frames.keep(keyOf(body(program, 'one')), known, isHit);
  };
  const find = (program: number) =>
    frames.find(keyOf(body(program, 'two')))?.question.request.model;
  return { keep, find };
}

test('the latest frames stay', () => {
  const { keep, find } = programs();
  for (let program = 0; program < 100; program++) keep(program, true);
  expect(find(99)).toBe('m99');
  expect(find(40)).toBe('m40');
  expect(find(0)).toBeUndefined();
});

test('misses that come once do not drive out what is used', () => {
  const { keep, find } = programs();
  keep(0, true);
  keep(1, false);
  expect(find(1)).toBe('m1');
  for (let program = 2; program < 200; program++) keep(program, false);
  expect(find(0)).toBe('m0');
  expect(find(1)).toBe('m1');
  expect(find(199)).toBe('m199');
  expect(find(100)).toBeUndefined();
});
