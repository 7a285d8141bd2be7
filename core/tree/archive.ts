/** Trees as they are written to a file and read back: what a file says beside the format is decided here. */
import { forgetSeen } from '../induction/evidence.ts';
import { parseJson } from '../json/json.ts';
import { appendMessage, type Leaf } from '../messages/message.ts';
import { rebuildMessage } from '../messages/rebuild.ts';
import type { ExactAnswer, Observation, Scope } from '../observation.ts';
import type { LeafTemplate } from '../template/template.ts';
import { evenBars } from '../trust/risk.ts';
import type { AnswerForm, TreeNode } from './node.ts';

export interface Archive {
  readonly scopes: readonly ArchivedScope[];
}

export interface ArchivedScope {
  readonly scope: Scope;
  /** Parents first, then in the order in which they were learned. */
  readonly nodes: readonly TreeNode[];
  /** Keys of the answers that feedback took back (`answerKey`): no template gives them. */
  readonly vetoes: readonly string[];
  /** Only where they were asked for; where they were not, the nodes go without values, too (`withoutContents`). */
  readonly answers?: readonly ExactAnswer[] | undefined;
  /** What it was learned from; only where that was asked for. */
  readonly contents?: ArchivedContents | undefined;
}

export interface ArchivedContents {
  readonly observations: readonly Observation[];
  readonly exemplars: readonly ArchivedExemplar[];
}

export interface ArchivedExemplar {
  readonly node: string;
  readonly observation: string;
  readonly kind: 'example' | 'counter' | 'unsettled';
}

/** The nodes in the order of a file: by age, but never before their parents. */
export function inFileOrder(nodes: readonly TreeNode[]): readonly TreeNode[] {
  const byAge = nodes.toSorted((a, b) => a.revision - b.revision || (a.id < b.id ? -1 : 1));
  const ids = new Set(nodes.map((node) => node.id));
  const placed = new Set<string>();
  const ordered: TreeNode[] = [];
  const waiting = Map.groupBy(byAge, (node) => node.parent);
  const place = (first: TreeNode): void => {
    const stack = [first];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (placed.has(node.id)) continue;
      placed.add(node.id);
      ordered.push(node);
      // Children that came before their parent follow it at once.
      const early = (waiting.get(node.id) ?? []).filter((child) => skipped.has(child.id));
      stack.push(...early.toReversed());
    }
  };
  const skipped = new Set<string>();
  for (const node of byAge) {
    if (ids.has(node.parent) && !placed.has(node.parent)) skipped.add(node.id);
    else place(node);
  }
  return ordered;
}

/**
 * The node without what its exemplars said: the values that were seen become a number of them, and those in the recorded
 * answer give way to the names of their variables. Fixed texts and guards are the template itself.
 */
export function withoutContents(node: TreeNode): TreeNode {
  const { answer, evidence, template } = node;
  return {
    ...node,
    evidence: {
      ...evidence,
      // Types are made of values, too: without them the stricter bar holds.
      ...evenBars(evidence.required),
      types: [],
      seen: evidence.seen.map(forgetSeen),
    },
    answer: answer && { ...answer, message: neutralMessage(answer, template.leaves) },
  };
}

/** Which texts stand for values; the last is as short as a value can be. */
const STAND_INS: readonly ((name: string) => string)[] = [(name) => `{{${name}}}`, () => 'x'];

/** The recorded message with other values: only its formatting is ever used. */
function neutralMessage({ message }: AnswerForm, leaves: readonly LeafTemplate[]): string {
  const recorded = readMessage(message);
  if (recorded === undefined) return message;
  for (const standIn of STAND_INS) {
    const texts = recorded.leaves.map((leaf, index) =>
      neutralText(leaf, leaves[index] ?? [], standIn),
    );
    const neutral = rebuildMessage(message, recorded, texts);
    // A text that happens to be JSON would be read as another form.
    if (neutral !== undefined && readMessage(neutral)?.skeleton === recorded.skeleton)
      return neutral;
  }
  return message;
}

function neutralText(leaf: Leaf, segments: LeafTemplate, standIn: (name: string) => string) {
  const isFixed = segments.every((segment) => segment.kind === 'literal');
  if (!isFixed && leaf.kind === 'number') return '0';
  if (!isFixed && leaf.kind === 'constant') return 'null';
  return segments
    .map((segment) => (segment.kind === 'literal' ? segment.text : standIn(segment.name)))
    .join('');
}

function readMessage(json: string) {
  const parsed = parseJson(json);
  if (parsed.kind === 'fault') return undefined;
  const read = appendMessage({ messages: [], callIds: [] }, parsed.value);
  return read.kind === 'thread' ? read.thread.messages[0] : undefined;
}
