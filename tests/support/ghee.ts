/** The product as a user runs it: `npm start` in a home of its own, with everything real in it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { findFreePorts } from '../../scripts/ports.ts';
import { ROOT } from '../../scripts/servers/tools.ts';

export type ServiceName = 'proxy' | 'worker' | 'temporal' | 'mongodb';

const READY_MS = 60_000;
/** A run that a dying proxy did not start begins with the sweep: 15 s of grace and 30 s between sweeps. */
const SETTLED_MS = 75_000;

/** A running Ghee. Stop it in `afterAll`; its home goes with it unless it is kept for a restart. */
export class RunningGhee {
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

  private constructor(home: string, ports: readonly number[], env: Record<string, string>) {
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
      ...env,
    };
  }

  static async start(env: Record<string, string> = {}): Promise<RunningGhee> {
    const home = mkdtempSync(path.join(tmpdir(), 'ghee-e2e-'));
    const ghee = new RunningGhee(home, await findFreePorts(5), env);
    await ghee.resume();
    return ghee;
  }

  /** Starts (again) on the same home and ports. */
  async resume(): Promise<void> {
    this.output = '';
    const child = spawn(process.execPath, [path.join(ROOT, 'scripts', 'ghee.js'), 'start'], {
      cwd: ROOT,
      env: { ...process.env, ...this.env },
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

  /** What `npm start` has printed. */
  printed(): string {
    return this.output;
  }

  pidOf(name: ServiceName): number {
    const record = JSON.parse(
      readFileSync(path.join(this.home, 'run', `${name}.json`), 'utf8'),
    ) as { pid: number };
    return record.pid;
  }

  /** kill -9 of one of the four processes; the supervisor starts it again. */
  kill(name: ServiceName): void {
    process.kill(this.pidOf(name), 'SIGKILL');
  }

  log(name: ServiceName): string {
    return readFileSync(path.join(this.home, 'logs', `${name}.log`), 'utf8');
  }

  /** Ids of the observations that the proxy acknowledged, from its log. */
  acknowledged(): string[] {
    return this.log('proxy')
      .split('\n')
      .filter((line) => line.includes('"observation.acknowledged"'))
      .map((line) => (JSON.parse(line) as { observation: string }).observation);
  }

  collection(name: string) {
    return this.client.db('ghee').collection<{ _id: string }>(name);
  }

  /** Waits until every stored observation's run has ended, and the proxy's mirror has heard of it. */
  async settle(): Promise<void> {
    const until = Date.now() + SETTLED_MS;
    await sleep(100); // The observation is written after the client has its answer.
    for (;;) {
      const waiting = await this.collection('observations').countDocuments({
        'induction.state': { $ne: 'done' },
      });
      if (waiting === 0) break;
      if (Date.now() > until) throw new Error(`${waiting} observations still wait for their run`);
      await sleep(50);
    }
    await sleep(150);
  }
}
