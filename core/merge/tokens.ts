/**
 * Cuts the leaves of a message into tokens for merging: words, punctuation, and values that show by their own form
 * that they are data (numbers, addresses, paths, …). Forms are generic ones; nothing here knows a system.
 */
import type { Leaf, Message } from '../messages/message.ts';

/**
 * `value`: data by its form. `id`: a word with digits in it (`blk_7`, `ssh2`), data only where it varies or where
 * the digits stand alone. `unit`: a unit of measure right after a number. `break`: the end of a leaf.
 */
export type TokenKind = 'word' | 'id' | 'value' | 'unit' | 'mark' | 'break';

export interface Token {
  readonly kind: TokenKind;
  /** The blanks before the token; members of one cluster may differ in them. */
  readonly before: string;
  readonly text: string;
  /** Equal for tokens that stand for the same thing: the text of a word, one sign for all values. */
  readonly key: string;
  readonly leaf: number;
}

/** Signs that no text contains, so that a key is never taken for a word. */
export const VALUE_KEY = '\u0000value';
export const SLOT_KEY = '\u0000slot';
const BREAK_KEY = '\u0000break';
/** Names of three parts or more (classes, actions, settings): texts of one kind, data where they vary. */
const QUALIFIED_KEY = '\u0000name';
const QUALIFIED_NAME = /^[\p{L}_][\w$-]*(?:\.[\p{L}_$][\w$-]*){2,}$/u;
const UNIT_KEY = '\u0000unit';

/** A chunk longer than this is one word: a form is told from its first characters, and blobs are not worth cutting. */
const CHUNK_CHARACTERS_MAX = 2048;

/** Structural punctuation: each is a token of its own. An apostrophe between letters and a colon in a value are not. */
const STRUCTURE = /[=,;()[\]{}<>"'|:]/;
const BLANKS = /\s+/y;
const UNITS = new Set(
  (
    'b kb mb gb tb kib mib gib tib byte bytes bit bits ns us ms msec s sec secs second seconds m min mins minute minutes ' +
    'h hr hrs hour hours day days hz khz mhz ghz % am pm v mv w kw c f rpm'
  ).split(' '),
);
/** Names of months and days are dates only beside a number. */
const CALENDAR =
  /^(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun)$/;

/**
 * Forms of values, tried in this order. Sticky and without nested repetition over the same characters: linear.
 * What follows must not continue the word (`END`).
 */
const FORMS: readonly RegExp[] = [
  /[a-zA-Z][a-zA-Z0-9+.-]{1,20}:\/\/[^\s"'<>()[\]{},;|]+/y,
  /[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}/y,
  /(?:[0-9a-fA-F]{0,4}:){3,8}[0-9a-fA-F]{1,4}/y,
  /[-+]?0[xX][0-9a-fA-F]+/y,
  /[<>~+-]?\/?\d+(?:[.:,/T-]\d+)+Z?/y,
  /[<>~+-]?\d+(?:[.]\d+)?(?:[eE][+-]?\d+)?/y,
  /[0-9a-fA-F]{6,}/y,
  /[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+/y,
  // Hosts with a port: three labels or more, or one label with a digit or a hyphen in it; `main.c:12` is none.
  /[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){2,}:\d+/y,
  /[A-Za-z][A-Za-z0-9-]*:\d{4,5}/y,
  /[A-Za-z0-9_.-]+\/\d+\.\d+\.\d+\.\d+(?::\d+)?/y,
  // Host names, package names, settings: three labels or more, all in lower case.
  /[a-z0-9_-]+(?:\.[a-z0-9_-]+){2,}/y,
];
/** A word of letters only that ends here, or a mark that begins no value. */
const PLAIN = /[\p{L}']+(?=[\s,;()[\]{}<>"|=!?*]|$)|[=,;()[\]}"|]/uy;
/** Paths: a root or a drive, or at least two separators. They may hold any character but blanks and quotes. */
const PATHS: readonly RegExp[] = [
  /(?:~|\.{1,2})?\/[^\s"'<>()[\]{},;:|=]*[^\s"'<>()[\]{},;:|=.]/y,
  /[A-Za-z]:\\[^\s"'<>()[\]{},;|=]*/y,
  /\\[^\s"'<>()[\]{},;|=\\]+\\[^\s"'<>()[\]{},;|=]*/y,
  /[\w.-]+(?:\/[\w.*-]+){2,}/y,
];
const GLUED_UNIT = /[a-zA-Z%]{1,7}/y;
const END = /[\p{L}\p{N}_]/u;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
/** Numbers in a word. A hyphen after a letter or digit is a separator (`node-7`), otherwise a sign (`blk_-7`). */
const DIGITS = /0[xX][0-9a-fA-F]+|(?<![\p{L}\p{N}])-?\d+(?:[.:]\d+)*|\d+(?:[.:]\d+)*/gu;

const NO_LEAVES: ReadonlySet<number> = new Set();

/** One literal token for each leaf: what is too long to be cut. */
export function wholeLeaves(message: Message): Token[] {
  return message.leaves.flatMap(wholeLeaf);
}

function wholeLeaf({ text }: Leaf, leaf: number): Token[] {
  return [
    { kind: 'mark', before: '', text, key: text, leaf },
    { kind: 'break', before: '', text: '', key: BREAK_KEY, leaf },
  ];
}

/** The tokens of all leaves, each leaf closed by a `break`; those in `whole` are one. Cost: linear in the characters. */
export function tokenize(message: Message, whole: ReadonlySet<number> = NO_LEAVES): Token[] {
  const tokens: Token[] = [];
  for (const [index, leaf] of message.leaves.entries()) {
    if (whole.has(index)) tokens.push(...wholeLeaf(leaf, index));
    else new LeafReader(leaf, index, tokens).read();
  }
  joinDates(tokens);
  return tokens;
}

class LeafReader {
  private offset = 0;
  private before = '';
  private readonly leaf: Leaf;
  private readonly index: number;
  private readonly tokens: Token[];

  constructor(leaf: Leaf, index: number, tokens: Token[]) {
    this.leaf = leaf;
    this.index = index;
    this.tokens = tokens;
  }

  read(): void {
    const { text } = this.leaf;
    if (this.leaf.kind === 'number') {
      this.push('value', text.length, VALUE_KEY);
    }
    while (this.offset < text.length) {
      BLANKS.lastIndex = this.offset;
      const blanks = BLANKS.exec(text)?.[0] ?? '';
      this.before += blanks;
      this.offset += blanks.length;
      if (this.offset < text.length) this.token();
    }
    this.push('break', 0, BREAK_KEY);
  }

  private token(): void {
    const value = this.valueLength();
    if (value > 0) {
      this.push('value', value, VALUE_KEY);
      return;
    }
    const { text } = this.leaf;
    const end = this.chunkEnd();
    const chunk = text.slice(this.offset, end);
    if (!LETTER_OR_DIGIT.test(chunk)) {
      this.push('mark', chunk.length || 1);
      return;
    }
    const lead = chunk.search(/[\p{L}\p{N}_]/u);
    if (lead > 0) {
      this.push('mark', lead);
      return;
    }
    const length = wordLength(chunk);
    const word = chunk.slice(0, length);
    if (this.isUnit(word)) {
      this.push('unit', length, UNIT_KEY);
      return;
    }
    if (QUALIFIED_NAME.test(word)) {
      this.push('word', length, QUALIFIED_KEY);
      return;
    }
    const pattern = word.replace(DIGITS, '#');
    if (pattern === word) this.push('word', length);
    else this.push('id', length, `${SLOT_KEY}${pattern}`);
  }

  /** The length of the value that starts here, or 0. */
  private valueLength(): number {
    const { text } = this.leaf;
    // Most tokens are plain words and marks: a glance tells that they have none of the forms.
    PLAIN.lastIndex = this.offset;
    const plain = PLAIN.exec(text)?.[0];
    if (plain !== undefined) return /^(?:true|false)$/i.test(plain) ? plain.length : 0;
    const path = longest(PATHS, text, this.offset);
    const form = longest(FORMS, text, this.offset);
    let end = this.offset + form;
    if (form > 0 && /\d$/.test(text.slice(end - 1, end))) end += gluedUnit(text, end);
    if (
      form === 0 ||
      END.test(text.charAt(end)) ||
      !this.isValue(text.slice(this.offset, end), end)
    ) {
      end = this.offset;
    }
    const pathEnd = this.offset + path;
    if (path > 1 && pathEnd > end) return path + sentenceDot(text, pathEnd);
    return end - this.offset;
  }

  private isValue(value: string, end: number): boolean {
    const { text } = this.leaf;
    // `<1 sec` is a comparison, `<1>` is a number in brackets.
    if (value.startsWith('<') && text.charAt(end) === '>') return false;
    // `node-7:9000` is a host with a port, `size:9000` is not.
    if (/^[A-Za-z]+:/.test(value) && !value.includes('/')) return false;
    // A word of hexadecimal letters only is a word.
    if (/^[a-fA-F]+$/.test(value)) return false;
    // `update.....0`, `node-7`: the rest of a word, not a value of its own.
    if (text.charAt(end) === '-' || text.charAt(end) === '.' || text.charAt(end) === '@') {
      return !LETTER_OR_DIGIT.test(text.charAt(end + 1));
    }
    return true;
  }

  private chunkEnd(): number {
    const { text } = this.leaf;
    const limit = Math.min(text.length, this.offset + CHUNK_CHARACTERS_MAX);
    let end = this.offset;
    for (; end < limit; end++) {
      const character = text.charAt(end);
      if (/\s/.test(character)) break;
      if (!STRUCTURE.test(character)) continue;
      const inner =
        character === "'" &&
        LETTER_OR_DIGIT.test(text.charAt(end - 1)) &&
        LETTER_OR_DIGIT.test(text.charAt(end + 1));
      if (!inner || end === this.offset) break;
    }
    return end === this.offset ? end + 1 : end;
  }

  private isUnit(word: string): boolean {
    const last = this.tokens.at(-1);
    if (last?.kind !== 'value' || last.leaf !== this.index || !/\d$/.test(last.text)) return false;
    return UNITS.has(word.toLowerCase()) || CALENDAR.test(word);
  }

  private push(kind: TokenKind, length: number, key?: string): void {
    const text = this.leaf.text.slice(this.offset, this.offset + length);
    const { before } = this;
    this.tokens.push({ kind, before, text, key: key ?? text, leaf: this.index });
    this.offset += length;
    this.before = '';
  }
}

function longest(forms: readonly RegExp[], text: string, offset: number): number {
  let length = 0;
  for (const form of forms) {
    form.lastIndex = offset;
    length = Math.max(length, form.exec(text)?.[0].length ?? 0);
  }
  return length;
}

function gluedUnit(text: string, offset: number): number {
  GLUED_UNIT.lastIndex = offset;
  const unit = GLUED_UNIT.exec(text)?.[0] ?? '';
  return UNITS.has(unit.toLowerCase()) ? unit.length : 0;
}

/** The dot after a path belongs to it unless it ends a sentence: the end of the text, or a capital follows. */
function sentenceDot(text: string, offset: number): number {
  return text.charAt(offset) === '.' && /^\s+\p{Ll}/u.test(text.slice(offset + 1, offset + 8))
    ? 1
    : 0;
}

/** A word without the dots and marks that end a sentence. */
function wordLength(chunk: string): number {
  return chunk.replace(/[.!?]+$/, '').length || chunk.length;
}

/** `Jun`, `Wed`: a name of a month or day, short and with a capital. */
export function isCalendarName(text: string): boolean {
  return CALENDAR.test(text);
}

/** Names of days and months before a number are part of a date. */
function joinDates(tokens: Token[]): void {
  for (let index = tokens.length - 2; index >= 0; index--) {
    const token = tokens[index];
    if (token?.kind !== 'word' || !CALENDAR.test(token.text)) continue;
    const next = tokens[index + 1];
    if (next?.kind === 'value' && (/^\d/.test(next.text) || CALENDAR.test(next.text))) {
      tokens[index] = { ...token, kind: 'value', key: VALUE_KEY };
    }
  }
}
