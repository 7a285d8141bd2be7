/** People, places, organisations and amounts of money in running text, found by compromise. */
import nlp from 'compromise';
import type { TextProposal } from '../../core/induction/proposal.ts';

interface Match {
  readonly text: string;
  readonly offset?: { readonly start: number; readonly length: number };
}

interface Matches {
  json(options: object): unknown;
}

/** What compromise includes of the sentence around a noun, and a genitive. */
const TRAILING = /(?:['’]s|[\s.,;:!?)\]}"”'’])+$/u;
const LEADING = /^[\s([{"“'‘]+/u;

/** Cost: about 15 ms for 1 KB, and it grows with the text: callers bound it. */
export function findNouns(text: string): TextProposal[] {
  const document = nlp(text);
  const of = (label: string, kind: TextProposal['kind'], matches: Matches): TextProposal[] =>
    (matches.json({ offset: true, terms: false }) as readonly Match[]).flatMap((match) =>
      placed(text, match)
        .filter(({ start, end }) => kind === 'number' || isLikely(label, text.slice(start, end)))
        .map((place) => ({ ...place, kind, label })),
    );
  return [
    ...of('person', 'name', document.people()),
    ...of('place', 'name', document.places()),
    ...of('organisation', 'name', document.organizations()),
    ...of('amount', 'number', document.match('#Money+')).flatMap((found) => digitsOf(text, found)),
  ];
}

/** The dictionary of places holds short words of other languages; a name in lower case has to be longer. */
const LOWER_CHARACTERS_MIN = 5;

function isLikely(label: string, value: string): boolean {
  if (/\p{Lu}/u.test(value)) return true;
  return label === 'place' && value.length >= LOWER_CHARACTERS_MIN;
}

function placed(text: string, { offset }: Match): { start: number; end: number }[] {
  if (offset === undefined) return [];
  const whole = text.slice(offset.start, offset.start + offset.length);
  // "Finance department": the word in lower case says what it is.
  const found = /^\P{L}*\p{Lu}/u.test(whole) ? whole.replace(/(?: \p{Ll}[\p{L}-]*)+$/u, '') : whole;
  const end = offset.start + found.replace(TRAILING, '').length;
  const start = offset.start + (LEADING.exec(found)?.[0].length ?? 0);
  return start < end ? [{ start, end }] : [];
}

/** The digits alone: the sign of a currency is part of the wording, and sums are made of numbers. */
function digitsOf(text: string, found: TextProposal): TextProposal[] {
  const digits = /\d+(?:[.,]\d+)*/.exec(text.slice(found.start, found.end));
  if (digits === null) return [];
  const start = found.start + digits.index;
  return [{ ...found, start, end: start + digits[0].length }];
}
