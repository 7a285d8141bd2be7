/**
 * Several wordings of one answer: templates below the same request that put the same values into other words. What
 * confirms one confirms the values of all of them, and any may be served for another (DESIGN §11.3, §11.10).
 */
import { compare, parseDecimal, type Decimal } from '../decimal.ts';
import { variablesOfTemplate } from '../template/template.ts';
import type { Evidence } from '../tree/node.ts';
import type { ReachedAnswer } from '../tree/walk.ts';
import { compareContents, mayStandForEachOther, type PredictedAnswer } from './compare-answers.ts';
import { contentOf } from './exchange.ts';

/** Longer answers are documents: holding all pairs of them against one another takes too long for a hit. */
const CHARACTERS_MAX = 8192;
/** Values of each wording that show where it is used. */
const VALUES_MIN = 2;

/** The answer that a walk predicts, to be compared with another. */
export function predictedAnswer(answer: ReachedAnswer): PredictedAnswer {
  const content = answer.message === undefined ? undefined : contentOf(answer.message);
  const { skeleton } = answer.node.template;
  return { skeleton, texts: answer.texts, content, values: valuesIn(answer) };
}

/** Whether two answers that one thread reaches say the same of the same values in other words. */
export function areWordings(a: ReachedAnswer, b: ReachedAnswer): boolean {
  if (a.node.parent !== b.node.parent || a.isAmbiguous || b.isAmbiguous) return false;
  const [left, right] = [predictedAnswer(a).content, predictedAnswer(b).content];
  if (left === undefined || right === undefined) return false;
  if (left.length > CHARACTERS_MAX || right.length > CHARACTERS_MAX) return false;
  if (!mayStandForEachOther(left, right)) return false;
  if (mayDecide(a.node.evidence, b.node.evidence)) return false;
  return compareContents(left, right, [...valuesIn(a), ...valuesIn(b)]) === 'unsettled';
}

function valuesIn({ node, bindings }: ReachedAnswer): string[] {
  return variablesOfTemplate(node.template)
    .filter((name) => !name.startsWith('$'))
    .flatMap((name) => bindings.get(name) ?? []);
}

/** Whether the values with which the two were seen lie apart: then they may decide which of the two is right. */
function mayDecide(a: Evidence, b: Evidence): boolean {
  return a.seen.some(({ name, values }) => {
    const others = b.seen.find((entry) => entry.name === name)?.values ?? [];
    return isOneEach(values, a, others) || isOneEach(others, b, values) || lieApart(values, others);
  });
}

/** One had the same value again and again, and the other never. */
function isOneEach(
  values: readonly string[],
  { confirmations }: Evidence,
  others: readonly string[],
): boolean {
  const [only] = values;
  return values.length === 1 && confirmations > 0 && only !== undefined && !others.includes(only);
}

function lieApart(values: readonly string[], others: readonly string[]): boolean {
  if (values.length < VALUES_MIN || others.length < VALUES_MIN) return false;
  const [a, b] = [rangeOf(values), rangeOf(others)];
  if (a === undefined || b === undefined) return false;
  return compare(a.most, b.least) < 0 || compare(b.most, a.least) < 0;
}

function rangeOf(values: readonly string[]): { least: Decimal; most: Decimal } | undefined {
  const numbers = values.flatMap((value) => parseDecimal(value) ?? []);
  const sorted = numbers.toSorted(compare);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (numbers.length < values.length || least === undefined || most === undefined) return undefined;
  return { least, most };
}
