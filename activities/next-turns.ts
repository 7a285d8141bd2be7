/** What next turns of conversations say of answers, counted: of recorded exchanges, and of those that Ghee served. */
import { readExchange } from '../core/induction/exchange.ts';
import { doubt, repeatsItself, type NextTurn, type Repeat } from '../core/induction/next-turn.ts';
import { exactAnswerId } from '../core/observation.ts';
import type { ObservationStore } from '../adapters/mongo/observation-store.ts';
import type { ChangeSource } from '../adapters/mongo/node-document.ts';
import type { TreeStore } from '../adapters/mongo/tree-store.ts';
import { sha256 } from './run.ts';

interface Stores {
  readonly trees: Pick<TreeStore, 'addEvidence' | 'exemplarsOf'>;
  readonly observations: Pick<ObservationStore, 'readExactAnswer' | 'readMany'>;
}

/** Exchanges of each node that gave the call again: one that repeats itself is enough. */
const EXEMPLARS_MAX = 20;

/**
 * Idempotent: `observation` names the conversation, and counts once. Shape: whether it spoke against the node.
 * Errors: StoreError.
 */
export async function countNextTurn(
  stores: Stores,
  { node, signal, isNegative, repeat }: NextTurn,
  from: ChangeSource & { readonly scope: string; readonly observation: string },
): Promise<boolean> {
  const { scope, observation, ...source } = from;
  if (repeat !== undefined && (await wasRecorded(stores, scope, repeat))) return false;
  const kind = isNegative ? ('counter' as const) : ('unsettled' as const);
  const outcome = await stores.trees.addEvidence(
    { node, observation, kind },
    (evidence, state, doubted) => ({
      ...(isNegative ? doubt(doubted) : { evidence, state }),
      note: `next turn: ${signal}`,
      ...source,
      revise: isNegative ? true : undefined,
    }),
  );
  return isNegative && outcome.kind === 'changed';
}

/** Whether a provider itself said the call again there: then repeating it is what was learned (DESIGN §11.12). */
async function wasRecorded(
  { trees, observations }: Stores,
  scope: string,
  { thread, nodes }: Repeat,
): Promise<boolean> {
  const exact = await observations.readExactAnswer(exactAnswerId(sha256, scope, thread));
  if (exact !== undefined) return true;
  for (const node of nodes) {
    const exemplars = await trees.exemplarsOf(node, EXEMPLARS_MAX);
    const examples = exemplars.filter(({ kind }) => kind === 'example');
    const found = await observations.readMany(examples.map((exemplar) => exemplar.observation));
    for (const each of found.values()) {
      const exchange = readExchange(each);
      if (exchange !== undefined && repeatsItself(exchange)) return true;
    }
  }
  return false;
}
