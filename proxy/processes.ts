/**
 * Several proxies on one port (`PROXY_PROCESSES`). The first process hands out connections (node:cluster), starts the
 * others again when they die, and asks them what only they know. Each of them has a mirror and a spool of its own.
 */
import { createBirpc } from 'birpc';
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MirrorStatus, TreeMirror } from '../adapters/mongo/mirror.ts';
import type { QueueCounts } from '../adapters/mongo/write-queue.ts';
import type { Spool } from '../adapters/spool/spool.ts';
import type { Bookkeeping } from './record/bookkeeping.ts';

export interface ProcessState {
  readonly pid: number;
  /** Calls that were over since it began. */
  readonly calls: number;
  readonly mirror: MirrorStatus & ReturnType<TreeMirror['counts']>;
  readonly log: QueueCounts;
  readonly spool: SpoolState;
}

/** What waits on disk, in bytes, and what of it can be opened only with another key. */
export interface SpoolState {
  readonly bytes: number;
  readonly locked: { readonly files: number; readonly observations: number };
}

/** What a process answers. Errors: none that matter: one that is dying says nothing. */
interface Member {
  readonly flush: () => Promise<void>;
  /** As prom-client's `getMetricsAsJSON`. */
  readonly metrics: () => Promise<object>;
}

/** What it says unasked. */
interface Head {
  readonly tell: (state: ProcessState) => void;
}

interface Child {
  readonly worker: Worker;
  readonly ask: Member;
  readonly startedAt: number;
  /** Undefined until it serves. */
  state: ProcessState | undefined;
}

const TELL_EVERY_MS = 500;
/** Whoever waits for an answer does not wait for a process that hangs. */
const ANSWER_MS = 1000;
/** One that dies so soon would die again: others may need the machine meanwhile. */
const QUICK_DEATH_MS = 5000;
const PAUSE_MS = 1000;

export class ProcessFamily {
  private readonly options: FamilyOptions;
  private readonly children = new Set<Child>();
  private isStopping = false;

  constructor(options: FamilyOptions) {
    this.options = options;
  }

  start(): void {
    for (let index = 0; index < this.options.count; index++) this.fork();
  }

  /** Of those that serve. */
  states(): readonly ProcessState[] {
    return [...this.children].flatMap(({ state }) => state ?? []);
  }

  /** Errors: none. */
  async flush(): Promise<void> {
    await Promise.allSettled([...this.children].map(({ ask }) => ask.flush()));
  }

  /** Of those that answer. */
  async metrics(): Promise<readonly object[]> {
    const answers = await Promise.allSettled([...this.children].map(({ ask }) => ask.metrics()));
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  }

  /** Each finishes the answers under way. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all(
      [...this.children].map(async ({ worker }) => {
        const ended = once(worker, 'exit');
        worker.process.kill('SIGTERM');
        await ended;
      }),
    );
  }

  private fork(): void {
    const worker = cluster.fork();
    const head: Head = { tell: (state) => void (child.state = state) };
    const ask = createBirpc<Member, Head>(head, {
      post: (message: object) => worker.isConnected() && worker.send(message),
      on: (listener) => worker.on('message', listener),
      timeout: ANSWER_MS,
    });
    const child: Child = { worker, ask, startedAt: performance.now(), state: undefined };
    this.children.add(child);
    worker.once('exit', (code, signal) => {
      this.children.delete(child);
      if (this.isStopping) return;
      this.options.onEnded(worker.process.pid ?? 0, signal || `exit code ${code}`);
      void this.replace(child);
    });
  }

  private async replace({ startedAt }: Child): Promise<void> {
    if (performance.now() - startedAt < QUICK_DEATH_MS) await sleep(PAUSE_MS);
    if (!this.isStopping) this.fork();
  }
}

export interface FamilyOptions {
  readonly count: number;
  /** A process died, and is being replaced. */
  readonly onEnded: (pid: number, how: string) => void;
}

/** In a process that the family started: it answers, and tells how it is from now on. */
export function joinFamily({ state, ...member }: Member & { readonly state: () => ProcessState }) {
  const head = createBirpc<Head, Member>(member, {
    post: (message) => process.connected && process.send?.(message),
    on: (listener) => process.on('message', listener),
    eventNames: ['tell'],
  });
  const tell = (): void => void head.tell(state());
  tell();
  setInterval(tell, TELL_EVERY_MS).unref();
}

export function stateOf(
  books: Pick<Bookkeeping, 'callCount' | 'rows'>,
  mirror: Pick<TreeMirror, 'status' | 'counts'>,
  spool: Pick<Spool, 'bytes' | 'locked'>,
): ProcessState {
  const locked = spool.locked();
  return {
    pid: process.pid,
    calls: books.callCount(),
    mirror: { ...mirror.status(), ...mirror.counts() },
    log: books.rows.counts(),
    spool: {
      bytes: spool.bytes(),
      locked: {
        files: locked.length,
        observations: locked.reduce((sum, { entries }) => sum + entries, 0),
      },
    },
  };
}
