/** A text beside the template that comes nearest to it, cut into what both say, what variables take, and what differs. */
import { diffArrays } from 'diff';
import type { LeafTemplate } from '../../core/template/template.ts';
import type { Compared, ComparedPart } from './contract/requests.ts';

/** Longer texts are compared up to here: enough to see where they part. */
const CHARACTERS_MAX = 2000;
/** Texts that have less in common than this leaves are not near. */
const EDITS_MAX = 400;
/** Words, blanks, and signs one by one. */
const TOKENS = /[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu;

interface Token {
  readonly text: string;
  /** Of the template: its text is the name. */
  readonly isVariable: boolean;
}

/** `wrong`: a variable whose value is none that it takes. Shape: the parts of each side, put together, are that side. */
export function compareLeaf(pattern: LeafTemplate, text: string, wrong?: string): Compared {
  const expected = pattern.flatMap((segment): readonly Token[] =>
    segment.kind === 'literal'
      ? tokensOf(segment.text)
      : [{ text: segment.name, isVariable: true }],
  );
  const found = tokensOf(text.slice(0, CHARACTERS_MAX));
  const changes = diffArrays([...expected], [...found], {
    maxEditLength: EDITS_MAX,
    comparator: (a, b) => !a.isVariable && a.text === b.text,
  });
  const template: ComparedPart[] = [];
  const message: ComparedPart[] = [];
  if (changes === undefined) {
    addText(template, expected, 'differs');
    addText(message, found, 'differs');
    return { template, message };
  }
  let missing: readonly Token[] = [];
  for (const { added, removed, value } of changes) {
    if (removed) {
      missing = value;
      addText(template, value, 'differs');
    } else if (added) {
      const [only, ...others] = missing.filter(({ isVariable }) => isVariable);
      const isValue = only !== undefined && others.length === 0 && missing.length === 1;
      if (isValue && only.text !== wrong) {
        message.push({ text: textOf(value), mark: 'value', variable: only.text });
      } else addText(message, value, 'differs');
      missing = [];
    } else {
      missing = [];
      addText(template, value, 'same');
      addText(message, value, 'same');
    }
  }
  return { template, message };
}

function addText(parts: ComparedPart[], tokens: readonly Token[], mark: 'same' | 'differs'): void {
  for (const { text, isVariable } of tokens) {
    const last = parts.at(-1);
    if (isVariable) parts.push({ text, mark: 'variable', variable: text });
    else if (last?.mark === mark) parts[parts.length - 1] = { text: last.text + text, mark };
    else parts.push({ text, mark });
  }
}

function tokensOf(text: string): readonly Token[] {
  return (text.match(TOKENS) ?? []).map((token) => ({ text: token, isVariable: false }));
}

function textOf(tokens: readonly Token[]): string {
  return tokens.map(({ text }) => text).join('');
}
