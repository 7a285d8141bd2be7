/** Stands between a client and a server, passes everything on as it is, and remembers it. */
import { createServer, request, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Exchange {
  readonly url: string;
  readonly sent: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Tap {
  readonly url: string;
  /** Exchanges since the last call, in the order in which they ended. */
  readonly take: () => Exchange[];
  /** From now on calls go there: an origin such as http://127.0.0.1:8787. */
  readonly aim: (origin: string) => void;
  readonly close: () => void;
}

export async function openTap(): Promise<Tap> {
  let target = '';
  let exchanges: Exchange[] = [];
  const server = createServer((req, res) => {
    const sent: Buffer[] = [];
    const { method, headers, url = '' } = req;
    const forwarded = request(`${target}${url}`, { method, headers }, (response) => {
      const got: Buffer[] = [];
      response.on('data', (chunk: Buffer) => got.push(chunk));
      response.on('end', () => {
        exchanges.push({
          url,
          sent: Buffer.concat(sent).toString(),
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(got).toString('latin1'),
        });
      });
      res.writeHead(response.statusCode ?? 0, response.rawHeaders);
      response.pipe(res);
    });
    forwarded.on('error', () => res.destroy());
    req.on('data', (chunk: Buffer) => sent.push(chunk));
    req.pipe(forwarded);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take: () => exchanges.splice(0),
    aim: (origin) => {
      target = origin;
      exchanges = [];
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
