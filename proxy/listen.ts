/** The proxy's server: how it is opened, and how it ends. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Config } from '../adapters/config.ts';
import { PROXY_LIMITS, type ProxyDeps } from './deps.ts';
import { handleUpgrade, isWebSocket } from './miss/upgrade.ts';

/** Longer than the idle time of load balancers and SDKs, so that they close first. */
const KEEP_ALIVE_MS = 120_000;
/** Node's five minutes would cut a large file that comes over a slow line. */
const REQUEST_MS = 3_600_000;
/** A process that is told to end waits so long for answers under way. */
const FINISH_MS = 4000;

/** Errors: those of the network, such as a port that is taken. */
export async function listen(
  deps: ProxyDeps,
  listener: RequestListener,
  { proxyPort, bindAddress }: Pick<Config, 'proxyPort' | 'bindAddress'>,
): Promise<Server> {
  const maxHeaderSize = PROXY_LIMITS.headerBytesMax;
  const server = createServer({ maxHeaderSize, shouldUpgradeCallback: isWebSocket }, listener);
  server.on('upgrade', (req, socket, head) => handleUpgrade(deps, req, socket, head));
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.requestTimeout = REQUEST_MS;
  server.listen(proxyPort, bindAddress);
  await once(server, 'listening');
  return server;
}

/** Answers under way are finished; idle connections end at once. */
export async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, FINISH_MS).unref())]);
  server.closeAllConnections();
}
