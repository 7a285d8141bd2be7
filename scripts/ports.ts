/** Which ports are free, asked by listening on them for a moment. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { Problem } from './problem.ts';

export interface PortUse {
  readonly port: number;
  readonly host: string;
  /** The setting that moves it. */
  readonly variable: string;
  readonly what: string;
}

/** Errors: Problem, one paragraph that names every port that cannot be used. */
export async function checkPorts(uses: readonly PortUse[]): Promise<void> {
  const faults = await Promise.all(
    uses.map(async (use) => ({ use, code: await listenFault(use.port, use.host) })),
  );
  const taken = faults.flatMap(({ use, code }) => (code === undefined ? [] : [{ use, code }]));
  if (taken.length === 0) return;
  const each = taken.map(
    ({ use, code }) => `port ${use.port} for ${use.what} ${reason(code, use)} (${use.variable})`,
  );
  const example = taken.map(({ use }) => `${use.variable}=${use.port + 1000}`).join(' ');
  throw new Problem(
    `Ghee cannot start: ${each.join('; ')}. Stop the program that holds it, or choose another port, for example \`${example} npm start\`; with a GHEE_HOME of its own a second Ghee runs beside the first.`,
  );
}

/** Below the ports that systems give to outgoing connections: one of those could take a port between the look and its use. */
const FREE_PORT_MIN = 15_000;
const FREE_PORT_MAX = 32_000;

export async function findFreePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(FREE_PORT_MIN, FREE_PORT_MAX);
    if ((await listenFault(port, '127.0.0.1')) === undefined) ports.add(port);
  }
  return [...ports];
}

function reason(code: string, use: PortUse): string {
  if (code === 'EADDRINUSE') return 'is taken by another program';
  if (code === 'EACCES') return 'needs rights that this user lacks';
  return `cannot be opened on ${use.host}: ${code}`;
}

async function listenFault(port: number, host: string): Promise<string | undefined> {
  try {
    await close(await listen(port, host));
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

type Server = ReturnType<typeof createServer>;

function listen(port: number, host: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => {
      resolve(server);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
