/** One more proxy on the database of a running Ghee, as a load balancer would have them. */
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePorts } from '../../scripts/ports.ts';
import { ROOT } from '../../scripts/servers/tools.ts';
import type { RunningGhee } from './ghee.ts';
import { isLive } from './is-live.ts';

/** For one that hangs: one that dies is noticed at once. */
const READY_MS = 180_000;

export class SecondProxy {
  readonly baseUrl: string;
  readonly adminUrl: string;
  private readonly env: Record<string, string>;
  private child: ChildProcess | undefined;
  private output = '';

  private constructor(ghee: RunningGhee, ports: readonly number[], env: Record<string, string>) {
    const [proxy = 0, admin = 0] = ports;
    this.baseUrl = `http://127.0.0.1:${proxy}/v1`;
    this.adminUrl = `http://127.0.0.1:${admin}`;
    this.env = {
      GHEE_HOME: ghee.home,
      MONGODB_URI: ghee.mongodbUri,
      TEMPORAL_ADDRESS: ghee.temporalAddress,
      PROXY_PORT: String(proxy),
      ADMIN_PORT: String(admin),
      ...env,
    };
  }

  static async start(ghee: RunningGhee, env: Record<string, string> = {}): Promise<SecondProxy> {
    const proxy = new SecondProxy(ghee, await findFreePorts(2), env);
    await proxy.resume();
    return proxy;
  }

  /** Starts (again) on the same ports; resolves when it serves from memory. */
  async resume(): Promise<void> {
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', path.join(ROOT, 'proxy', 'server.ts')],
      { env: { ...process.env, ...this.env }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.child = child;
    const keep = (chunk: Buffer): void => void (this.output += chunk.toString());
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const until = Date.now() + READY_MS;
    while (!(await isLive(this.baseUrl))) {
      if (Date.now() > until || child.exitCode !== null) {
        await this.stop();
        throw new Error(`the second proxy did not get ready:\n${this.output}`);
      }
      await sleep(50);
    }
  }

  /** Its log so far. */
  log(): string {
    return this.output;
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  /** kill -9; resolves when it is gone. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exited;
  }
}
