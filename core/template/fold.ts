/**
 * Folding: texts that differ only in blanks, or also in typographic punctuation, are compared as equal
 * where a template says so. Values are always taken from the text as it was written.
 */

/**
 * `blanks`: every run of white space counts as one blank. `punctuation`: that, and typographic quotes,
 * apostrophes and dashes count as their plain forms.
 */
export type Folding = 'blanks' | 'punctuation';

export function isFolding(value: unknown): value is Folding {
  return value === 'blanks' || value === 'punctuation';
}

export interface FoldedText {
  readonly text: string;
  /** The stretch as it was written; offsets are those of the folded text. */
  original(start: number, end: number): string;
}

const PLAIN: ReadonlyMap<string, string> = new Map([
  ...Array.from('‘’‚‛′ʼ', (character) => [character, "'"] as const),
  ...Array.from('“”„‟″«»', (character) => [character, '"'] as const),
  ...Array.from('‐‑‒–—−', (character) => [character, '-'] as const),
]);
const BLANK = /^\s$/;

/** Cost: one pass. Each folded unit stands for one unit or for a run of blanks. */
export function foldText(text: string, folding: Folding): FoldedText {
  const starts: number[] = [];
  let folded = '';
  let wasBlank = false;
  for (let offset = 0; offset < text.length; offset++) {
    const character = text.charAt(offset);
    const isBlank = BLANK.test(character);
    // Not read off what is folded so far: that would be built anew for each blank.
    if (isBlank && wasBlank) continue;
    wasBlank = isBlank;
    starts.push(offset);
    folded += isBlank
      ? ' '
      : folding === 'punctuation'
        ? (PLAIN.get(character) ?? character)
        : character;
  }
  return {
    text: folded,
    original: (start, end) => text.slice(starts[start] ?? text.length, starts[end] ?? text.length),
  };
}

/** The folded text alone. */
export function fold(text: string, folding: Folding): string {
  return foldText(text, folding).text;
}
