/** The replay guard for nodes that come from a file: they must not contradict what was observed here. */
import { compareWith } from '../induction/load.ts';
import type { Exchange } from '../induction/exchange.ts';
import type { ScopeTree } from './scope-tree.ts';
import { walk } from './walk.ts';

/** Those of the nodes in `fresh` that answer one of the exchanges otherwise than it was answered. */
export function contradictedNodes(
  tree: ScopeTree,
  exchanges: readonly Exchange[],
  fresh: ReadonlySet<string>,
): ReadonlySet<string> {
  const contradicted = new Set<string>();
  for (const exchange of exchanges) {
    const { observation, thread } = exchange;
    const walked = walk(tree, observation.scope, thread, new Map(observation.bindings));
    if (walked.kind !== 'reached') continue;
    for (const answer of walked.answers) {
      if (!fresh.has(answer.node.id) || answer.message === undefined) continue;
      if (compareWith(answer, exchange) === 'contradict') contradicted.add(answer.node.id);
    }
  }
  return contradicted;
}
