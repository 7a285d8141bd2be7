/** A TCP link that fails in the ways networks do, between client, proxy and provider. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export const LINK_FAULTS = [
  'none',
  'delay',
  'slices',
  'slow start',
  'refuse',
  'reset at once',
  'close early',
  'reset early',
  'close late',
  'reset late',
  'stall',
  'lose the request',
] as const;
export type LinkFault = (typeof LINK_FAULTS)[number];

export interface FaultyLink {
  readonly port: number;
  /** Of connections from now on; those that are open are broken. */
  readonly fault: (kind: LinkFault) => void;
  readonly close: () => void;
}

/** So many bytes of answers come through before the connection breaks; several pass on one connection. */
const BREAKS: Readonly<Partial<Record<LinkFault, { bytes: number; reset: boolean }>>> = {
  'close early': { bytes: 120, reset: false },
  'reset early': { bytes: 120, reset: true },
  'close late': { bytes: 4_000, reset: false },
  'reset late': { bytes: 4_000, reset: true },
  stall: { bytes: 1_500, reset: false },
};
const SLICE_BYTES = 97;
const STALL_MS = 100;

export async function openLink(targetPort: number): Promise<FaultyLink> {
  const sockets = new Set<Socket>();
  let current: LinkFault = 'none';
  const server = createServer({ allowHalfOpen: false }, (client) => {
    const kind = current;
    const target = connect(targetPort, '127.0.0.1');
    const both = [client, target];
    const end = (reset = false): void => {
      for (const socket of both) {
        if (reset) socket.resetAndDestroy();
        else socket.destroy();
      }
    };
    for (const socket of both) {
      sockets.add(socket.setNoDelay(true));
      socket.once('close', () => {
        sockets.delete(socket);
        end();
      });
      socket.on('error', () => end());
    }
    if (kind === 'refuse' || kind === 'reset at once') {
      end(kind === 'reset at once');
      return;
    }
    client.on('data', (chunk: Buffer) => {
      if (kind === 'lose the request') end();
      else target.write(chunk);
    });
    void answer(kind, target, client, end);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    fault: (kind) => {
      current = kind;
      breakAll();
    },
    close: () => {
      server.close();
      breakAll();
    },
  };
}

async function answer(
  kind: LinkFault,
  target: Socket,
  client: Socket,
  end: (reset?: boolean) => void,
): Promise<void> {
  const breaks = BREAKS[kind];
  let bytes = 0;
  try {
    for await (const chunk of target as AsyncIterable<Buffer>) {
      if (kind === 'delay' || (kind === 'slow start' && bytes === 0)) await wait(20);
      const room = breaks === undefined ? Infinity : breaks.bytes - bytes;
      const piece = chunk.subarray(0, Math.min(room, chunk.byteLength));
      const size = kind === 'slices' ? SLICE_BYTES : Math.max(1, piece.byteLength);
      for (let start = 0; start < piece.byteLength; start += size) {
        client.write(piece.subarray(start, start + size));
      }
      bytes += piece.byteLength;
      if (breaks === undefined || piece.byteLength === chunk.byteLength) continue;
      if (kind === 'stall') await wait(STALL_MS);
      // What was written leaves first; a reset may still take it back.
      client.write('', () => end(breaks.reset));
      return;
    }
    client.end();
  } catch {
    end();
  }
}
