/** Reads a request's body as it came, within a limit of our own: no body parser touches it. */
import type { IncomingMessage } from 'node:http';

export type BodyResult =
  | { readonly kind: 'body'; readonly bytes: Buffer }
  | { readonly kind: 'too-large' }
  /** The client went away. */
  | { readonly kind: 'aborted' };

/** How long a client may go on sending what was refused, before its connection is cut. */
const DISCARD_MS = 5000;

/** Errors: none. A body over the limit is discarded while the refusal is already on its way. */
export function readBody(req: IncomingMessage, bytesMax: number): Promise<BodyResult> {
  const announced = Number(req.headers['content-length'] ?? 0);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const refuse = (): void => {
      req.removeAllListeners('data');
      discard(req);
      resolve({ kind: 'too-large' });
    };
    if (announced > bytesMax) {
      refuse();
      return;
    }
    req.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > bytesMax) refuse();
      else chunks.push(chunk);
    });
    req.once('end', () => {
      const [only] = chunks;
      const isWhole = chunks.length === 1 && only !== undefined;
      resolve({ kind: 'body', bytes: isWhole ? only : Buffer.concat(chunks) });
      if (!isWhole) chunks.forEach(freeBody);
    });
    req.once('error', () => resolve({ kind: 'aborted' }));
    req.once('close', () => resolve({ kind: 'aborted' }));
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

/** Closing at once would reset the connection, and the client would never read why. */
function discard(req: IncomingMessage): void {
  req.resume();
  const timer = setTimeout(() => req.socket.destroy(), DISCARD_MS);
  timer.unref();
  const stop = (): void => clearTimeout(timer);
  req.once('end', stop);
  req.once('close', stop);
}
