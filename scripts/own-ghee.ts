/** A Ghee of a command's own: `npm start` in a home of its own, with everything real in it, gone when it is stopped. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient, type Db } from 'mongodb';
import { findFreePorts } from './ports.ts';
import { ROOT } from './servers/tools.ts';

/** Ghee itself gives up on a part that hangs, and ends; this is for one that does not even do that. */
const READY_MS = 300_000;
/**
 * Without an observation that comes off the list, nothing moves: a run that a dying proxy did not start begins with the
 * sweep, after 15 s of grace and up to 30 s between sweeps, and a busy machine takes its time.
 */
const STALLED_MS = 120_000;

export type ServiceName = 'proxy' | 'worker' | 'temporal' | 'mongodb';

/** Stop it at the end; its home goes with it unless it is only halted. */
export class OwnGhee {
  readonly home: string;
  readonly baseUrl: string;
  readonly adminUrl: string;
  readonly mongodbUri: string;
  readonly temporalUiUrl: string;
  readonly temporalAddress: string;
  private output = '';
  private child: ChildProcess | undefined;
  private readonly env: Record<string, string>;
  private readonly client: MongoClient;

  protected constructor(home: string, ports: readonly number[], env: Record<string, string>) {
    const [proxy = 0, temporal = 0, ui = 0, mongodb = 0, admin = 0] = ports;
    this.home = home;
    this.baseUrl = `http://127.0.0.1:${proxy}/v1`;
    this.adminUrl = `http://127.0.0.1:${admin}`;
    this.mongodbUri = `mongodb://127.0.0.1:${mongodb}/?directConnection=true`;
    this.temporalAddress = `127.0.0.1:${temporal}`;
    this.temporalUiUrl = `http://127.0.0.1:${ui}`;
    this.client = new MongoClient(this.mongodbUri, { serverSelectionTimeoutMS: 2000 });
    this.env = {
      GHEE_HOME: home,
      PROXY_PORT: String(proxy),
      ADMIN_PORT: String(admin),
      TEMPORAL_PORT: String(temporal),
      TEMPORAL_UI_PORT: String(ui),
      MONGODB_PORT: String(mongodb),
      // Whoever looks into its database has no key.
      GHEE_ENCRYPTION_KEY: '',
      ...env,
    };
  }

  /** `env`: settings, which go before those of this process. Errors: rejects with what Ghee printed when it does not get ready. */
  static async start(env: Record<string, string> = {}): Promise<OwnGhee> {
    const ghee = new OwnGhee(...(await OwnGhee.place('ghee-')), env);
    await ghee.resume();
    return ghee;
  }

  /** A new home, and ports that nobody has. */
  protected static async place(prefix: string): Promise<[home: string, ports: readonly number[]]> {
    return [mkdtempSync(path.join(tmpdir(), prefix)), await findFreePorts(5)];
  }

  /** Starts (again) on the same home and ports. `env`: settings of this time. */
  async resume(env: Record<string, string> = {}): Promise<void> {
    this.output = '';
    const child = spawn(process.execPath, [path.join(ROOT, 'scripts', 'ghee.js'), 'start'], {
      cwd: ROOT,
      env: { ...process.env, ...this.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    child.stdout.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    const until = Date.now() + READY_MS;
    while (!this.output.includes('Ghee is ready after')) {
      if (child.exitCode !== null || Date.now() > until) {
        await this.halt();
        throw new Error(`Ghee did not get ready:\n${this.output}`);
      }
      await sleep(25);
    }
  }

  /** Ctrl-C; the home stays. Gives back the exit code. */
  async halt(): Promise<number | null> {
    const child = this.child;
    if (child === undefined) return null;
    if (child.exitCode === null) {
      child.kill('SIGINT');
      await new Promise((resolve) => child.once('exit', resolve));
    }
    this.child = undefined;
    return child.exitCode;
  }

  async stop(): Promise<void> {
    await this.client.close();
    await this.halt();
    rmSync(this.home, { recursive: true, force: true });
  }

  pidOf(name: ServiceName): number {
    const record = JSON.parse(
      readFileSync(path.join(this.home, 'run', `${name}.json`), 'utf8'),
    ) as { pid: number };
    return record.pid;
  }

  /** What `npm start` has printed. */
  printed(): string {
    return this.output;
  }

  /** Look, and change nothing. */
  database(): Db {
    return this.client.db('ghee');
  }

  collection(name: string) {
    return this.database().collection<{ _id: string }>(name);
  }

  /**
   * Waits until every stored observation's run has ended, and the proxy's mirror has heard of it; as long as that takes,
   * while fewer and fewer wait. Errors: rejects when nothing moves any more.
   */
  async settle(): Promise<void> {
    let [fewest, movedAt] = [Infinity, Date.now()];
    await sleep(100); // The observation is written after the client has its answer.
    for (;;) {
      const waiting = await this.collection('observations').countDocuments({
        'induction.state': { $ne: 'done' },
      });
      if (waiting === 0) break;
      if (waiting < fewest) [fewest, movedAt] = [waiting, Date.now()];
      if (Date.now() > movedAt + STALLED_MS)
        throw new Error(`${waiting} observations still wait for their run, and nothing moves`);
      await sleep(50);
    }
    await sleep(150);
  }
}
