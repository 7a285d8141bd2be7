/**
 * Chooses the programs that a derivation keeps: the cheapest, and those that would contradict it on other inputs.
 * A rival counts only if it changes what the kept programs would serve, so that few of them say all.
 */

import { evaluate } from '../expressions/evaluate.ts';
import type { Expression } from '../expressions/expression.ts';

type Inputs = ReadonlyMap<string, string>;
type Values = readonly (string | undefined)[];

/** A program that the examples allow. */
export interface Candidate {
  readonly expression: Expression;
  readonly cost: number;
}

/**
 * The kept programs, cheapest first.
 *
 * Shape: `candidates` come cheapest first. Among equally cheap rivals the one that contradicts most goes first.
 * A candidate whose value never changes is a constant in disguise and is left out.
 */
export function selectRivals<T extends Candidate>(
  candidates: readonly T[],
  probes: readonly Inputs[],
  programsMax: number,
): readonly T[] {
  const rivals = candidates
    .map((candidate) => ({
      candidate,
      values: probes.map((probe) => evaluate(candidate.expression, probe)),
    }))
    .filter((rival) => !isConstant(rival.values));
  const [first, ...rest] = rivals;
  if (first === undefined) return [];
  const kept = [first];
  // Where a probe has no value any more, the kept programs already disagree.
  let served: Values = first.values;
  let open = rest;
  while (kept.length < programsMax) {
    const best = strongest(open, served);
    if (best === undefined) break;
    kept.push(best);
    open = open.filter((rival) => rival !== best);
    served = served.map((value, index) => (value === best.values[index] ? value : undefined));
  }
  return kept.map((rival) => rival.candidate);
}

function strongest<R extends { readonly candidate: Candidate; readonly values: Values }>(
  rivals: readonly R[],
  served: Values,
): R | undefined {
  let best: { rival: R; broken: number } | undefined;
  for (const rival of rivals) {
    if (best !== undefined && rival.candidate.cost > best.rival.candidate.cost) break;
    const broken = served.filter(
      (value, index) => value !== undefined && value !== rival.values[index],
    ).length;
    if (broken > (best?.broken ?? 0)) best = { rival, broken };
  }
  return best?.rival;
}

function isConstant(values: Values): boolean {
  return new Set(values.filter((value) => value !== undefined)).size < 2;
}
