/**
 * How every template of a workload fares if none is ever served: its fresh predictions up to the first wrong one, apart for
 * values that fit their types better and worse.
 */
import type { RiskClass } from '../../core/trust/risk.ts';
import { parseJson } from '../../core/json/json.ts';
import { readChatRequest } from '../../core/messages/request.ts';
import { MemoryInducer } from '../../tests/support/memory-inducer.ts';
import { recordedMessage, type ReplayRow } from '../rows.ts';

export interface History {
  readonly behaviour: string;
  readonly classes: readonly RiskClass[];
  /** How often it was right before it was wrong, or before the workload ended. */
  right: number;
  wrong: boolean;
}

/** Nothing fits a budget of nought: every call is forwarded and learned from. */
const OBSERVE = 0;

export function historiesOf(rows: readonly ReplayRow[]): History[] {
  const inducer = new MemoryInducer(OBSERVE);
  const histories = new Map<string, History>();
  const behaviours = new Map<string, string>();
  for (const row of rows) {
    const parsed = parseJson(JSON.stringify(row.request));
    const read = parsed.kind === 'json' ? readChatRequest(parsed.value) : undefined;
    if (read?.kind !== 'request') continue;
    const answer: unknown = JSON.parse(recordedMessage(row));
    const lesson = inducer.teach(read.request, row.request.messages, answer, []);
    for (const node of lesson.nodes) {
      const { classes } = node.evidence;
      if (node.answer === undefined || classes.length === 0) continue;
      behaviours.set(node.id, row.behaviour ?? '');
    }
    for (const { node, classes, isRight } of lesson.verdicts) {
      const behaviour = behaviours.get(node);
      if (behaviour === undefined) continue;
      const key = [node, ...classes].join(' ');
      const history = histories.get(key) ?? { behaviour, classes, right: 0, wrong: false };
      histories.set(key, history);
      if (history.wrong) continue;
      if (isRight) history.right++;
      else history.wrong = true;
    }
  }
  return [...histories.values()];
}
