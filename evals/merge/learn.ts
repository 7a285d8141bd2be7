/** Siblings → templates, and what the templates do with lines that they have not seen. */
import type { Message } from '../../core/messages/message.ts';
import { clusterSiblings, type MergeProposal } from '../../core/merge/merge.ts';
import { matchMessage, onlyParse } from '../../core/template/match.ts';
import type { MergeCase, PredictedGroup } from '../scorers/merge.ts';
import { toNotation } from './notation.ts';

/** How lines that come after the first `trained` ones fare. Shares are of the lines after them. */
export interface Prediction {
  readonly trained: number;
  readonly lines: number;
  /** Exactly one template matches, in one way. */
  readonly hits: number;
  /** Hits of a template that was learned from another event, and lines that several templates match. */
  readonly falseHits: number;
}

/** A log line as a message of one text: what a person would have sent. */
export function toMessage(line: string): Message {
  const leaf = {
    path: ['content'],
    kind: 'text',
    text: line,
    token: { start: 0, end: 0 },
  } as const;
  return { role: 'user', skeleton: 'user{"content"=T}', leaves: [leaf] };
}

export function learnGroups(cases: readonly MergeCase[]): PredictedGroup[] {
  return clusterSiblings(cases.map(({ line }) => toMessage(line))).map((proposal) => ({
    members: proposal.members,
    template: toNotation(proposal.template),
  }));
}

/**
 * Learns from the first `count` lines and matches the others. A template stands for the event of most of its members;
 * one that mixes events can hit falsely on its own.
 */
export function predictRest(cases: readonly MergeCase[], count: number): Prediction {
  const learned = clusterSiblings(cases.slice(0, count).map(({ line }) => toMessage(line)));
  const events = learned.map((proposal) => commonEvent(cases, proposal));
  const rest = cases.slice(count);
  let hits = 0;
  let falseHits = 0;
  for (const { line, template_id: id } of rest) {
    const message = toMessage(line);
    const matched = learned.flatMap(({ template }, index) => {
      const result = matchMessage(template, message, new Map());
      const isOnlyWay = onlyParse(result) !== undefined;
      return result.kind === 'match' ? [{ index, isOnlyWay }] : [];
    });
    const [first] = matched;
    if (first === undefined) continue;
    hits++;
    if (matched.length > 1 || !first.isOnlyWay || events[first.index] !== id) falseHits++;
  }
  return { trained: count, lines: rest.length, hits, falseHits };
}

function commonEvent(cases: readonly MergeCase[], { members }: MergeProposal): string {
  const counts = new Map<string, number>();
  for (const member of members) {
    const id = cases[member]?.template_id ?? '';
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? '';
}
