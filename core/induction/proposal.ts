/** What recogniser libraries hand to core: places and kinds, plain data that core checks and may ignore. */
import type { MatcherKind } from '../template/kinds.ts';

/** A stretch of one text. */
export interface TextProposal {
  /** UTF-16 offsets [start, end). */
  readonly start: number;
  readonly end: number;
  /** What the value is thought to be; core's own matcher has the last word. */
  readonly kind: MatcherKind;
  /** What it is called: `person`, `city`, `price`, the header of a table's column. */
  readonly label?: string;
  /** Whether markup, a table cell or a fence bounds it, so that its value may be of any words. */
  readonly delimited?: true;
}

/** A stretch of one leaf of one message. */
export interface Proposal extends TextProposal {
  readonly message: number;
  readonly leaf: number;
}
