/**
 * Stage 2 of a merge: what one cluster becomes. Turn by turn, so that conversations that go on are one templated path;
 * siblings that were held back are then predicted, which is what the new answers have to show for themselves.
 */
import { structureWords } from '../induction/structure.ts';
import { variablesOfTemplate } from '../template/template.ts';
import type { TreeNode } from '../tree/node.ts';
import { buildTurn, type BuiltBranch, type BuiltTurn } from './build-turn.ts';
import { evidenceOf, holdBack, isMispredicted, type Trials } from './hold-back.ts';
import { learnRow, namesUsed, reject, type LearnedTurn } from './learn.ts';
import {
  MERGE_LIMITS,
  type MergeCluster,
  type MergeQuestion,
  type NodeExemplar,
  type PlannedMerge,
  type Rejection,
} from './plan.ts';
import type { Row } from './rows.ts';
import {
  followersOf,
  idOf,
  isAnswered,
  mayTeach,
  observationsOf,
  pathTo,
  readExchanges,
  requestsOf,
  turnsOf,
  type Follower,
  type Sibling,
} from './sibling.ts';
import { alikeRows, joinMessages } from './turn-rows.ts';

/** Observations that tell which words are code. */
const STRUCTURE_SAMPLE_MAX = 400;
/** Turns of a conversation that are merged; what comes after stays as it is. */
const TURNS_MAX = 32;

/**
 * Learns templates for the members of a cluster and holds them against siblings that did not teach.
 * Cost: bounded searches for programs, a few hundred milliseconds; else linear in the members. Errors: none.
 */
export function planCluster(question: MergeQuestion, cluster: MergeCluster): PlannedMerge {
  const path = pathTo(question.tree, question.scope, question.parent) ?? [];
  const observations = observationsOf(question);
  const wanted = new Set(cluster.members);
  const members = readExchanges(observations.filter(({ id }) => wanted.has(id))).filter(mayTeach);
  // In the order of their ids, which are hashes: a fair sample of the scope.
  const sample = readExchanges(observations.slice(0, STRUCTURE_SAMPLE_MAX));
  const planner = new Planner(question, structureWords(sample));
  planner.plan(turnsOf(followersOf(question, path, members)), {
    parent: question.parent,
    depth: path.length,
    shown: new Set(path.filter(({ template }) => template.role === 'assistant').flatMap(namesOf)),
    turns: 0,
  });
  return { cluster: cluster.id, ...planner.result() };
}

interface Level {
  readonly parent: string;
  readonly depth: number;
  /** Variables that flow into a message of the assistant above. */
  readonly shown: ReadonlySet<string>;
  readonly turns: number;
}

class Planner {
  private readonly question: MergeQuestion;
  private readonly structure: readonly string[];
  private readonly nodes = new Map<string, TreeNode>();
  private readonly exemplars: NodeExemplar[] = [];
  private readonly rejected: Rejection[] = [];

  constructor(question: MergeQuestion, structure: readonly string[]) {
    this.question = question;
    this.structure = structure;
  }

  result(): Omit<PlannedMerge, 'cluster'> {
    return {
      nodes: [...this.nodes.values()],
      exemplars: this.exemplars,
      rejected: this.rejected,
    };
  }

  plan(siblings: readonly Sibling[], level: Level): void {
    for (const row of alikeRows(siblings.map((sibling) => joinMessages(requestsOf(sibling))))) {
      const members = row.lines.flatMap(({ index }) => siblings[index] ?? []);
      if (members.length < MERGE_LIMITS.siblingsMin) this.reject('too-few', members);
      else this.planRow(row, siblings, level);
    }
  }

  private planRow(row: Row, siblings: readonly Sibling[], level: Level): void {
    const input = { siblings, shownAbove: level.shown };
    const learned = learnRow(row, input);
    this.rejected.push(...learned.rejected);
    if (learned.turns.length === 0) return;
    const built = learned.turns.flatMap((turn) => {
      const found = this.build(turn, level);
      if (typeof found !== 'string') return [found];
      this.reject(found, turn.pattern.siblings);
      return [];
    });
    const trials = holdBack(row, siblings, {
      built,
      learn: (part) =>
        learnRow(part, input).turns.flatMap((turn) => {
          const found = this.build(turn, level);
          return typeof found === 'string' ? [] : [found];
        }),
    });
    for (const turn of built) this.keep(turn, trials, level);
  }

  private build(turn: LearnedTurn, { parent, depth }: Level): ReturnType<typeof buildTurn> {
    const { scope } = this.question;
    const place = { scope, parent, depth, structure: this.structure };
    return buildTurn(this.question, turn, place);
  }

  private keep(built: BuiltTurn, trials: Trials, level: Level): void {
    for (const branch of built.branches) {
      if (isMispredicted(built, branch, trials)) {
        this.reject('mispredicted', [...branch.covered.keys()]);
        continue;
      }
      for (const request of built.requests) this.put(request);
      const node = { ...branch.node, ...evidenceOf(built, branch, trials) };
      this.put(node);
      for (const sibling of branch.covered.keys()) {
        if (node.answer !== undefined && isAnswered(sibling))
          this.exemplars.push({ node: node.id, observation: idOf(sibling) });
      }
      this.goOn(branch, node, level);
    }
    const covered = new Set(built.branches.flatMap((branch) => [...branch.covered.keys()]));
    const explained = new Set(built.turn.branches.flatMap((branch) => branch.covered));
    this.reject(
      'ambiguous',
      built.turn.pattern.siblings.filter(
        (sibling, index) => explained.has(index) && !covered.has(sibling),
      ),
    );
  }

  /** The threads that go on after the reply. */
  private goOn(branch: BuiltBranch, node: TreeNode, level: Level): void {
    const followers = [...branch.covered].flatMap(([sibling, bindings]) =>
      sibling.followers
        .filter(({ exchange }) => exchange.messages.length > sibling.to + 1)
        .map(({ exchange }): Follower => ({
          exchange,
          from: sibling.to + 1,
          // Ids of calls are those of each thread.
          bindings: new Map([...bindings, ...exchange.known]),
        })),
    );
    if (followers.length === 0 || level.turns >= TURNS_MAX) return;
    const used = namesUsed(branch.branch);
    this.plan(turnsOf(followers), {
      parent: node.id,
      depth: node.depth + 1,
      shown: new Set([...level.shown, ...namesOf(node), ...used]),
      turns: level.turns + 1,
    });
  }

  private put(node: TreeNode): void {
    this.nodes.set(node.id, node);
  }

  private reject(reason: Rejection['reason'], members: readonly Sibling[]): void {
    this.rejected.push(...reject(reason, members));
  }
}

function namesOf({ template }: TreeNode): string[] {
  return variablesOfTemplate(template);
}
