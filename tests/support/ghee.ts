/** The product as a user runs it, and what only tests do with it: kill its parts and read its logs. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { until } from './until.ts';
import { OwnGhee, type ServiceName } from '../../scripts/own-ghee.ts';
import { isLive } from './is-live.ts';

/** A running Ghee. Stop it in `afterAll`; its home goes with it unless it is kept for a restart. */
export class RunningGhee extends OwnGhee {
  static override async start(env: Record<string, string> = {}): Promise<RunningGhee> {
    const ghee = new RunningGhee(...(await RunningGhee.place('ghee-e2e-')), env);
    await ghee.resume();
    // The proxy serves clients before it knows all of the database, if that takes longer.
    await until('the mirror is live', () => isLive(ghee.baseUrl));
    return ghee;
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
}
