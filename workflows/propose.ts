/**
 * From identify to validate: by the symbolic steps, by models, or by the one where the other gives up. A model that
 * abstains, for whatever reason, leaves its step to the symbolic one.
 */
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { isCancellation } from '@temporalio/workflow';
import type { AgentReport } from '../activities/ask-agent.ts';
import type { StepReport } from '../activities/run.ts';
import type { ValidateReport } from '../activities/validate.ts';
import type { Progress } from './progress.ts';
import {
  arrange,
  arrangeByModel,
  derive,
  deriveByModel,
  identify,
  identifyByModel,
  name,
  nameByModel,
  validate,
} from './steps.ts';

type Step = (observation: string) => Promise<StepReport>;
type ModelStep = (observation: string) => Promise<AgentReport>;

/** The symbolic steps. */
export async function propose(observation: string, progress: Progress): Promise<ValidateReport> {
  const steps: readonly (readonly [string, Step])[] = [
    ['identify', identify],
    ['name', name],
    ['arrange', arrange],
    ['derive', derive],
  ];
  for (const [label, step] of steps) progress.add(label, (await step(observation)).note);
  return check(observation, progress);
}

/** Models take the steps. */
export async function proposeByModel(
  observation: string,
  progress: Progress,
): Promise<ValidateReport> {
  await takeStep(observation, progress, ['identify', identifyByModel, identify]);
  return finishByModel(observation, progress);
}

/** What the symbolic steps left open: only the derivation where all else is clear, otherwise everything. */
export async function improveByModel(
  observation: string,
  progress: Progress,
  symbolic: ValidateReport,
): Promise<ValidateReport> {
  const isClear = symbolic.outcome === undefined && symbolic.unexplained === 'leaves';
  const [label, first]: readonly [string, ModelStep] = isClear
    ? ['derive', (id) => deriveByModel(id, 'rest')]
    : ['identify', identifyByModel];
  const report = await ask(first, observation);
  progress.add(label, report.note);
  if (report.abstained !== undefined) return symbolic;
  const improved = isClear
    ? await check(observation, progress)
    : await finishByModel(observation, progress);
  // What was accepted before is still there to be committed, and what was rejected is so for the same reason.
  return improved.outcome === undefined ? improved : symbolic;
}

async function finishByModel(observation: string, progress: Progress): Promise<ValidateReport> {
  await takeStep(observation, progress, ['name', nameByModel, name]);
  await takeStep(observation, progress, ['arrange', arrangeByModel, arrange]);
  await takeStep(observation, progress, ['derive', (id) => deriveByModel(id, 'all'), derive]);
  return check(observation, progress);
}

async function takeStep(
  observation: string,
  progress: Progress,
  [label, byModel, symbolic]: readonly [string, ModelStep, Step],
): Promise<void> {
  const report = await ask(byModel, observation);
  progress.add(label, report.note);
  if (report.abstained !== undefined) progress.add(label, (await symbolic(observation)).note);
}

async function check(observation: string, progress: Progress): Promise<ValidateReport> {
  const report = await validate(observation);
  progress.add('validate', report.note);
  return report;
}

/** A model that does not answer, however often it is asked, abstains; faults of ours stay faults. */
async function ask(step: ModelStep, observation: string): Promise<AgentReport> {
  try {
    return await step(observation);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    const { cause } = error;
    const isOurs = cause instanceof ApplicationFailure && cause.type !== 'model_unavailable';
    if (isOurs) throw error;
    return { note: 'the model did not answer', abstained: 'model_unavailable' };
  }
}
