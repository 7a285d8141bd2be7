/**
 * One child process as its parent sees it: given one job at a time, and killed at the first sign of
 * anything but an answer in time. A child that had to be stopped is never used again.
 */
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { parseReply, rejected, type Job, type JobOutcome, type RejectCode } from './job.ts';
import { SANDBOX_LIMITS } from './limits.ts';

export interface ChildEvents {
  /** The child can take a job. Called after its start and after each job that it answered. */
  readonly onReady: () => void;
  /** The process is gone; `wasKilled` if by us. Called once. */
  readonly onExit: (wasKilled: boolean) => void;
}

/** Bytes that a process holds in memory, or undefined where that cannot be told. */
export type ReadResidentBytes = (pid: number) => number | undefined;

/** From Linux's /proc; undefined elsewhere, where the child's own poll has to do. Cost: 20 us. */
export const readResidentBytes: ReadResidentBytes = (pid) => {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
    return kilobytes === null ? undefined : Number(kilobytes[1]) * 1024;
  } catch {
    return undefined; // No /proc, or the process has just ended: its exit is reported by itself.
  }
};

/** `ending` is killed but not yet gone: what it still says is not heard. */
type State = 'starting' | 'ready' | 'running' | 'tidying' | 'ending' | 'ended';

export class Child {
  readonly #process: ChildProcess;
  readonly #events: ChildEvents;
  readonly #readResidentBytes: ReadResidentBytes;
  #state: State = 'starting';
  #wasKilled = false;
  #unread = '';
  #settle: ((outcome: JobOutcome) => void) | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #poll: NodeJS.Timeout | undefined;

  constructor(process: ChildProcess, events: ChildEvents, read: ReadResidentBytes) {
    this.#process = process;
    this.#events = events;
    this.#readResidentBytes = read;
    this.#listen();
    this.#waitUntilReady();
  }

  get isReady(): boolean {
    return this.#state === 'ready';
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Shape: the outcome comes within `budgetMs` and a turn of the event loop. Only for a ready child. */
  run(job: Job): Promise<JobOutcome> {
    return new Promise((resolve) => {
      this.#state = 'running';
      this.#settle = resolve;
      this.#poll = setInterval(() => this.#checkMemory(), SANDBOX_LIMITS.pollMs).unref();
      // An answer that lies in the pipe while this process was busy counts: the next poll of I/O reads it.
      this.#deadline = setTimeout(() => setImmediate(() => this.#expire()), job.budgetMs);
      this.#process.stdin?.write(`${JSON.stringify({ source: job.source, inputs: job.inputs })}\n`);
    });
  }

  kill(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ending';
    this.#wasKilled = true;
    this.#finish(rejected('unavailable'));
    // Whoever waits for the end of a child waits for an event of this handle.
    this.#process.ref();
    this.#process.kill('SIGKILL');
  }

  #listen(): void {
    const { stdin, stdout } = this.#process;
    // An idle child must not keep this process alive; it ends by itself when its stdin does.
    this.#process.unref();
    for (const stream of [stdin, stdout]) {
      if (stream instanceof Socket) stream.unref();
      stream?.on('error', () => this.#stop('crashed'));
    }
    stdout?.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    this.#process.on('error', () => this.#end());
    this.#process.on('exit', () => this.#end());
  }

  #read(text: string): void {
    if (this.#state === 'ending' || this.#state === 'ended') return;
    this.#unread += text;
    if (this.#unread.length > SANDBOX_LIMITS.unreadCharactersMax) {
      this.#stop('too-long');
      return;
    }
    const lines = this.#unread.split('\n');
    this.#unread = lines.pop() ?? '';
    for (const line of lines) this.#take(line);
  }

  #take(line: string): void {
    const reply = parseReply(line);
    if (reply?.kind === 'ready' && (this.#state === 'starting' || this.#state === 'tidying')) {
      this.#becomeReady();
    } else if (reply !== undefined && reply.kind !== 'ready' && this.#state === 'running') {
      this.#takeOutcome(reply);
    } else {
      this.#stop('crashed');
    }
  }

  #takeOutcome(outcome: JobOutcome): void {
    if (outcome.kind === 'rejected' && outcome.code === 'memory') {
      this.#stop('memory');
      return;
    }
    this.#finish(outcome);
    this.#waitUntilReady();
  }

  #becomeReady(): void {
    this.#clearTimers();
    // Never at its start, or children that are born large would follow one another without end.
    const isUsed = this.#state === 'tidying';
    if (isUsed && this.#residentBytes() > SANDBOX_LIMITS.idleResidentBytesMax) {
      this.kill();
      return;
    }
    this.#state = 'ready';
    this.#events.onReady();
  }

  /** Between jobs the isolate is replaced, which no guest can delay for long. */
  #waitUntilReady(): void {
    if (this.#state !== 'starting') this.#state = 'tidying';
    this.#deadline = setTimeout(() => this.kill(), SANDBOX_LIMITS.bootMsMax).unref();
  }

  #expire(): void {
    if (this.#state === 'running') this.#stop('timeout');
  }

  #checkMemory(): void {
    if (this.#residentBytes() > SANDBOX_LIMITS.residentBytesMax) this.#stop('memory');
  }

  #residentBytes(): number {
    return this.#readResidentBytes(this.#process.pid ?? 0) ?? 0;
  }

  #stop(code: RejectCode): void {
    this.#finish(rejected(code));
    this.kill();
  }

  #finish(outcome: JobOutcome): void {
    this.#clearTimers();
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(outcome);
  }

  #end(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#finish(rejected('crashed'));
    this.#events.onExit(this.#wasKilled);
  }

  #clearTimers(): void {
    clearTimeout(this.#deadline);
    clearInterval(this.#poll);
  }
}
