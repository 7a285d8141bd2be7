/**
 * Requests that are another one with another text in their last message, as those of one program mostly are. What
 * follows from all the rest is worked out once; whether there is an answer, and which, is looked up each time.
 * Why this gives what reading the whole request gives: in the place of one JSON string stands another one, and in
 * the message that holds it nothing but its text depends on it (`frames.test.ts` holds it to the slow way).
 */
import { isUtf8 } from 'node:buffer';
import { parseJson } from '../../core/json/json.ts';
import { onlyText, type Leaf, type Message } from '../../core/messages/message.ts';
import { threadHasher, type Hash } from '../../core/observation.ts';
import type { Beginning } from './look-up.ts';
import type { Asked } from '../request/plan.ts';
import { areSameCallers, type RepeatKey } from './repeats.ts';

/** A request as it was read. */
export interface ReadRequest {
  /** The decoded body, without a byte order mark. */
  readonly text: string;
  /** Where `messages` begins in it. */
  readonly messagesAt: number;
  readonly asked: Asked;
}

interface Frame {
  readonly key: RepeatKey;
  /** The bytes around the text, without its quotes. */
  readonly before: Buffer;
  readonly after: Buffer;
  /** Of `messages`, the JSON text around it. */
  readonly messages: readonly [string, string];
  readonly asked: Asked;
  readonly message: Message;
  readonly leaf: Leaf;
  /** By the text of its last message. */
  readonly hashThread: (text: string) => string;
  readonly beginning: Beginning;
}

/** Programs that call at the same time, and each of their forms. Looking through all of them takes less than 1 µs. */
const FRAMES_MAX = 64;
/** Most misses are one turn of a conversation, and come once: they must not drive out what is used. */
const UNPROVEN_MAX = 16;
const BYTES_MAX = 16 * 1024 * 1024;
/** The bytes themselves, the text, and what was parsed from it (an estimate). */
const WEIGHT_OF_A_BYTE = 8;
const QUOTE = 0x22;

export class Frames {
  private readonly hash: Hash;
  /** The latest used first, behind them those that were not used yet. */
  private frames: Frame[] = [];

  constructor(hash: Hash) {
    this.hash = hash;
  }

  /** What reading the request gives, or undefined where it is no such request. */
  find(key: RepeatKey): Asked | undefined {
    let index = 0;
    for (const frame of this.frames) {
      if (isAround(frame, key)) {
        if (index > 0) {
          this.frames.splice(index, 1);
          this.frames.unshift(frame);
        }
        return fill(frame, key.body);
      }
      index++;
    }
    return undefined;
  }

  /** Learns from a request that was read in the slow way. `isHit`: a template answered it, so others will come. */
  keep(key: RepeatKey, read: ReadRequest, isHit: boolean): void {
    const frame = frameOf(this.hash, key, read);
    if (frame === undefined) return;
    const place = isHit ? 0 : FRAMES_MAX - UNPROVEN_MAX;
    let bytes = 0;
    this.frames = this.frames
      .toSpliced(place, 0, frame)
      .slice(0, FRAMES_MAX)
      .filter(
        ({ before, after }) =>
          (bytes += WEIGHT_OF_A_BYTE * (before.byteLength + after.byteLength)) <= BYTES_MAX,
      );
  }
}

function fill(frame: Frame, body: Buffer): Asked | undefined {
  const { before, after, leaf, message, asked } = frame;
  const bytes = body.subarray(before.byteLength - 1, body.byteLength - after.byteLength + 1);
  if (!isUtf8(bytes)) return undefined;
  const token = bytes.toString('utf8');
  const parsed = parseJson(token);
  if (parsed.kind === 'fault' || parsed.value.kind !== 'string') return undefined;
  const { start } = leaf.token;
  const text = parsed.value.value;
  const place = { ...parsed.value, start, end: start + token.length };
  const { request } = asked.question;
  const last = { ...message, leaves: [{ ...leaf, text, token: place }] };
  const messages = [...request.thread.messages.slice(0, -1), last];
  const thread = { messages, callIds: request.thread.callIds };
  return {
    ...asked,
    messages: frame.messages[0] + token + frame.messages[1],
    question: {
      ...asked.question,
      request: { ...request, thread },
      thread: frame.hashThread(text),
      beginning: frame.beginning,
    },
  };
}

/** A byte of each end first: most frames differ there. */
function isAround({ key: own, before, after }: Frame, key: RepeatKey): boolean {
  const { body } = key;
  const afterAt = body.byteLength - after.byteLength;
  return (
    afterAt >= before.byteLength &&
    body[before.byteLength - 1] === QUOTE &&
    body[afterAt] === QUOTE &&
    body.compare(after, 0, after.byteLength, afterAt) === 0 &&
    body.compare(before, 0, before.byteLength, 0, before.byteLength) === 0 &&
    areSameCallers(own, key)
  );
}

function frameOf(
  hash: Hash,
  key: RepeatKey,
  { text, messagesAt, asked }: ReadRequest,
): Frame | undefined {
  const { thread } = asked.question.request;
  const message = thread.messages.at(-1);
  const leaf = message && onlyText(message);
  if (message === undefined || leaf === undefined) return undefined;
  const { start, end } = leaf.token;
  const before = Buffer.from(text.slice(0, start + 1));
  const after = Buffer.from(text.slice(end - 1));
  const body = Buffer.from(text);
  // Compressed, or with a byte order mark.
  if (!body.equals(key.body)) return undefined;
  return {
    key: { ...key, body: EMPTY },
    before,
    after,
    messages: [asked.messages.slice(0, start - messagesAt), asked.messages.slice(end - messagesAt)],
    asked,
    message,
    leaf,
    hashThread: threadHasher(hash, thread),
    beginning: { walk: undefined },
  };
}

const EMPTY = Buffer.alloc(0);
