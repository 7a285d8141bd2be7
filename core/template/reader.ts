/**
 * A matcher as an automaton: the automaton of its kind, the digits met, and the word under way. A state
 * is one number, so that parsing can tell equal states apart from different ones at once.
 */
import { automatonOf } from './kinds.ts';
import { DEAD } from './automaton.ts';
import { classAt, CLASS_COUNT, CLASSES, OTHER_CLASS } from './characters.ts';
import type { Matcher } from './matcher.ts';
import { WordTrie } from './word-trie.ts';

export interface Reader {
  readonly start: number;
  /** The state after the unit at `offset`, or a negative number where no value goes on so. Cost: constant. */
  step(state: number, text: string, offset: number): number;
  /** Whether a value may end in the state. */
  mayEnd(state: number): boolean;
}

/** The reader of a matcher; kept as long as the matcher itself. */
export function readerOf(matcher: Matcher): Reader {
  const known = readers.get(matcher);
  if (known !== undefined) return known;
  const reader = matcher.kind === 'one-of' ? new ValuesReader(matcher) : new KindReader(matcher);
  readers.set(matcher, reader);
  return reader;
}

const readers = new WeakMap<Matcher, Reader>();

const DIGIT_BIT = 1 << 10;
const WORD_SHIFT = 11;
/** The word under way is no structure word, however it goes on. */
const NO_WORD = (1 << 19) - 1;

const IS_WORD_UNIT = new Uint8Array(CLASS_COUNT);
for (const unit of CLASSES.alphanumeric) IS_WORD_UNIT[unit] = 1;

class KindReader implements Reader {
  readonly start = 0;
  private readonly next: Int16Array;
  private readonly accepting: Uint8Array;
  private readonly digits: boolean | undefined;
  private readonly excludes: string;
  private readonly structure: WordTrie | undefined;

  constructor(matcher: Matcher) {
    const automaton = automatonOf(matcher.kind === 'one-of' ? 'text' : matcher.kind);
    this.next = automaton.next;
    this.accepting = automaton.accepting;
    this.digits = matcher.digits;
    this.excludes = matcher.excludes ?? '';
    const words = matcher.structure ?? [];
    this.structure = words.length === 0 ? undefined : new WordTrie(words.map(foldCase));
  }

  step(state: number, text: string, offset: number): number {
    const unit = classAt(text, offset);
    const kind = this.next[(state & (DIGIT_BIT - 1)) * CLASS_COUNT + unit] ?? DEAD;
    if (kind === DEAD) return DEAD;
    if (this.excludes !== '' && this.excludes.includes(text.charAt(offset))) return DEAD;
    let digit = state & DIGIT_BIT;
    if (this.digits !== undefined && unit >= 48 && unit <= 57) {
      if (!this.digits) return DEAD;
      digit = DIGIT_BIT;
    }
    if (this.structure === undefined) return kind | digit;
    const character = IS_WORD_UNIT[unit] === 1 ? characterAt(text, offset) : '';
    const word =
      unit === OTHER_CLASS.high
        ? state >> WORD_SHIFT
        : nextWord(this.structure, state >> WORD_SHIFT, character);
    return word < 0 ? DEAD : kind | digit | (word << WORD_SHIFT);
  }

  mayEnd(state: number): boolean {
    if (this.accepting[state & (DIGIT_BIT - 1)] !== 1) return false;
    if (this.digits === true && (state & DIGIT_BIT) === 0) return false;
    return this.structure?.isWord(state >> WORD_SHIFT) !== true;
  }
}

/** The node of the trie after one more character, '' for one of no word; negative where a structure word has ended. */
function nextWord(trie: WordTrie, node: number, character: string): number {
  if (character === '') return trie.isWord(node) ? DEAD : 0;
  let at = node;
  const folded = foldCase(character);
  for (let index = 0; index < folded.length && at !== NO_WORD; index++) {
    const next = trie.next(at, folded.charCodeAt(index));
    at = next < 0 ? NO_WORD : next;
  }
  return at;
}

/** The character that ends with the unit at `offset`. */
function characterAt(text: string, offset: number): string {
  const isSecond = (text.charCodeAt(offset) & 0xfc00) === 0xdc00 && offset > 0;
  return isSecond ? text.slice(offset - 1, offset + 1) : text.charAt(offset);
}

/** Lower case, character by character: what a sigma becomes must not depend on its neighbours. */
function foldCase(text: string): string {
  let folded = '';
  for (const character of text) folded += character === 'ς' ? 'σ' : character.toLowerCase();
  return folded;
}

class ValuesReader implements Reader {
  readonly start = 0;
  private readonly values: WordTrie;
  private readonly matcher: KindReader;

  /** Of the values only those count that the other conditions allow. */
  constructor(matcher: Matcher) {
    this.matcher = new KindReader(matcher);
    this.values = new WordTrie((matcher.values ?? []).filter((value) => this.allows(value)));
  }

  step(state: number, text: string, offset: number): number {
    return this.values.next(state, text.charCodeAt(offset));
  }

  mayEnd(state: number): boolean {
    return this.values.isWord(state);
  }

  private allows(value: string): boolean {
    let state = this.matcher.start;
    for (let offset = 0; offset < value.length && state >= 0; offset++) {
      state = this.matcher.step(state, value, offset);
    }
    return state >= 0 && this.matcher.mayEnd(state);
  }
}
