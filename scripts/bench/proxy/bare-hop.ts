/** Child of the proxy bench: the least that any Node proxy costs. `node bare-hop.ts TARGET` sends its port over IPC. */
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

const target = new URL(process.argv[2] ?? '');
const agent = new Agent({ keepAlive: true });
const server = createServer((req, res) => {
  const { method, headers, url: path } = req;
  const { hostname, port } = target;
  const forwarded = request({ hostname, port, path, method, headers, agent }, (response) => {
    res.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(res);
  });
  forwarded.on('error', () => res.destroy());
  req.pipe(forwarded);
});
// A storm on a busy machine lasts longer than the five seconds after which Node closes idle connections.
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port);
});
process.on('disconnect', () => process.exit(0));
