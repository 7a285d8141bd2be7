/**
 * Fits the prior of a class to histories: a share `wrong` of templates is wrong, each of those survives a fresh
 * prediction with probability `survives`, right ones always. Maximum likelihood on a grid.
 */
import type { History } from './histories.ts';

export interface Fit {
  readonly wrong: number;
  readonly survives: number;
}

const STEP = 0.01;

/** Errors: none; without histories the most careful values. */
export function fit(histories: readonly History[]): Fit {
  let best: Fit = { wrong: 1 - STEP, survives: 1 - STEP };
  let highest = -Infinity;
  for (let wrong = STEP; wrong < 1; wrong += STEP) {
    for (let survives = STEP; survives < 1; survives += STEP) {
      const likelihood = logLikelihood(histories, { wrong, survives });
      if (likelihood <= highest) continue;
      highest = likelihood;
      best = { wrong: round(wrong), survives: round(survives) };
    }
  }
  return best;
}

function logLikelihood(histories: readonly History[], { wrong, survives }: Fit): number {
  // A pseudo-observation of each kind: nothing is impossible because it was not seen.
  let sum = Math.log(wrong * (1 - survives)) + Math.log(wrong * survives * (1 - survives));
  sum += Math.log(1 - wrong + wrong * survives);
  for (const history of histories) {
    const survived = wrong * survives ** history.right;
    sum += Math.log(history.wrong ? survived * (1 - survives) : 1 - wrong + survived);
  }
  return sum;
}

function round(value: number): number {
  return Math.round(value / STEP) * STEP;
}
