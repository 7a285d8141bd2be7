/**
 * Stage 3 of a merge: what of the plans may enter the tree, and which old nodes they make superfluous. Every exemplar
 * below the parent is replayed against the tree as it would be: none may change what it gets.
 */
import { compareWith } from '../induction/load.ts';
import type { Exchange } from '../induction/exchange.ts';
import { answerKey } from '../observation.ts';
import { showTemplate } from '../template/template.ts';
import { decide, type Decision } from '../tree/decide.ts';
import type { TreeNode } from '../tree/node.ts';
import { ScopeTree } from '../tree/scope-tree.ts';
import { walk, type ReachedAnswer } from '../tree/walk.ts';
import {
  MERGE_LIMITS,
  type CheckedMerge,
  type MergedTemplate,
  type MergeQuestion,
  type PlannedMerge,
  type Rejection,
  type RejectionReason,
} from './plan.ts';
import { findRetired } from './retire.ts';
import { followersOf, observationsOf, pathTo, readExchanges } from './sibling.ts';

/** Rounds of leaving out what conflicts: leaving out one answer may bring another to light. */
const ROUNDS_MAX = 8;

/**
 * Checks the plans of all clusters together. Errors: none; what does not hold is in `rejected`.
 * Cost: two walks for each exemplar and round; most merges need one round.
 */
export function checkMerge(
  question: MergeQuestion,
  planned: readonly PlannedMerge[],
): CheckedMerge {
  const path = pathTo(question.tree, question.scope, question.parent);
  if (path === undefined) return NOTHING;
  const exchanges = followersOf(question, path, readExchanges(observationsOf(question))).map(
    ({ exchange }) => exchange,
  );
  return new Checker(question, path, { exchanges, planned }).check();
}

const NOTHING: CheckedMerge = {
  ...{ nodes: [], retires: [], exemplars: [], rejected: [], templates: [] },
  counts: { siblings: 0, covered: 0, left: 0 },
};

/** What an exemplar gets from a tree. */
export interface Replay {
  readonly exchange: Exchange;
  readonly decision: Decision;
  readonly answers: readonly ReachedAnswer[];
}

class Checker {
  private readonly question: MergeQuestion;
  private readonly path: readonly TreeNode[];
  private readonly exchanges: readonly Exchange[];
  private readonly planned: readonly PlannedMerge[];
  private readonly before: readonly Replay[];
  /** What is left of the plans, by id. */
  private readonly nodes = new Map<string, TreeNode>();
  private readonly rejected: Rejection[];

  constructor(
    question: MergeQuestion,
    path: readonly TreeNode[],
    given: { exchanges: readonly Exchange[]; planned: readonly PlannedMerge[] },
  ) {
    this.question = question;
    this.path = path;
    this.exchanges = given.exchanges;
    this.planned = given.planned;
    this.rejected = given.planned.flatMap(({ rejected }) => rejected);
    for (const { nodes } of given.planned) for (const node of nodes) this.nodes.set(node.id, node);
    this.before = this.replay(question.tree);
  }

  check(): CheckedMerge {
    this.dropTakenBack();
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const after = this.replay(this.treeWith(new Set()));
      const faults = this.faultsIn(after);
      if (faults.size === 0) return this.finish(after);
      for (const [node, reason] of faults) this.drop(node, reason);
    }
    for (const node of [...this.nodes.values()])
      if (node.answer !== undefined) this.drop(node.id, 'contradicts-exemplar');
    return this.finish(this.before);
  }

  private replay(tree: ScopeTree): Replay[] {
    const { scope } = this.question;
    return this.exchanges.map((exchange) => {
      const walked = walk(tree, scope, exchange.thread, exchange.known);
      const answers = walked.kind === 'reached' ? walked.answers : [];
      return { exchange, decision: decide(walked), answers };
    });
  }

  /** The tree with what is left of the plans, without `retired`. */
  private treeWith(retired: ReadonlySet<string>): ScopeTree {
    const tree = new ScopeTree();
    for (const node of this.question.tree.all()) if (!retired.has(node.id)) tree.put(node);
    for (const node of this.nodes.values())
      if (this.question.tree.get(node.id) === undefined) tree.put(node);
    return tree;
  }

  /** A person or an answer took such a node back: it does not come again by itself. */
  private dropTakenBack(): void {
    for (const { id } of [...this.nodes.values()]) {
      const state = this.question.tree.get(id)?.state;
      if (state === 'quarantined' || state === 'retired') this.drop(id, 'taken-back');
    }
  }

  /** New answers that give an exemplar another answer, or take one from it that it got. */
  private faultsIn(after: readonly Replay[]): Map<string, RejectionReason> {
    const faults = new Map<string, RejectionReason>();
    for (const [index, { exchange, answers, decision }] of after.entries()) {
      const fresh = answers.filter(({ node }) => this.isFresh(node.id));
      for (const answer of fresh) {
        if (answer.message === undefined) continue;
        // Other words are no mistake, but then siblings show no rule.
        if (compareWith(answer, exchange) !== 'agree')
          faults.set(answer.node.id, 'contradicts-exemplar');
        else if (this.isVetoed(exchange, answer)) faults.set(answer.node.id, 'vetoed');
      }
      const old = this.before[index]?.decision;
      if (old?.kind !== 'hit' || isSame(old, decision)) continue;
      for (const { node } of fresh) {
        if (!faults.has(node.id)) faults.set(node.id, 'contradicts-exemplar');
      }
    }
    return faults;
  }

  private isFresh(id: string): boolean {
    return this.nodes.has(id) && this.question.tree.get(id) === undefined;
  }

  private isVetoed({ observation }: Exchange, { node, texts }: ReachedAnswer): boolean {
    const answer = { skeleton: node.template.skeleton, texts };
    const { hash, vetoes } = this.question;
    return vetoes.size > 0 && vetoes.has(answerKey(hash, observation, answer));
  }

  /** Leaves out a node, all below it, and what above it then leads to no answer. */
  private drop(id: string, reason: RejectionReason): void {
    const dropped = new Set([id]);
    for (let count = 0; count < dropped.size;) {
      count = dropped.size;
      for (const node of this.nodes.values()) if (dropped.has(node.parent)) dropped.add(node.id);
    }
    const members = this.membersOf(dropped);
    if (members.length > 0) this.rejected.push({ reason, members });
    for (const each of dropped) this.nodes.delete(each);
    for (;;) {
      const parents = new Set([...this.nodes.values()].map(({ parent }) => parent));
      const empty = [...this.nodes.values()].filter(
        (node) => node.template.role !== 'assistant' && !parents.has(node.id),
      );
      if (empty.length === 0) return;
      for (const node of empty) this.nodes.delete(node.id);
    }
  }

  private membersOf(nodes: ReadonlySet<string>): string[] {
    const exemplars = this.planned.flatMap((plan) => plan.exemplars);
    return exemplars.flatMap(({ node, observation }) => (nodes.has(node) ? observation : []));
  }

  /** Leaves out answers from which nothing is gained, finds what they retire, and sums up. */
  private finish(after: readonly Replay[]): CheckedMerge {
    const retired = findRetired(
      { ...this.question, path: this.path },
      { before: this.before, after, isFresh: (id) => this.nodes.has(id) },
    );
    const useless = this.uselessIn(after, retired);
    if (useless.length > 0) {
      for (const id of useless) this.drop(id, 'nothing-gained');
      return this.check();
    }
    const nodes = [...this.nodes.values()].filter(({ id }) => this.isFresh(id));
    const final = this.replay(this.treeWith(retired));
    const changed = final.some(({ exchange, decision }, index) => {
      const old = this.before[index]?.decision;
      if (old?.kind === 'hit') return !isSame(old, decision);
      return decision.kind === 'hit' && !agrees(decision.answer, exchange);
    });
    // Without what is retired something else may stand in the way: then all of it stays.
    const retires = changed || nodes.length === 0 ? [] : [...retired];
    const kept = new Set(nodes.map(({ id }) => id));
    const exemplars = this.planned
      .flatMap((plan) => plan.exemplars)
      .filter(({ node }) => kept.has(node));
    const covered = new Set(exemplars.map(({ observation }) => observation)).size;
    const siblings = this.exchanges.length;
    return {
      nodes,
      retires,
      exemplars,
      rejected: this.rejected,
      templates: this.templatesOf(nodes, after, new Set(retires)),
      counts: { siblings, covered, left: siblings - covered },
    };
  }

  /**
   * New answers that answer nothing that the tree or a better new one does not answer already, unless they retire more
   * than they add: or each observation would exchange one template for another that is no better.
   */
  private uselessIn(after: readonly Replay[], retired: ReadonlySet<string>): string[] {
    const answered = new Map<string, Set<number>>();
    const replaced = new Map<string, Set<string>>();
    const known = new Set<number>();
    for (const [index, { exchange, answers }] of after.entries()) {
      const old = (this.before[index]?.answers ?? []).filter((one) => agrees(one, exchange));
      if (old.length > 0) known.add(index);
      const olds = old.flatMap(({ node }) => (retired.has(node.id) ? node.id : []));
      for (const { node } of answers.filter((answer) => agrees(answer, exchange))) {
        answered.set(node.id, (answered.get(node.id) ?? new Set()).add(index));
        replaced.set(node.id, (replaced.get(node.id) ?? new Set()).union(new Set(olds)));
      }
    }
    return this.neverFirst(answered, replaced, known);
  }

  /** Those of the new answers that answer too few exemplars which are not `known` from answers before them. */
  private neverFirst(
    answered: ReadonlyMap<string, ReadonlySet<number>>,
    replaced: ReadonlyMap<string, ReadonlySet<string>>,
    known: Set<number>,
  ): string[] {
    const parents = new Set([...this.nodes.values()].map(({ parent }) => parent));
    const useless: string[] = [];
    for (const { id } of this.bestFirst()) {
      const own = answered.get(id) ?? new Set<number>();
      const gained = [...own].filter((index) => !known.has(index)).length;
      for (const index of own) known.add(index);
      const isUseful = gained >= MERGE_LIMITS.siblingsMin || (replaced.get(id)?.size ?? 0) >= 2;
      // A conversation goes on below it.
      if (!isUseful && !parents.has(id)) useless.push(id);
    }
    return useless;
  }

  /** New answers: those that are served, then those for which most exemplars speak. */
  private bestFirst(): TreeNode[] {
    const counts = new Map<string, number>();
    for (const { node } of this.planned.flatMap(({ exemplars }) => exemplars))
      counts.set(node, (counts.get(node) ?? 0) + 1);
    return [...this.nodes.values()]
      .filter(({ id, answer }) => answer !== undefined && this.isFresh(id))
      .toSorted(
        (a, b) =>
          Number(b.state === 'serving') - Number(a.state === 'serving') ||
          (counts.get(b.id) ?? 0) - (counts.get(a.id) ?? 0) ||
          (a.id < b.id ? -1 : 1),
      );
  }

  private templatesOf(
    nodes: readonly TreeNode[],
    after: readonly Replay[],
    retired: ReadonlySet<string>,
  ): MergedTemplate[] {
    const byId = new Map(nodes.map((node) => [node.id, node]));
    const members = new Map<string, string[]>();
    const retires = new Map<string, Set<string>>();
    for (const [index, { exchange, answers }] of after.entries()) {
      for (const answer of answers) {
        const { id } = answer.node;
        if (!byId.has(id) || !agrees(answer, exchange)) continue;
        members.set(id, [...(members.get(id) ?? []), exchange.observation.id]);
        const olds = (this.before[index]?.answers ?? [])
          .flatMap(({ path }) => path.map((node) => node.id))
          .filter((old) => retired.has(old));
        retires.set(id, (retires.get(id) ?? new Set()).union(new Set(olds)));
      }
    }
    return nodes
      .filter(({ answer }) => answer !== undefined)
      .map((node) => ({
        node: node.id,
        text: textTo(node, byId),
        members: members.get(node.id)?.length ?? 0,
        examples: (members.get(node.id) ?? []).slice(0, 3),
        retires: [...(retires.get(node.id) ?? [])],
      }));
  }
}

function textTo(node: TreeNode, byId: ReadonlyMap<string, TreeNode>): string[] {
  const text: string[] = [];
  for (let at: TreeNode | undefined = node; at !== undefined; at = byId.get(at.parent))
    text.unshift(`${at.template.role}: ${showTemplate(at.template)}`);
  return text;
}

function agrees(answer: ReachedAnswer, exchange: Exchange): boolean {
  return answer.message !== undefined && compareWith(answer, exchange) === 'agree';
}

function isSame(old: Decision, decision: Decision): boolean {
  return (
    old.kind === 'hit' &&
    decision.kind === 'hit' &&
    old.answer.node.template.skeleton === decision.answer.node.template.skeleton &&
    old.answer.texts.length === decision.answer.texts.length &&
    old.answer.texts.every((text, index) => text === decision.answer.texts[index])
  );
}
