/** jest globalTeardown. */
import type { ServersGlobal } from './start-servers.ts';

async function stopServers(): Promise<void> {
  await (globalThis as ServersGlobal).gheeTestServers?.stop();
}

export { stopServers as default };
