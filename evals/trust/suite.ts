/**
 * `npm run eval -- trust`: is the estimated risk of templates what it turns out to be? Priors are fitted on one
 * half of the workloads' behaviours, and held against how the templates of the other half fare.
 */
import type { Command } from 'commander';
import { z } from 'zod';
import { RISK_CLASSES, riskAfter, SHIPPED_PRIOR, type RiskClass } from '../../core/trust/risk.ts';
import type { Suite, SuiteReport } from '../suite.ts';
import { BEHAVIOURS, generate } from '../workloads/generate.ts';
import { fit, type Fit } from './fit.ts';
import { historiesOf, type History } from './histories.ts';

const optionsSchema = z.object({
  seeds: z.coerce.number().int().positive(),
  calls: z.coerce.number().int().positive(),
});

/** Later predictions are too few to tell shares apart. */
const STAGES = 6;

export const trustSuite: Suite = {
  name: 'trust',
  description: 'estimated against realised risk of templates that are never served',
  configure: (command: Command) =>
    void command
      .option('--seeds <n>', 'of the workloads', '2')
      .option('--calls <n>', 'of each behaviour', '40'),
  run: (given) => {
    const parsed = optionsSchema.safeParse(given);
    if (!parsed.success) return Promise.reject(new Error(z.prettifyError(parsed.error)));
    const { seeds, calls } = parsed.data;
    const histories = Array.from({ length: seeds }, (_, index) =>
      historiesOf(generate(index + 1, calls)),
    ).flat();
    return Promise.resolve(reportOf(histories));
  },
};

interface Cell {
  readonly riskClass: RiskClass;
  readonly stage: number;
  readonly predictions: number;
  readonly wrong: number;
  readonly estimated: number;
}

function reportOf(histories: readonly History[]): SuiteReport {
  const half = new Set(BEHAVIOURS.filter((_, index) => index % 2 === 0).map(({ name }) => name));
  const taught = histories.filter(({ behaviour }) => half.has(behaviour));
  const held = histories.filter(({ behaviour }) => !half.has(behaviour));
  const fits = new Map(RISK_CLASSES.map((one) => [one, fit(ofClass(taught, one))]));
  const cells = RISK_CLASSES.flatMap((one) => cellsOf(ofClass(held, one), one, fits.get(one)));
  const predictions = cells.reduce((sum, cell) => sum + cell.predictions, 0);
  const error = cells.reduce(
    (sum, { predictions: count, wrong, estimated }) =>
      sum + Math.abs(estimated * count - wrong) / Math.max(1, predictions),
    0,
  );
  return {
    scores: {
      templates: histories.length,
      predictions,
      calibrationError: rounded(error),
      fitted: Object.fromEntries(
        RISK_CLASSES.map((one) => [one, fit(ofClass(histories, one))] as const),
      ),
    },
    table: [
      ['class', 'confirmations', 'predictions', 'wrong', 'realised', 'estimated', 'shipped'],
      ...cells.map((cell) => [
        cell.riskClass,
        String(cell.stage),
        String(cell.predictions),
        String(cell.wrong),
        percent(cell.wrong / cell.predictions),
        percent(cell.estimated),
        percent(nextWrong(SHIPPED_PRIOR[cell.riskClass], cell.stage)),
      ]),
    ],
  };
}

/** A template counts for its riskiest class: that one decides. */
function ofClass(histories: readonly History[], riskClass: RiskClass): History[] {
  return histories.filter(({ classes }) => riskiest(classes) === riskClass);
}

function riskiest(classes: readonly RiskClass[]): RiskClass | undefined {
  return classes.toSorted(
    (a, b) => riskAfter(SHIPPED_PRIOR[b], STAGES) - riskAfter(SHIPPED_PRIOR[a], STAGES),
  )[0];
}

function cellsOf(
  histories: readonly History[],
  riskClass: RiskClass,
  fitted: Fit = SHIPPED_PRIOR[riskClass],
): Cell[] {
  return Array.from({ length: STAGES }, (_, stage): Cell => {
    const wrong = histories.filter((one) => one.wrong && one.right === stage).length;
    const right = histories.filter((one) => one.right > stage).length;
    const estimated = nextWrong(fitted, stage);
    return { riskClass, stage, predictions: wrong + right, wrong, estimated };
  }).filter((cell) => cell.predictions > 0);
}

/** How likely the next prediction is to be wrong: the template is, and coincidence does not help it this time. */
function nextWrong(prior: Fit, confirmations: number): number {
  return riskAfter(prior, confirmations) * (1 - prior.survives);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
