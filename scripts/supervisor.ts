/**
 * Starts processes, starts them again whenever they die, and stops all of them in order.
 * Children lead process groups of their own: a Ctrl-C in the terminal reaches only the supervisor.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from './problem.ts';
import { forgetProcess, recordProcess, signalGroup } from './run-folder.ts';

export interface Service {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** A Node child with this channel exits by itself when the supervisor vanishes. */
  readonly hasIpc: boolean;
  /** Layers stop from the highest to the lowest, so that nobody loses a server it is using. */
  readonly layer: number;
  /** Resolves once the service really works; may reject or hang otherwise. */
  readonly ready: (child: ChildProcess, signal: AbortSignal) => Promise<void>;
}

export interface SupervisorOptions {
  /** Gets `run/` with pid files and `logs/`. */
  readonly home: string;
  readonly report: (line: string) => void;
  readonly readyTimeoutMs?: number;
  readonly stopGraceMs?: number;
}

interface Running {
  readonly service: Service;
  readonly child: ChildProcess;
  readonly startedAt: number;
  readonly exited: Promise<string>;
}

/** A death within this time of the start is a quick one. */
const QUICK_DEATH_MS = 5000;
/** The SDKs' retries last about 1.2 s, so the first restarts do not wait; a crash loop slows down. */
const RESTART_DELAYS_MS = [0, 0, 100, 300, 1000, 3000, 10_000];
/** A part that hangs: on a busy machine a good one takes half a minute. */
const READY_TIMEOUT_MS = 180_000;
/** Somebody is waiting for it, and is told. */
const SLOW_START_MS = 15_000;
/** A server may die at its start because an inner port that it had found free was taken a moment later. */
const START_ATTEMPTS = 3;
const STOP_GRACE_MS = 8000;
/** A longer log is put aside once, as `<name>.log.1`, at the next start of its service. */
const LOG_BYTES_MAX = 16_777_216;

export class Supervisor {
  readonly #options: Required<SupervisorOptions>;
  readonly #running = new Map<string, Running>();
  readonly #quickDeaths = new Map<string, number>();
  readonly #stopping = new AbortController();
  readonly #starting = new Set<Promise<void>>();

  constructor(options: SupervisorOptions) {
    this.#options = {
      readyTimeoutMs: READY_TIMEOUT_MS,
      stopGraceMs: STOP_GRACE_MS,
      ...options,
    };
    mkdirSync(this.runFolder, { recursive: true });
    mkdirSync(path.join(options.home, 'logs'), { recursive: true });
  }

  get runFolder(): string {
    return path.join(this.#options.home, 'run');
  }

  pidOf(name: string): number | undefined {
    return this.#running.get(name)?.child.pid;
  }

  /** Errors: Problem with the end of the log, when the service dies or hangs before it is ready. */
  async start(service: Service): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const running = await this.#launch(service);
      const fault = await this.#untilReady(running);
      if (fault === undefined) {
        this.#watch(running);
        return;
      }
      const hasDied = running.child.pid !== undefined && hasEnded(running.child);
      await this.#end(running);
      if (attempt < START_ATTEMPTS && hasDied && !this.#isStopping()) {
        this.#options.report(`${service.name} did not start (${fault}); starting it again`);
        continue;
      }
      throw new Problem(
        `${service.name} did not start: ${fault}. The end of ${this.#logFile(service)}:\n${this.#logTail(service)}`,
      );
    }
  }

  /** Stops everything, highest layer first; safe to call more than once. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#starting);
    const layers = new Set([...this.#running.values()].map(({ service }) => service.layer));
    for (const layer of [...layers].sort((a, b) => b - a)) {
      const members = [...this.#running.values()].filter(({ service }) => service.layer === layer);
      await Promise.all(members.map((running) => this.#end(running)));
    }
  }

  async #launch(service: Service): Promise<Running> {
    if (this.#isStopping()) throw new Problem(`${service.name} did not start: stopping`);
    const log = openLog(this.#logFile(service));
    const child = spawn(service.command, service.args, {
      cwd: service.cwd,
      env: { ...process.env, ...service.env },
      detached: true,
      stdio: ['ignore', log, log, ...(service.hasIpc ? (['ipc'] as const) : [])],
    });
    closeSync(log);
    const exited = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${String(code)}`));
    });
    const running = { service, child, startedAt: performance.now(), exited };
    this.#running.set(service.name, running);
    if (child.pid !== undefined) await recordProcess(this.runFolder, service.name, child.pid);
    return running;
  }

  /** Shape: undefined when ready, else what went wrong. */
  async #untilReady({ service, child, exited }: Running): Promise<string | undefined> {
    const isOver = new AbortController();
    const signal = AbortSignal.any([isOver.signal, this.#stopping.signal]);
    const seconds = this.#options.readyTimeoutMs / 1000;
    const telling = setInterval(() => {
      this.#options.report(
        `${service.name} is still starting; its log is ${this.#logFile(service)}`,
      );
    }, SLOW_START_MS);
    try {
      return await Promise.race([
        service.ready(child, signal).then(
          () => undefined,
          (error: unknown) => (error instanceof Error ? error.message : String(error)),
        ),
        exited.then((how) => `it ended with ${how}`),
        waitFor(this.#options.readyTimeoutMs, signal).then(() => `not ready after ${seconds} s`),
      ]);
    } finally {
      clearInterval(telling);
      isOver.abort();
    }
  }

  #watch(running: Running): void {
    void running.exited.then((how) => {
      if (this.#isStopping()) return;
      const revival = this.#revive(running, how).catch((error: unknown) =>
        this.#options.report(`${running.service.name} could not be started: ${String(error)}`),
      );
      this.#starting.add(revival);
      void revival.finally(() => this.#starting.delete(revival));
    });
  }

  async #revive({ service, child, startedAt }: Running, how: string): Promise<void> {
    const diedAt = performance.now();
    if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL'); // Its own children, if any.
    const delayMs = this.#restartDelay(service.name, diedAt - startedAt);
    const pause = delayMs > 0 ? ` in ${delayMs / 1000} s` : '';
    this.#options.report(`${service.name} stopped (${how}); starting it again${pause}`);
    await waitFor(delayMs, this.#stopping.signal);
    if (this.#isStopping()) return;
    const running = await this.#launch(service);
    this.#watch(running);
    const fault = await this.#untilReady(running);
    if (this.#isStopping()) return;
    if (fault === undefined) {
      const seconds = ((performance.now() - diedAt) / 1000).toFixed(1);
      this.#options.report(
        `${service.name} is back after ${seconds} s (pid ${String(running.child.pid)})`,
      );
    } else if (!hasEnded(running.child)) {
      running.child.kill('SIGKILL'); // It hangs: its end brings the next try.
    }
  }

  #restartDelay(name: string, lifeMs: number): number {
    const quickDeaths = lifeMs < QUICK_DEATH_MS ? (this.#quickDeaths.get(name) ?? 0) + 1 : 0;
    this.#quickDeaths.set(name, quickDeaths);
    return RESTART_DELAYS_MS[Math.min(quickDeaths, RESTART_DELAYS_MS.length - 1)] ?? 0;
  }

  async #end({ service, child, exited }: Running): Promise<void> {
    const { pid } = child;
    if (pid !== undefined) {
      child.kill('SIGTERM');
      const isOver = new AbortController();
      await Promise.race([exited, waitFor(this.#options.stopGraceMs, isOver.signal)]);
      isOver.abort();
      signalGroup(pid, 'SIGKILL'); // What did not listen, and children of what did.
      await exited;
    }
    forgetProcess(this.runFolder, service.name);
    this.#running.delete(service.name);
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  #logFile(service: Service): string {
    return path.join(this.#options.home, 'logs', `${service.name}.log`);
  }

  #logTail(service: Service): string {
    const lines = readFileSync(this.#logFile(service), 'utf8').trimEnd().split('\n');
    return lines
      .slice(-12)
      .map((line) => `  ${line.slice(0, 400)}`)
      .join('\n');
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function openLog(file: string): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_BYTES_MAX) renameSync(file, `${file}.1`);
  return openSync(file, 'a');
}

/** Resolves after the time, or as soon as the signal aborts. */
async function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  if (ms === 0) return;
  await sleep(ms, undefined, { signal }).catch(() => undefined); // Aborted: the caller looks.
}
