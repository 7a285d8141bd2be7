/** The kinds of values that variables take, each a regular language of its own, compiled when first used. */
import {
  compile,
  DEAD,
  either,
  one,
  optional,
  repeat,
  sequence,
  some,
  times,
  type Automaton,
  type Language,
} from './automaton.ts';
import { ascii, CLASS_COUNT, CLASSES, OTHER_CLASS, without } from './characters.ts';

/**
 * `text`: anything. `line`: no line break, no blank at either end. `name`: one to three capitalised words.
 * `word`: one token without blanks that begins and ends with a letter or digit. `integer`, `number`: as JSON
 * writes them, without exponent. `date`: a calendar day in ISO, numeric or English form. `time`: of day.
 * `datetime`: both, in ISO form. `scalar`: a JSON number, `true`, `false` or `null`. The others say what they are.
 * Kinds of noise besides `datetime` and `uuid` (DESIGN §11.4): `hex`: an id of six hexadecimal digits or more, in one
 * case. `separator`: one sign three times or more. `markup`: one tag or comment.
 */
export const MATCHER_KINDS = [
  'text',
  'line',
  'name',
  'word',
  'integer',
  'number',
  'email',
  'url',
  'date',
  'time',
  'datetime',
  'uuid',
  'phone',
  'scalar',
  'hex',
  'separator',
  'markup',
] as const;

export type MatcherKind = (typeof MATCHER_KINDS)[number];

/** The automaton of a kind. */
export function automatonOf(kind: MatcherKind): Automaton {
  const known = automata.get(kind);
  if (known !== undefined) return known;
  const automaton = compile(LANGUAGES[kind]);
  automata.set(kind, automaton);
  return automaton;
}

const automata = new Map<MatcherKind, Automaton>();

/** Whether every value of kind `inner` is one of kind `outer`. */
export function isKindWithin(inner: MatcherKind, outer: MatcherKind): boolean {
  if (inner === outer || outer === 'text') return true;
  const automaton = automatonOf(outer);
  const ends = statesAfter(inner, outer, automaton.start);
  return ends?.every((state) => automaton.accepting[state] === 1) === true;
}

/** Whether some value of the kind holds a character of the class: all states of a compiled kind lead to a value. */
export function mayHold(kind: MatcherKind, unit: number): boolean {
  const { next } = automatonOf(kind);
  for (let at = unit; at < next.length; at += CLASS_COUNT) if (next[at] !== DEAD) return true;
  return false;
}

/**
 * The states in which the automaton of `outer` may be once it has read, from `state` on, any value of kind
 * `inner`; undefined where some value leads nowhere. Cost: the product of both automata, once.
 */
export function statesAfter(
  inner: MatcherKind,
  outer: MatcherKind,
  state: number,
): readonly number[] | undefined {
  const key = `${inner} ${outer} ${String(state)}`;
  if (!ends.has(key)) ends.set(key, readSideBySide(automatonOf(inner), automatonOf(outer), state));
  return ends.get(key);
}

const ends = new Map<string, readonly number[] | undefined>();

function readSideBySide(
  inner: Automaton,
  outer: Automaton,
  from: number,
): readonly number[] | undefined {
  const pairs: [number, number][] = [[inner.start, from]];
  const seen = new Set([`${String(inner.start)} ${String(from)}`]);
  const reached = new Set<number>();
  for (const [a, b] of pairs) {
    if (inner.accepting[a] === 1) reached.add(b);
    for (let unit = 0; unit < CLASS_COUNT; unit++) {
      const nextA = inner.next[a * CLASS_COUNT + unit] ?? DEAD;
      if (nextA === DEAD) continue;
      const nextB = outer.next[b * CLASS_COUNT + unit] ?? DEAD;
      // Every state of a compiled kind leads to an accepting one: some value leads nowhere.
      if (nextB === DEAD) return undefined;
      const key = `${String(nextA)} ${String(nextB)}`;
      if (!seen.has(key)) pairs.push([nextA, nextB]);
      seen.add(key);
    }
  }
  return [...reached];
}

const digit = one(CLASSES.digit);
const digits = some(digit);

function oneOf(characters: string): Language {
  return one(ascii(characters));
}

function exactly(text: string): Language {
  return sequence(...Array.from(text, oneOf));
}

/** Each word in lower case, in upper case, and with a capital. */
function wordsInAnyCase(...words: readonly string[]): Language {
  return either(
    ...words.flatMap((word) => [
      exactly(word),
      exactly(word.toUpperCase()),
      exactly(word.charAt(0).toUpperCase() + word.slice(1)),
    ]),
  );
}

const integer = either(
  oneOf('0'),
  sequence(optional(oneOf('-')), oneOf('123456789'), repeat(digit)),
);
const number = sequence(
  optional(oneOf('-')),
  either(oneOf('0'), sequence(oneOf('123456789'), repeat(digit))),
  optional(sequence(oneOf('.'), digits)),
);

const day = either(oneOf('123456789'), sequence(oneOf('012'), digit), exactly('30'), exactly('31'));
const twoDigitDay = either(
  sequence(oneOf('0'), oneOf('123456789')),
  sequence(oneOf('12'), digit),
  exactly('30'),
  exactly('31'),
);
const twoDigitMonth = either(
  sequence(oneOf('0'), oneOf('123456789')),
  sequence(oneOf('1'), oneOf('012')),
);
const year = times(digit, 4, 4);
const isoDate = sequence(year, oneOf('-'), twoDigitMonth, oneOf('-'), twoDigitDay);
const numericDate = (separator: string): Language =>
  sequence(day, exactly(separator), day, exactly(separator), either(year, sequence(digit, digit)));
const month = sequence(
  either(
    wordsInAnyCase('january', 'february', 'march', 'april', 'may', 'june', 'july', 'august'),
    wordsInAnyCase('september', 'october', 'november', 'december'),
    wordsInAnyCase(
      'jan',
      'feb',
      'mar',
      'apr',
      'jun',
      'jul',
      'aug',
      'sep',
      'sept',
      'oct',
      'nov',
      'dec',
    ),
  ),
  optional(oneOf('.')),
);
const dayOrdinal = sequence(
  day,
  optional(either(exactly('st'), exactly('nd'), exactly('rd'), exactly('th'))),
);
const comma = sequence(optional(oneOf(',')), oneOf(' '));
const writtenDate = either(
  sequence(month, oneOf(' '), dayOrdinal, optional(sequence(comma, year))),
  sequence(
    dayOrdinal,
    oneOf(' '),
    optional(exactly('of ')),
    month,
    optional(sequence(comma, year)),
  ),
);

const hour = either(digit, sequence(oneOf('01'), digit), sequence(oneOf('2'), oneOf('0123')));
const sixty = sequence(oneOf('012345'), digit);
const seconds = sequence(oneOf(':'), sixty, optional(sequence(oneOf('.,'), times(digit, 1, 9))));
const noon = either(wordsInAnyCase('am', 'pm'), exactly('a.m.'), exactly('p.m.'));
const time = either(
  sequence(
    hour,
    oneOf(':'),
    sixty,
    optional(seconds),
    optional(sequence(optional(oneOf(' ')), noon)),
  ),
  sequence(hour, optional(oneOf(' ')), noon),
);
const zone = either(
  oneOf('Zz'),
  sequence(oneOf('+-'), hour, optional(sequence(optional(oneOf(':')), sixty))),
);
const datetime = sequence(
  isoDate,
  oneOf('Tt '),
  hour,
  oneOf(':'),
  sixty,
  optional(seconds),
  optional(sequence(optional(oneOf(' ')), zone)),
);

const nameWord = sequence(
  one(CLASSES.upper),
  repeat(one(CLASSES.wordUnit)),
  repeat(sequence(one([...ascii("'.-"), OTHER_CLASS.apostrophe]), some(one(CLASSES.wordUnit)))),
);
const domainLabel = some(one([...CLASSES.alphanumeric, ...ascii('-')]));
const email = sequence(
  some(one([...CLASSES.alphanumeric, ...ascii('._%+-')])),
  oneOf('@'),
  domainLabel,
  some(sequence(oneOf('.'), domainLabel)),
);
const inUrl = without(CLASSES.visible, ascii('<>"`{}|\\^'));
const url = sequence(
  either(exactly('http'), exactly('https'), exactly('ftp'), exactly('ws'), exactly('wss')),
  exactly('://'),
  repeat(one(inUrl)),
  // What follows a URL in a sentence is not part of it.
  one(without(inUrl, ascii('.,;:!?\'")]'))),
);
const hex = one(CLASSES.hex);
const uuid = sequence(
  times(hex, 8, 8),
  ...[4, 4, 4, 12].map((length) => sequence(oneOf('-'), times(hex, length, length))),
);
const phone = sequence(
  optional(oneOf('+')),
  optional(oneOf('(')),
  digit,
  times(sequence(repeat(oneOf(' ().-/')), digit), 6, 14),
);

const hexId = either(
  times(one(without(CLASSES.hex, ascii('ABCDEF'))), 6, 128),
  times(one(without(CLASSES.hex, ascii('abcdef'))), 6, 128),
);
const separator = either(
  ...Array.from('-=*#_~+.', (sign) => sequence(times(oneOf(sign), 3, 3), repeat(oneOf(sign)))),
);
const inTag = one(without([...CLASSES.visible, ...CLASSES.blank], ascii('<>')));
const markup = sequence(
  oneOf('<'),
  one(without(CLASSES.visible, ascii('<>'))),
  repeat(inTag),
  oneOf('>'),
);

const visible = one(CLASSES.visible);
const wordEnd = one(CLASSES.alphanumeric);

const LANGUAGES: Readonly<Record<MatcherKind, Language>> = {
  text: some(one(CLASSES.any)),
  line: sequence(visible, repeat(sequence(repeat(one(CLASSES.blank)), visible))),
  name: sequence(nameWord, times(sequence(oneOf(' '), nameWord), 0, 2)),
  word: sequence(wordEnd, optional(sequence(repeat(visible), wordEnd))),
  integer,
  number,
  email,
  url,
  date: either(isoDate, numericDate('/'), numericDate('.'), numericDate('-'), writtenDate),
  time,
  datetime,
  uuid,
  phone,
  scalar: either(number, exactly('true'), exactly('false'), exactly('null')),
  hex: hexId,
  separator,
  markup,
};
