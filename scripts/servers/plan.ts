/** What is known of a server before it runs: where it will answer, and how to start it. */
import type { Service } from '../supervisor.ts';
import type { ToolContext } from './tools.ts';

export interface PlanContext extends ToolContext {
  readonly home: string;
}

export interface ServerPlan {
  readonly address: string;
  /** In words, for the person who starts Ghee. */
  readonly source: string;
  /** Undefined: somebody else runs this server; it is neither started nor stopped. */
  readonly service: Service | undefined;
}
