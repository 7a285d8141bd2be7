/**
 * Workloads through the whole of induction in memory: the code of the proxy's look-up and of the
 * workflow's steps, without servers. Each miss is learned before the next call, as real traffic leaves time.
 */
import { parseJson } from '../../core/json/json.ts';
import { readChatRequest, type ChatRequest } from '../../core/messages/request.ts';
import { scopeOf, threadHash } from '../../core/observation.ts';
import { showTemplate } from '../../core/template/template.ts';
import type { TreeNode } from '../../core/tree/node.ts';
import { fitOfBindings, type ServableAnswer } from '../../core/tree/decide.ts';
import {
  fittingClasses,
  nextWrong,
  type RiskClass,
  type TrustCounts,
} from '../../core/trust/risk.ts';
import { MemoryInducer, sha256 } from '../../tests/support/memory-inducer.ts';
import { isSameAnswer } from '../same-answer.ts';
import { recordedMessage, type ReplayRow } from '../rows.ts';

export type CallOutcome =
  | {
      readonly kind: 'hit';
      readonly by: 'exact' | 'template';
      /** The assistant message, as JSON text. */
      readonly served: string;
      /** How likely the product took the answer to be wrong, and for what. */
      readonly risk: number;
      readonly riskiest: RiskClass | undefined;
      readonly wrong: FalseHit | undefined;
    }
  /** `learned`: what the run after the miss came to. */
  | {
      readonly kind: 'miss';
      readonly reason: string;
      readonly learned: string;
      readonly nodes: readonly TreeNode[];
    }
  | { readonly kind: 'bypass'; readonly reason: string };

export interface EvaluatedCall {
  readonly behaviour: string;
  readonly row: ReplayRow;
  readonly outcome: CallOutcome;
}

/** All that is needed to find out why it happened. */
export interface FalseHit {
  readonly behaviour: string;
  readonly question: string;
  readonly served: string;
  readonly recorded: string;
  /** The answer node, empty for an exact answer. */
  readonly node: string;
  readonly template: readonly string[];
  readonly bindings: Readonly<Record<string, string>>;
  /** The behaviour and the answer that the served node was learned from. */
  readonly taughtBy: string;
  readonly taughtAnswer: string;
  readonly evidence: TreeNode['evidence'] | undefined;
}

/** Seconds by phase, to see what dominates. */
export interface Phases {
  lookUp: number;
  learn: number;
}

export interface Evaluation {
  readonly calls: readonly EvaluatedCall[];
  readonly phases: Phases;
  readonly nodes: number;
  /** How the first predictions of templates came out. */
  readonly counts: TrustCounts;
}

/** `progress` is called after each call with the number of those done. */
export function evaluate(
  rows: readonly ReplayRow[],
  progress: (done: number) => void = () => undefined,
  errorBudget?: number,
): Evaluation {
  const ghee = new MemoryGhee(errorBudget);
  const calls = rows.map((row, index) => {
    const outcome = ghee.call(row);
    progress(index + 1);
    return { behaviour: row.behaviour ?? 'unnamed', row, outcome };
  });
  return { calls, phases: ghee.phases, nodes: ghee.nodeCount, counts: ghee.counts };
}

/** A Ghee of one caller, without servers. */
export class MemoryGhee {
  readonly phases: Phases = { lookUp: 0, learn: 0 };
  private readonly inducer: MemoryInducer;
  /** Scope and thread → the recorded message: answered before anything is matched. */
  private readonly exact = new Map<string, string>();
  /** Answer node → the behaviour that taught it. */
  private readonly teachers = new Map<string, string>();

  constructor(errorBudget?: number) {
    this.inducer = new MemoryInducer(errorBudget);
  }

  get counts(): TrustCounts {
    return this.inducer.counts;
  }

  get nodeCount(): number {
    return [...this.inducer.trees.values()].reduce((total, tree) => total + tree.size, 0);
  }

  call(row: ReplayRow): CallOutcome {
    const started = performance.now();
    const read = readRequest(row);
    if (typeof read === 'string') return { kind: 'bypass', reason: read };
    const { request, key } = read;
    const exact = this.exact.get(key);
    if (exact !== undefined) return this.exactHit(row, exact);
    const decision = this.inducer.decide(request, new Map());
    const asked = performance.now();
    this.phases.lookUp += asked - started;
    if (decision.kind === 'hit') {
      const { message: served } = decision.answer;
      const wrong = this.check(row, decision.answer);
      return { kind: 'hit', by: 'template', served, ...this.riskOf(decision.answer), wrong };
    }
    const recorded = recordedMessage(row);
    this.exact.set(key, recorded);
    const lesson = this.inducer.teach(request, row.request.messages, JSON.parse(recorded), []);
    this.phases.learn += performance.now() - asked;
    for (const node of lesson.nodes) this.teachers.set(node.id, row.behaviour ?? 'unnamed');
    const { outcome: learned, nodes } = lesson;
    return { kind: 'miss', reason: decision.reason, learned, nodes };
  }

  private exactHit(row: ReplayRow, served: string): CallOutcome {
    const recorded = recordedMessage(row);
    const isRight = isSameAnswer(served, recorded, row.alternatives);
    const wrong = isRight ? undefined : { ...describe(row, served), ...NO_TEMPLATE };
    return { kind: 'hit', by: 'exact', served, risk: 0, riskiest: undefined, wrong };
  }

  private riskOf({ node: { evidence }, bindings }: ServableAnswer): Risk {
    const { classes, confirmations } = evidence;
    return fittingClasses(classes, fitOfBindings(evidence, bindings))
      .map((riskiest) => ({ riskiest, risk: nextWrong(riskiest, confirmations, this.counts) }))
      .reduce((most, each) => (each.risk > most.risk ? each : most), NO_RISK);
  }

  private check(row: ReplayRow, answer: ServableAnswer): FalseHit | undefined {
    const { message, node, path, bindings } = answer;
    if (isSameAnswer(message, recordedMessage(row), row.alternatives)) return undefined;
    return {
      ...describe(row, message),
      node: node.id,
      template: path.map((each) => `${each.template.role}: ${showTemplate(each.template)}`),
      bindings: Object.fromEntries(bindings),
      taughtBy: this.teachers.get(node.id) ?? '',
      taughtAnswer: node.answer.message,
      evidence: node.evidence,
    };
  }
}

type Risk = Pick<Extract<CallOutcome, { kind: 'hit' }>, 'risk' | 'riskiest'>;

const NO_RISK: Risk = { risk: 0, riskiest: undefined };

const NO_TEMPLATE = {
  node: '',
  template: [],
  bindings: {},
  taughtBy: 'exact answer',
  taughtAnswer: '',
  evidence: undefined,
} as const;

function describe(
  row: ReplayRow,
  served: string,
): Pick<FalseHit, 'behaviour' | 'question' | 'served' | 'recorded'> {
  return {
    behaviour: row.behaviour ?? 'unnamed',
    question: JSON.stringify(row.request.messages.filter(({ role }) => role !== 'system')),
    served,
    recorded: recordedMessage(row),
  };
}

/** The request as the proxy reads it and the key of its exact answer, or the reason of a bypass. */
function readRequest(
  row: ReplayRow,
): { readonly request: ChatRequest; readonly key: string } | string {
  const parsed = parseJson(JSON.stringify(row.request));
  if (parsed.kind === 'fault') return parsed.fault;
  const read = readChatRequest(parsed.value);
  if (read.kind === 'bypass') return read.reason;
  const caller = { project: 'p', partition: 'x', endpoint: '/' };
  const scope = scopeOf(sha256, caller, read.request);
  return { request: read.request, key: scope.id + threadHash(sha256, read.request.thread) };
}
