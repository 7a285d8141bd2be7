/** One more proxy on the database of a running Ghee, as a load balancer would have them. */
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePorts } from '../../scripts/ports.ts';
import { ROOT } from '../../scripts/servers/tools.ts';
import type { RunningGhee } from './ghee.ts';

const READY_MS = 90_000;

export class SecondProxy {
  readonly baseUrl: string;
  readonly adminUrl: string;
  private readonly child: ChildProcess;
  private output = '';

  private constructor(ghee: RunningGhee, ports: readonly number[], env: Record<string, string>) {
    const [proxy = 0, admin = 0] = ports;
    this.baseUrl = `http://127.0.0.1:${proxy}/v1`;
    this.adminUrl = `http://127.0.0.1:${admin}`;
    this.child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', path.join(ROOT, 'proxy', 'server.ts')],
      {
        env: {
          ...process.env,
          GHEE_HOME: ghee.home,
          MONGODB_URI: ghee.mongodbUri,
          TEMPORAL_ADDRESS: ghee.temporalAddress,
          PROXY_PORT: String(proxy),
          ADMIN_PORT: String(admin),
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const keep = (chunk: Buffer): void => void (this.output += chunk.toString());
    this.child.stdout?.on('data', keep);
    this.child.stderr?.on('data', keep);
  }

  static async start(ghee: RunningGhee, env: Record<string, string> = {}): Promise<SecondProxy> {
    const proxy = new SecondProxy(ghee, await findFreePorts(2), env);
    const until = Date.now() + READY_MS;
    while (!(await proxy.isLive())) {
      if (Date.now() > until || proxy.child.exitCode !== null) {
        await proxy.stop();
        throw new Error(`the second proxy did not get ready:\n${proxy.output}`);
      }
      await sleep(50);
    }
    return proxy;
  }

  /** Its log so far. */
  log(): string {
    return this.output;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const exited = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await exited;
  }

  private async isLive(): Promise<boolean> {
    try {
      const response = await fetch(this.baseUrl.replace(/\/v1$/, '/readyz'));
      return (await response.text()).includes('"live"');
    } catch {
      return false; // Not listening yet.
    }
  }
}
