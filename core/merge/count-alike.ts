/** Whether a merge may be worth it: a cheap look at how many earlier siblings a new one reads like. */
import type { Exchange } from '../induction/exchange.ts';
import { alikeRows, joinMessages } from './turn-rows.ts';

/** How many of `others` read like `own`, by the judge that a merge clusters with. Linear in their characters. */
export function countAlike(own: Exchange, others: readonly Exchange[]): number {
  const messages = [own, ...others].map(({ thread }) => joinMessages(thread.messages));
  const row = alikeRows(messages).find(({ lines }) => lines.some(({ index }) => index === 0));
  return row === undefined ? 0 : row.lines.length - 1;
}
