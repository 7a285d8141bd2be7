/** The parts of `bench match` that go through a whole tree: a long conversation, and strings made to be slow. */
import type { Message, Thread } from '../../core/messages/message.ts';
import type { LeafTemplate } from '../../core/template/template.ts';
import type { TreeNode } from '../../core/tree/node.ts';
import { ScopeTree } from '../../core/tree/scope-tree.ts';
import { walk } from '../../core/tree/walk.ts';
import { createRandom } from '../../evals/workloads/random.ts';
import { hit, makeTemplates, messageOf, TEMPLATE_SETS, templateOf } from './template-sets.ts';

const DEPTH = 40;
const ROUNDS = 400;
const ATTACK_RUNS = 3;
const SCOPE = 'scope';

function nodeOf(id: string, parent: string, template: TreeNode['template']): TreeNode {
  return {
    id,
    scope: SCOPE,
    parent,
    depth: 0,
    template,
    variables: [],
    guards: [],
    state: 'candidate',
    answer: undefined,
    evidence: {
      confirmations: 0,
      contradictions: 0,
      required: 1,
      requiredTyped: { known: 1, novel: 1, odd: 1, rivalled: 1 },
      types: [],
      classes: [],
      reasons: [],
      seen: [],
    },
    revision: 0,
  };
}

function walkUs(tree: ScopeTree, messages: readonly Message[]): { us: number; kind: string } {
  const thread: Thread = { messages, callIds: [] };
  const startedAt = performance.now();
  const { kind } = walk(tree, SCOPE, thread, new Map());
  return { us: (performance.now() - startedAt) * 1000, kind };
}

/** A path of 40 messages, each with `siblings` beside it, walked to its end. */
export function measureConversation(siblings: number) {
  const random = createRandom(40);
  const set = TEMPLATE_SETS[0];
  if (set === undefined) throw new RangeError('no set');
  const tree = new ScopeTree();
  const paths: Message[][] = Array.from({ length: ROUNDS }, () => []);
  let parent = SCOPE;
  for (let depth = 0; depth < DEPTH; depth++) {
    const templates = makeTemplates(set, siblings, random);
    // Each message has variables of its own: 80 names that are bound by the end.
    const named = templates.map((template) =>
      templateOf(
        (template.leaves[0] ?? []).map((s) =>
          s.kind === 'variable' ? { ...s, name: `${s.name}_${String(depth)}` } : s,
        ),
      ),
    );
    for (const [index, template] of named.entries()) {
      tree.put(nodeOf(`${String(depth)}/${String(index)}`, parent, template));
    }
    const [first] = named;
    if (first === undefined) throw new RangeError('no template');
    for (const messages of paths) messages.push(messageOf(hit(first, set, 0, random)));
    parent = `${String(depth)}/0`;
  }
  const times: number[] = [];
  for (const messages of paths) {
    const { us, kind } = walkUs(tree, messages);
    if (kind !== 'reached') throw new RangeError(`the walk ${kind}`);
    times.push(us);
  }
  return { siblings, p50Us: quantile(times, 0.5), p99Us: quantile(times, 0.99) };
}

/** Templates of 2 to 9 variables with a blank between, and another end each, against "a a a …". */
export function measureAttack(siblings: number) {
  const tree = new ScopeTree();
  for (let index = 0; index < siblings; index++) {
    const leaf: LeafTemplate = Array.from({ length: 2 + (index % 8) }, (_, at) => [
      {
        kind: 'variable' as const,
        name: `v${String(at)}`,
        matcher: { kind: at % 2 === 0 ? ('text' as const) : ('line' as const) },
      },
      { kind: 'literal' as const, text: at % 3 === 0 ? ' ' : ' a ' },
    ]).flat();
    const end = { kind: 'literal' as const, text: index % 2 === 0 ? `a${String(index)}!` : 'a ' };
    tree.put(nodeOf(String(index), SCOPE, templateOf([...leaf, end])));
  }
  const full: number[] = [];
  const index: number[] = [];
  for (let size = 500; size <= 30_000; size += 500) {
    for (const end of ['', '!', 'a1!', 'a2!', '\n']) {
      const message = messageOf('a '.repeat(size) + end);
      full.push(bestOf(() => walk(tree, SCOPE, { messages: [message], callIds: [] }, new Map())));
      index.push(bestOf(() => tree.candidates(SCOPE, message)));
    }
  }
  return {
    siblings,
    p50Us: quantile(full, 0.5),
    maxUs: Math.max(...full),
    indexMaxUs: Math.max(...index),
  };
}

/** The best of a few runs: what is left is the engine's time and not the machine's. */
function bestOf(run: () => unknown): number {
  const times = Array.from({ length: ATTACK_RUNS }, () => {
    const startedAt = performance.now();
    run();
    return (performance.now() - startedAt) * 1000;
  });
  return Math.min(...times);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? NaN;
}
