/**
 * All recogniser libraries over the texts of one exchange. They only propose places and kinds (DESIGN
 * §11.19); a library that fails proposes nothing, since induction goes on without it.
 */
import type { Proposal, TextProposal } from '../../core/induction/proposal.ts';
import type { Message } from '../../core/messages/message.ts';
import { findCodes } from './codes.ts';
import { findDates } from './dates.ts';
import { findLinks } from './links.ts';
import { findMarkdown } from './markdown.ts';
import { findMarkup } from './markup.ts';
import { findNouns } from './nouns.ts';
import { findPhones } from './phones.ts';

interface Recogniser {
  readonly find: (text: string) => TextProposal[];
  /** Longer texts are read by core's own recognisers only: the cost of these grows with the text. */
  readonly charactersMax: number;
}

/** Bounds from what 1 KB and 30 KB, and the worst text found, cost on two busy cores: docs/recognisers.md. */
const RECOGNISERS: readonly Recogniser[] = [
  { find: findLinks, charactersMax: 32_768 },
  { find: findCodes, charactersMax: 32_768 },
  { find: findMarkup, charactersMax: 32_768 },
  { find: findMarkdown, charactersMax: 32_768 },
  { find: findDates, charactersMax: 8192 },
  { find: findPhones, charactersMax: 8192 },
  { find: findNouns, charactersMax: 4096 },
];
/** Characters of all texts of one exchange that the libraries read. */
const TOTAL_CHARACTERS_MAX = 65_536;

/** What the libraries find in one text. Errors: none. */
export function proposeIn(text: string): TextProposal[] {
  return RECOGNISERS.flatMap(({ find, charactersMax }) =>
    text.length > charactersMax ? [] : attempt(find, text),
  );
}

/** What the libraries find in the messages from `from` on. Cost: bounded; about 60 ms at the most. */
export function proposeSpans(messages: readonly Message[], from: number): Proposal[] {
  let left = TOTAL_CHARACTERS_MAX;
  const proposals: Proposal[] = [];
  for (const [index, message] of messages.entries()) {
    if (index < from) continue;
    for (const [leafIndex, leaf] of message.leaves.entries()) {
      if (leaf.kind === 'number' || leaf.kind === 'constant' || leaf.text.length > left) continue;
      left -= leaf.text.length;
      const found = proposeIn(leaf.text);
      proposals.push(...found.map((place) => ({ ...place, message: index, leaf: leafIndex })));
    }
  }
  return proposals;
}

function attempt(find: (text: string) => TextProposal[], text: string): TextProposal[] {
  try {
    return find(text);
  } catch {
    return [];
  }
}
