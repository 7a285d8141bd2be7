/** What a proposal, as it stands, says about other exchanges: read off by the matcher that will serve it. */
import { derive } from '../expressions/derivation.ts';
import { matchMessage, onlyParse } from '../template/match.ts';
import { hydrateLeaf, type Bindings, type MessageTemplate } from '../template/template.ts';
import { compareAnswers, type Verdict } from './compare-answers.ts';
import type { DerivedVariable } from './derive.ts';
import { contentOf, type Exchange } from './exchange.ts';

export interface Predicted {
  readonly verdict: Verdict;
  readonly bindings: Bindings;
}

/**
 * Matches the request of `exchange` with `templates` (from the root, the answer's last) and compares the
 * answer that they give with its own. Undefined where they do not fit in just one way, or abstain.
 */
export function predictAnswer(
  templates: readonly MessageTemplate[],
  derived: readonly DerivedVariable[],
  exchange: Exchange,
): Predicted | undefined {
  const answer = templates.at(-1);
  if (answer === undefined || templates.length !== exchange.messages.length) return undefined;
  let bindings: Bindings = exchange.known;
  for (const [index, message] of exchange.messages.entries()) {
    const known = withDerived(derived, index, bindings);
    const template = templates[index];
    if (known === undefined || template === undefined) return undefined;
    if (index === templates.length - 1) {
      bindings = known;
      break;
    }
    const parse = onlyParse(matchMessage(template, message, known));
    if (parse === undefined) return undefined;
    bindings = parse;
  }
  const texts = answer.leaves.flatMap((leaf) => hydrateLeaf(leaf, bindings) ?? []);
  if (texts.length !== answer.leaves.length) return undefined;
  const real = contentOf(exchange.observation.answer.message);
  // A prediction that is one text is its whole content; of any other the form has to be the same.
  const content = texts.length === 1 && real !== undefined ? texts[0] : undefined;
  const predicted = { skeleton: answer.skeleton, texts, content };
  return { verdict: compareAnswers(predicted, exchange.answer, real), bindings };
}

function withDerived(
  derived: readonly DerivedVariable[],
  message: number,
  bindings: Bindings,
): Bindings | undefined {
  const known = new Map(bindings);
  for (const { span, derivation } of derived) {
    if (span.message !== message) continue;
    const found = derive(derivation, known);
    if (found.kind !== 'value') return undefined;
    known.set(span.name, found.value);
  }
  return known;
}
