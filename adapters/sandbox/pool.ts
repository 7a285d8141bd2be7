/**
 * Keeps children at hand and deals jobs out to them. One child more than may work at once stands by, so a
 * kill costs the next job nothing. Children start at the first job: most installations never need one.
 */
import type { ChildProcess } from 'node:child_process';
import { Child, type ReadResidentBytes } from './child.ts';
import { rejected, type Job, type JobOutcome } from './job.ts';
import { SANDBOX_LIMITS } from './limits.ts';

export interface PoolOptions {
  /** Jobs that run at once. */
  readonly size: number;
  readonly startChild: () => ChildProcess;
  readonly readResidentBytes: ReadResidentBytes;
}

interface Waiting {
  readonly job: Job;
  readonly settle: (outcome: JobOutcome) => void;
  readonly timer: NodeJS.Timeout;
}

export class Pool {
  readonly #options: PoolOptions;
  readonly #children = new Set<Child>();
  readonly #queue: Waiting[] = [];
  #running = 0;
  #isClosed = false;
  #failures = 0;
  #restart: NodeJS.Timeout | undefined;
  #whenEmpty: (() => void) | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Ids of the processes that are alive. */
  get pids(): readonly number[] {
    return [...this.#children].flatMap((child) => child.pid ?? []);
  }

  /** Starts the children now, so that the first job need not wait for them. */
  prepare(): void {
    if (this.#isClosed || this.#restart !== undefined) return;
    while (this.#children.size < this.#options.size + 1 && this.#start());
  }

  /**
   * Shape: waits for a child for at most `budgetMs`, then runs for at most `budgetMs`. Never throws.
   */
  run(job: Job): Promise<JobOutcome> {
    if (this.#isClosed || this.#queue.length >= SANDBOX_LIMITS.queueMax) {
      return Promise.resolve(rejected('unavailable'));
    }
    return new Promise((settle) => {
      const timer = setTimeout(() => this.#giveUp(waiting), job.budgetMs);
      const waiting: Waiting = { job, settle, timer };
      this.#queue.push(waiting);
      this.prepare();
      this.#deal();
    });
  }

  /** Ends every child; what waits or runs is answered. Shape: resolves when no process is left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#restart);
    for (const waiting of this.#queue.splice(0)) this.#answer(waiting, rejected('unavailable'));
    for (const child of this.#children) child.kill();
    if (this.#children.size === 0) return;
    await new Promise<void>((resolve) => (this.#whenEmpty = resolve));
  }

  /** False if no process could be made; a later attempt is then planned. */
  #start(): boolean {
    try {
      const child: Child = new Child(
        this.#options.startChild(),
        { onReady: () => this.#deal(), onExit: (wasKilled) => this.#replace(child, wasKilled) },
        this.#options.readResidentBytes,
      );
      this.#children.add(child);
      return true;
    } catch {
      this.#startLater();
      return false;
    }
  }

  #replace(child: Child, wasKilled: boolean): void {
    this.#children.delete(child);
    if (this.#isClosed) {
      if (this.#children.size === 0) this.#whenEmpty?.();
    } else if (wasKilled) {
      this.prepare();
    } else {
      this.#startLater();
    }
  }

  /** Children that end by themselves are started again ever more slowly, until one has done a job. */
  #startLater(): void {
    const delay = SANDBOX_LIMITS.backoffMsMin * 2 ** Math.min(this.#failures, 16);
    this.#failures += 1;
    clearTimeout(this.#restart);
    this.#restart = setTimeout(
      () => {
        this.#restart = undefined;
        this.prepare();
      },
      Math.min(delay, SANDBOX_LIMITS.backoffMsMax),
    ).unref();
  }

  #deal(): void {
    while (this.#running < this.#options.size && this.#queue.length > 0) {
      const child = [...this.#children].find((candidate) => candidate.isReady);
      const waiting = child === undefined ? undefined : this.#queue.shift();
      if (child === undefined || waiting === undefined) return;
      clearTimeout(waiting.timer);
      this.#running += 1;
      void child.run(waiting.job).then((outcome) => {
        this.#running -= 1;
        if (outcome.kind === 'values') this.#failures = 0;
        waiting.settle(outcome);
        this.#deal();
      });
    }
  }

  #giveUp(waiting: Waiting): void {
    const index = this.#queue.indexOf(waiting);
    if (index >= 0) this.#queue.splice(index, 1);
    this.#answer(waiting, rejected('unavailable'));
  }

  #answer(waiting: Waiting, outcome: JobOutcome): void {
    clearTimeout(waiting.timer);
    waiting.settle(outcome);
  }
}
