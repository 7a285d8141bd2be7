/** Reads the provider's answer off the bytes that pass: a copy, capped, and only when it came whole. */
import { isUtf8 } from 'node:buffer';
import { createParser } from 'eventsource-parser';
import type { IncomingMessage } from 'node:http';
import { createChunkAccumulator, readCompletion } from '../../core/completion/accumulate.ts';
import type { Completion } from '../../core/completion/completion.ts';
import { decodeBody } from '../request/decode-body.ts';
import type { RecordingRoom } from './recording-room.ts';

export type AnswerResult =
  | { readonly kind: 'answer'; readonly completion: Completion; readonly bytes: number }
  /** Not learned; `reason` is a word of ours. */
  | { readonly kind: 'unusable'; readonly reason: string };

export interface AnswerBounds {
  /** Of one answer, as it comes and decoded. */
  readonly bytesMax: number;
  /** Shared by all. */
  readonly room: RecordingRoom;
}

/**
 * Calls `done` once, when the response is over. It must already be piped to the client, so that the
 * client's copy leaves first. Errors: none thrown; `done` must not throw.
 */
export function watchAnswer(
  response: IncomingMessage,
  { bytesMax, room }: AnswerBounds,
  done: (result: AnswerResult) => void,
): void {
  const format = formatOf(response);
  if (typeof format !== 'object') {
    done({ kind: 'unusable', reason: format });
    return;
  }
  let chunks: Buffer[] = [];
  let bytes = 0;
  let overflow: string | undefined;
  let isOver = false;
  const drop = (): void => {
    room.giveBack(bytes);
    chunks = [];
    bytes = 0;
  };
  const finish = (isWhole: boolean): void => {
    if (isOver) return;
    isOver = true;
    const raw = isWhole && overflow === undefined ? Buffer.concat(chunks) : undefined;
    drop();
    done(
      raw === undefined ? unusable(overflow ?? 'incomplete') : readSafely(raw, format, bytesMax),
    );
  };
  response.on('data', (chunk: Buffer) => {
    if (overflow !== undefined || isOver) return;
    if (bytes + chunk.byteLength > bytesMax) overflow = 'answer_too_large';
    else if (!room.take(chunk.byteLength)) overflow = 'recordings_full';
    if (overflow !== undefined) {
      drop();
      return;
    }
    bytes += chunk.byteLength;
    chunks.push(chunk);
  });
  response.once('end', () => finish(response.complete));
  // Without an end: the provider died, or the client went away and took the response with it. SDKs do so
  // right after `[DONE]`, before the stream's last chunk: such an answer is whole.
  response.once('close', () => finish(format.isStream));
}

interface Format {
  readonly isStream: boolean;
  readonly encoding: string | undefined;
}

function formatOf(response: IncomingMessage): Format | string {
  if (response.statusCode !== 200) return `status_${String(response.statusCode)}`;
  const type = response.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  const encoding = response.headers['content-encoding'];
  if (type === 'application/json') return { isStream: false, encoding };
  return type === 'text/event-stream' ? { isStream: true, encoding } : 'content_type';
}

function readSafely(raw: Buffer, format: Format, bytesMax: number): AnswerResult {
  try {
    return readAnswer(raw, format, bytesMax);
  } catch {
    // Deeply nested JSON overflows the stack of JSON.parse's caller; whatever it was, it is not learned.
    return unusable('unreadable');
  }
}

/** Exported for tests. Errors: a SyntaxError of JSON.parse never leaves here. */
export function readAnswer(raw: Buffer, format: Format, bytesMax: number): AnswerResult {
  const decoded = decodeBody(raw, format.encoding, bytesMax);
  if (decoded.kind === 'too-large') return unusable('answer_too_large');
  if (decoded.kind !== 'decoded') return unusable('content_encoding');
  // Read with other characters in place of its own, it would not be what the provider said.
  if (!isUtf8(decoded.bytes)) return unusable('unreadable');
  const text = decoded.bytes.toString('utf8');
  const result = format.isStream ? readStream(text) : readCompletion(parse(text));
  return result.kind === 'unusable'
    ? result
    : { kind: 'answer', completion: result.completion, bytes: decoded.bytes.byteLength };
}

function readStream(text: string) {
  const accumulator = createChunkAccumulator();
  let sawDone = false;
  const parser = createParser({
    onEvent: ({ data }) => {
      // What follows is not part of the answer; the SDKs stop reading there too.
      if (sawDone) return;
      if (data === '[DONE]') sawDone = true;
      else accumulator.push(parse(data));
    },
  });
  parser.feed(text);
  return accumulator.finish(sawDone);
}

/** Undefined for what is no JSON: the accumulator then says that it is no completion. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unusable(reason: string): AnswerResult {
  return { kind: 'unusable', reason };
}
