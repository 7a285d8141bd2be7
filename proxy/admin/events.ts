/** `GET /admin/events`: server-sent events, one whenever something changed, so that pages need not ask all the time. */
import type { Response } from 'express';
import type { Change } from './contract/health.ts';
import type { AdminDeps } from './deps.ts';
import { AdminProblem, tooManyWatchers } from './problems.ts';

const LOOK_EVERY_MS = 1000;
/** Proxies between us close what is silent for long. */
const SILENCE_MAX_MS = 15_000;
const WATCHERS_MAX = 50;

/** Numbers only: nobody's content goes out this way. */
export class Watchers {
  private count = 0;

  /** Errors: AdminProblem 503 when too many watch already. */
  watch(deps: AdminDeps, res: Response): void {
    if (this.count >= WATCHERS_MAX) throw new AdminProblem(tooManyWatchers());
    this.count++;
    res.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    let last = '';
    let sentAt = 0;
    const look = (): void => {
      const now = deps.now();
      const change = JSON.stringify(changeOf(deps));
      if (change !== last) res.write(`event: change\ndata: ${change}\n\n`);
      else if (now - sentAt > SILENCE_MAX_MS) res.write(': still here\n\n');
      else return;
      last = change;
      sentAt = now;
    };
    look();
    const timer = setInterval(look, LOOK_EVERY_MS).unref();
    res.once('close', () => {
      clearInterval(timer);
      this.count--;
    });
  }
}

function changeOf({ mirror, processes }: AdminDeps): Change {
  const { nodes, answers } = mirror.counts();
  const calls = processes().reduce((total, state) => total + state.calls, 0);
  return { calls, nodes, answers, mirror: mirror.status().kind };
}
