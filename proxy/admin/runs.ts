/** `GET /admin/requests/:id/run`: what became of learning from a call, step by step while it runs. */
import { workflowIdOf } from '../../adapters/temporal/induction-starter.ts';
import { exactAnswerId } from '../../core/observation.ts';
import type { Run } from './contract/requests.ts';
import type { AdminDeps, AdminUser } from './deps.ts';
import { findRequest } from './find-request.ts';

const NOTHING: Run = { state: 'none', workflowId: null, outcome: null, steps: [] };

export async function readRun(deps: AdminDeps, user: AdminUser, requestId: string): Promise<Run> {
  const { scope, thread } = await findRequest(deps, requestId, user);
  if (scope === undefined || thread === undefined) return NOTHING;
  const answer = await deps.observations.readExactAnswer(exactAnswerId(deps.hash, scope, thread));
  const state = answer && (await deps.observations.readInduction(answer.observation));
  if (answer === undefined || state === undefined) return NOTHING;
  const { project, observation } = answer;
  const workflowId = workflowIdOf({ project, observation });
  const steps = (await deps.runSteps(workflowId)) ?? [];
  return { state: state.state, workflowId, outcome: state.outcome ?? null, steps: [...steps] };
}
