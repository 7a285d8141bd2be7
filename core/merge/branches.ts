/**
 * The replies of alike turns as few explanations, told apart by conditions on values: siblings that one program
 * explains are a branch, and a guard keeps it from all that it would answer wrongly.
 */
import type { Message } from '../messages/message.ts';
import type { Bindings } from '../template/template.ts';
import type { Guard } from '../tree/node.ts';
import { explain, outcomeOf, type Explanation } from './explain.ts';
import {
  alignedFrame,
  equalFrames,
  markReplies,
  type Frame,
  type MarkedReply,
  type Variable,
} from './frames.ts';
import { findGuards } from './guards.ts';
import { MERGE_LIMITS } from './plan.ts';

export interface Branch {
  readonly explanation: Explanation;
  /** What has to hold of values for this branch: nothing where it answers all alike turns. */
  readonly guards: readonly Guard[];
  /** Positions of the siblings that it answers as they were answered. */
  readonly covered: readonly number[];
  /** Whether conditions that siblings suggest choose it among several. */
  readonly isChosen: boolean;
}

export interface BranchInput {
  readonly replies: readonly Message[];
  readonly variables: readonly Variable[];
}

/** Frames that are tried: each costs a search for each hole. */
const FRAMES_MAX = 16;
/** Searches that find nothing, which are the dear ones: some 50 ms each. */
const FAILURES_MAX = 6;
/** Replies that are tried as the first of an aligned frame, before the rest stays unexplained. */
const MODELS_MAX = 4;

interface Candidate {
  readonly explanation: Explanation;
  readonly right: readonly number[];
  readonly wrong: readonly number[];
}

/** The branches, the one that answers most siblings first; siblings that are in none are unexplained. */
export function findBranches(input: BranchInput): Branch[] {
  const candidates = new CandidateSearch(input).find();
  return candidates
    .toSorted((a, b) => b.right.length - a.right.length)
    .flatMap(({ explanation, right, wrong }): Branch[] => {
      const guards = findGuards(input.variables, right, wrong);
      if (guards === undefined) return [];
      return [{ explanation, guards, covered: right, isChosen: guards.length > 0 }];
    });
}

class CandidateSearch {
  private readonly input: BranchInput;
  private readonly marked: readonly MarkedReply[];
  private readonly uncovered: Set<number>;
  private readonly found: Candidate[] = [];
  private readonly patience = { failures: FAILURES_MAX };
  private tried = 0;

  constructor(input: BranchInput) {
    this.input = input;
    this.marked = markReplies(input.replies, input.variables);
    this.uncovered = new Set(input.replies.keys());
  }

  find(): readonly Candidate[] {
    // One program for all is better than several for parts; then replies that are equal but for values.
    for (const group of this.bySkeleton()) this.try(alignedFrame(group, this.input.variables));
    for (const frame of equalFrames(this.marked, this.input.variables)) {
      if (this.openOf(frame).length >= MERGE_LIMITS.siblingsMin) this.try(frame);
    }
    for (const group of this.bySkeleton()) {
      for (let model = 0; model < MODELS_MAX; model++) {
        const rest = group.slice(model).filter(({ sibling }) => this.uncovered.has(sibling));
        if (rest.length < MERGE_LIMITS.siblingsMin) break;
        this.try(alignedFrame(rest, this.input.variables));
      }
    }
    return this.found;
  }

  private bySkeleton(): MarkedReply[][] {
    const groups = new Map<string, MarkedReply[]>();
    for (const reply of this.marked) {
      const { skeleton } = reply.message;
      groups.set(skeleton, [...(groups.get(skeleton) ?? []), reply]);
    }
    return [...groups.values()];
  }

  private openOf({ examples }: Frame): number[] {
    return examples.filter((sibling) => this.uncovered.has(sibling));
  }

  /** Keeps what explains siblings that nothing explained before. */
  private try(frame: Frame | undefined): void {
    if (frame === undefined || this.uncovered.size === 0 || this.tried >= FRAMES_MAX) return;
    if (frame.examples.length < MERGE_LIMITS.siblingsMin) return;
    this.tried++;
    const explanation = explain(frame, { ...this.input, patience: this.patience });
    if (explanation === undefined) return;
    const candidate = this.judge(explanation);
    const fresh = candidate.right.filter((sibling) => this.uncovered.has(sibling));
    if (fresh.length < MERGE_LIMITS.siblingsMin) return;
    for (const sibling of fresh) this.uncovered.delete(sibling);
    this.found.push(candidate);
  }

  private judge(explanation: Explanation): Candidate {
    const outcomes = this.input.replies.map((reply, sibling) =>
      outcomeOf(explanation, bindingsAt(this.input.variables, sibling), reply),
    );
    const having = (outcome: (typeof outcomes)[number]): number[] =>
      outcomes.flatMap((one, sibling) => (one === outcome ? sibling : []));
    return {
      explanation,
      right: having('right'),
      wrong: having('wrong'),
    };
  }
}

/** The values of one sibling. */
export function bindingsAt(variables: readonly Variable[], sibling: number): Bindings {
  return new Map(variables.map(({ name, values }) => [name, values[sibling] ?? '']));
}
