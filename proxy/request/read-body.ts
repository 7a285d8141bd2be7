/** Reads a request's body as it came, within a limit of our own: no body parser touches it. */
import type { IncomingMessage } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';

export type BodyResult =
  | { readonly kind: 'body'; readonly bytes: Buffer }
  /** `body`: all of it, what was read included; nothing more is read than its reader takes. */
  | { readonly kind: 'too-large'; readonly body: Readable }
  /** The client went away. */
  | { readonly kind: 'aborted' };

/** Errors: none. */
export function readBody(req: IncomingMessage, bytesMax: number): Promise<BodyResult> {
  const announced = Number(req.headers['content-length'] ?? 0);
  if (announced > bytesMax) return Promise.resolve({ kind: 'too-large', body: req });
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let bytes = 0;
    const take = (chunk: Buffer): void => {
      bytes += chunk.byteLength;
      chunks.push(chunk);
      if (bytes <= bytesMax) return;
      req.off('data', take);
      resolve({ kind: 'too-large', body: begunWith(chunks, req) });
      chunks = [];
    };
    req.on('data', take);
    // Only the first of these counts; `once` would cost each of them an object more.
    req.on('end', () => {
      const [only] = chunks;
      const isWhole = chunks.length === 1 && only !== undefined;
      resolve({ kind: 'body', bytes: isWhole ? only : Buffer.concat(chunks) });
      if (!isWhole) chunks.forEach(freeBody);
    });
    const abort = (): void => {
      if (!req.readableEnded) resolve({ kind: 'aborted' });
    };
    req.on('error', abort);
    req.on('close', abort);
  });
}

/**
 * Gives back the memory of a body at once, and leaves it empty. It lies outside of V8's heap, where bodies that wait
 * for a collection make it collect everything, and every call write to memory that is in no cache: with 30 KB that
 * costs as much as all else that a hit does (`npm run bench -- proxy`).
 */
export function freeBody({ buffer, byteLength }: Buffer): void {
  // Small ones may share theirs with others.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

/** A client that goes away leaves it without an end, and ends the call that it is piped to. */
function begunWith(chunks: readonly Buffer[], req: IncomingMessage): Readable {
  const body = new PassThrough();
  for (const chunk of chunks) body.write(chunk);
  return req.pipe(body);
}
