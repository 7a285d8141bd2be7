/**
 * Sibling messages → few templates that rebuild each of them: the pure part of the merge workflow.
 * Equal input in any order gives the same templates for the same messages.
 */
import type { Message } from '../messages/message.ts';
import { literalTemplate, type MessageTemplate } from '../template/template.ts';
import { alignRow } from './align.ts';
import { mergeRows } from './cluster.ts';
import {
  explainedMembers,
  generalise,
  type Generalisation,
  type MergeVariable,
} from './generalise.ts';
import { buildRows, type Line, type Row } from './rows.ts';

export type { MergeVariable } from './generalise.ts';

export interface MergeProposal {
  /** Indices into the messages, ascending. */
  readonly members: readonly number[];
  readonly template: MessageTemplate;
  /** In the order in which they stand in the template. */
  readonly variables: readonly MergeVariable[];
}

/**
 * Clusters messages and generalises each cluster; every message is a member of exactly one proposal.
 *
 * Shape: proposals in the order of their first members. A proposal with one member rests on the form of its values alone.
 * Guarantee: a template, filled with a member's values, is that member, and `matchMessage` finds no other reading of it.
 * Cost: near linear in the characters for shapes; merging is linear in distinct shapes × words × span (see `mergeRows`).
 */
export function clusterSiblings(messages: readonly Message[]): MergeProposal[] {
  const proposals: MergeProposal[] = [];
  for (const rows of buildRows(messages).values()) {
    for (const row of mergeRows(rows)) proposals.push(...propose(messages, row));
  }
  return proposals.toSorted((a, b) => (a.members[0] ?? 0) - (b.members[0] ?? 0));
}

/** The proposals of one row: one, but for members that its template reads in other ways as well; those stay exact. */
function propose(messages: readonly Message[], row: Row): MergeProposal[] {
  const lines = row.lines.toSorted((a, b) => a.index - b.index);
  const indices = (some: readonly Line[]): number[] => some.map((line) => line.index);
  const attempt = (some: readonly Line[]): Generalisation | undefined => {
    const model = messages[some[0]?.index ?? -1];
    return model && generalise(model, alignRow({ ...row, lines: some }));
  };
  const first = attempt(lines);
  const explained = first === undefined ? [] : explainedMembers(first, messages, indices(lines));
  if (first !== undefined && explained.length === lines.length)
    return [{ members: explained, ...first }];
  const [clear, unclear] = [true, false].map((isClear) =>
    lines.filter((line) => explained.includes(line.index) === isClear),
  ) as [Line[], Line[]];
  const second = attempt(clear);
  if (
    second === undefined ||
    explainedMembers(second, messages, indices(clear)).length < clear.length
  ) {
    return exactProposals(messages, indices(lines));
  }
  return [{ members: indices(clear), ...second }, ...exactProposals(messages, indices(unclear))];
}

/** What cannot be told apart without doubt stays exact: one literal template for each different message. */
function exactProposals(messages: readonly Message[], members: readonly number[]): MergeProposal[] {
  const byText = new Map<string, number[]>();
  for (const member of members) {
    const text = JSON.stringify(messages[member]?.leaves.map((leaf) => leaf.text));
    const equal = byText.get(text) ?? [];
    equal.push(member);
    byText.set(text, equal);
  }
  return [...byText.values()].map((equal) => ({
    members: equal,
    template: literalTemplate(messages[equal[0] ?? 0] as Message),
    variables: [],
  }));
}
