/**
 * What is special about a value: what a function would change that gives other values back as they are. As long as no
 * value with a trait was confirmed, a copy cannot be told from such functions (sorted, in lower case, without the
 * sign, escaped, in groups of digits …), so that the value is not served.
 */
import type { Bindings, LeafTemplate, MessageTemplate } from '../template/template.ts';

/** What the words around a copy turn on. */
interface Place {
  /** "a {{thing}}": an hour, a user. */
  readonly isBehindArticle: boolean;
  /** "{{count}} items": 1 item. */
  readonly isBeforeWord: boolean;
  /** "{{name}}'s", "{{verb}}ed": how English writes that turns on the value's end. */
  readonly isBeforeEnding: boolean;
  /** A field of JSON or an argument of a tool: its signs need no escapes of ours and mean nothing to what stands around. */
  readonly isField: boolean;
}

/** What each separator holds. */
const IN_LIST = /[,;|\n]|\sand\s/;
const LIST_SEPARATOR = /\s*[,;|\n]\s*|\s+and\s+/;
/** Neither letters, marks, digits nor single blanks, nor hyphens within words. */
const SIGNS = /(?![\p{L}\p{M}\p{N} ])(?!(?<=\p{L})-\p{L})./gsu;
const BETWEEN_ITEMS = /^(?:\s*[,;|\n]\s*(?:and\s+)?|\s+and\s+)$/;
const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;

/**
 * Whether one value stands twice where the answer makes a list of variables, or is the text of two variables that it
 * copies: "from Ann to Ann". No value of its own shows what becomes of it.
 */
export function hasRepeats(
  { leaves }: MessageTemplate,
  bindings: Bindings,
  copied: readonly string[],
): boolean {
  // Text → the variable that has it.
  const texts = new Map<string, string>();
  const isAnothers = (text: string, name: string, known: Map<string, string>): boolean => {
    const owner = known.get(text) ?? name;
    known.set(text, owner);
    return owner !== name;
  };
  return leaves.some((leaf) => {
    let list = new Map<string, string>();
    return leaf.some((segment) => {
      if (segment.kind === 'literal') {
        if (!BETWEEN_ITEMS.test(segment.text)) list = new Map();
        return false;
      }
      const { name } = segment;
      const value = bindings.get(name)?.toLowerCase() ?? '';
      const isInList = itemsOf(value).some((item) => isAnothers(item, name, list));
      return isInList || (copied.includes(name) && value !== '' && isAnothers(value, name, texts));
    });
  });
}

/** "1 hours", "0 left": how a number is said of nothing, or of one, is hardly ever how it is said of many. */
const ONE_OR_NONE = /(?<![\p{L}\p{N}.,:/-])(?:1 \p{Ll}+s|0 \p{L}+)(?![\p{L}\p{N}])/u;
/** Stands for a value that is not computed. */
const COPY = '\uFFFC';

/** Whether a text of the answer says a computed one or none as it says many. */
export function countsOneAsMany(
  { leaves, skeleton }: MessageTemplate,
  bindings: Bindings,
  computed: ReadonlySet<string>,
): boolean {
  if (computed.size === 0 || isWrittenAsFields(skeleton)) return false;
  return leaves.some((leaf) => {
    const textWith = (valueOf: (name: string) => string): string =>
      leaf.map((part) => (part.kind === 'literal' ? part.text : valueOf(part.name))).join('');
    // The expression takes longer than both searches, which most texts end.
    const isOdd = (text: string): boolean =>
      (text.includes('0') || text.includes('1')) && ONE_OR_NONE.test(text);
    return (
      isOdd(textWith((name) => (computed.has(name) ? (bindings.get(name) ?? '') : COPY))) &&
      !isOdd(textWith(() => COPY))
    );
  });
}

/**
 * Whether every trait of the value was seen, where the answer copies it: `seen` are values that were. A variable that
 * the answer does not show has no such trait.
 */
export function isOrdinary(
  answer: MessageTemplate,
  name: string,
  value: string,
  seen: readonly string[],
): boolean {
  const place = placeOf(answer, name);
  if (place === undefined) return true;
  const known = traitsOfAll(seen);
  return traitsOf(value).every((trait) => known.has(trait) || !matters(trait, place));
}

/** Kept as long as the values: they are asked about with every hit. */
const ofAll = new WeakMap<readonly string[], ReadonlySet<string>>();

function traitsOfAll(seen: readonly string[]): ReadonlySet<string> {
  const known = ofAll.get(seen);
  if (known !== undefined) return known;
  const traits = new Set(seen.flatMap(traitsOf));
  ofAll.set(seen, traits);
  return traits;
}

function matters(trait: string, place: Place): boolean {
  const { isField, isBehindArticle, isBeforeWord, isBeforeEnding } = place;
  if (trait.startsWith(SIGN)) return !isField;
  if (trait === 'vowel' || trait === 'consonant') return isBehindArticle;
  if (trait.startsWith(END)) return isBeforeEnding;
  if (trait.startsWith(DECIMALS)) return !isField;
  return isBeforeWord || (trait !== 'one' && trait !== 'several');
}

/** Kept as long as the template: they are asked about with every hit. */
const placesOf = new WeakMap<MessageTemplate, Map<string, Place | undefined>>();

function placeOf(answer: MessageTemplate, name: string): Place | undefined {
  let places = placesOf.get(answer);
  if (places === undefined) {
    places = new Map();
    placesOf.set(answer, places);
  }
  if (!places.has(name)) places.set(name, findPlace(answer, name));
  return places.get(name);
}

function findPlace({ leaves, skeleton }: MessageTemplate, name: string): Place | undefined {
  const places = leaves.flatMap((leaf) => placesIn(leaf, name));
  if (places.length === 0) return undefined;
  return {
    isBehindArticle: places.some(({ isBehindArticle }) => isBehindArticle),
    isBeforeWord: places.some(({ isBeforeWord }) => isBeforeWord),
    isBeforeEnding: places.some(({ isBeforeEnding }) => isBeforeEnding),
    isField: isWrittenAsFields(skeleton),
  };
}

/** Whether a message is JSON, or holds some, so that its texts are fields. */
export function isWrittenAsFields(skeleton: string): boolean {
  return /J[[{]/.test(skeleton);
}

function placesIn(leaf: LeafTemplate, name: string): Omit<Place, 'isField'>[] {
  return leaf.flatMap((segment, index): Omit<Place, 'isField'>[] => {
    if (segment.kind === 'literal' || segment.name !== name) return [];
    const [before, after] = [leaf[index - 1], leaf[index + 1]];
    return [
      {
        isBehindArticle: before?.kind === 'literal' && /(?:^|\W)an? $/i.test(before.text),
        isBeforeWord: after?.kind === 'literal' && /^ \p{L}/u.test(after.text),
        isBeforeEnding: after?.kind === 'literal' && /^['’]?\p{L}/u.test(after.text),
      },
    ];
  });
}

const SIGN = 'sign ';
const END = 'ends in ';
const DECIMALS = 'decimals ';

/** Traits by their tests. */
const TRAITS: readonly (readonly [string, (value: string) => boolean])[] = [
  ['upper case', (value) => /\p{Lu}/u.test(value)],
  ['lower case', (value) => /(?<![\p{L}\p{M}\p{N}'’])\p{Ll}/u.test(value)],
  ['other letters', (value) => /(?![a-z])\p{L}/iu.test(value)],
  ['blanks', (value) => value.includes('  ') || value !== value.trim()],
  ['vowel', isVowel],
  ['consonant', (value) => !isVowel(value)],
  ['one', (value) => /^1(?:\.0+)?$/.test(value)],
  ['several', (value) => !/^1(?:\.0+)?$/.test(value)],
  [`${END}a hiss`, endsInHiss],
  [`${END}e`, (value) => /e$/i.test(value)],
  [`${END}y`, (value) => /y$/i.test(value)],
  ['digits', (value) => /\d/.test(value) && !NUMBER.test(value)],
];

/** In no order. Cost: linear. */
function traitsOf(value: string): readonly string[] {
  return traitsOfWords(value) ?? traitsOfAny(value);
}

/**
 * What `traitsOfAny` says of plain words, in one pass: most values are, and fifteen regular expressions are a sixth of
 * what a templated hit costs. Undefined for other values. Exported for tests.
 */
export function traitsOfWords(value: string): readonly string[] | undefined {
  const letters = lettersOf(value);
  if (letters === undefined || /\sand\s/i.test(value)) return undefined;
  const traits = ['several', isVowel(value) ? 'vowel' : 'consonant'];
  if (letters.hasUpper) traits.push('upper case');
  if (letters.beginsLower) traits.push('lower case');
  if (endsInHiss(value)) traits.push(`${END}a hiss`);
  const last = value.at(-1)?.toLowerCase();
  if (last === 'e' || last === 'y') traits.push(END + last);
  return traits;
}

/** Undefined unless all are letters of ASCII, and single blanks between them. */
function lettersOf(value: string): { hasUpper: boolean; beginsLower: boolean } | undefined {
  const found = { hasUpper: false, beginsLower: false };
  let before = BLANK;
  for (let index = 0; index < value.length; index++) {
    const unit = value.charCodeAt(index);
    if (isBetween(unit, UNITS.A, UNITS.Z)) found.hasUpper = true;
    else if (!isBetween(unit, UNITS.a, UNITS.z)) {
      if (unit !== BLANK || before === BLANK) return undefined;
    } else if (before === BLANK) found.beginsLower = true;
    before = unit;
  }
  return before === BLANK ? undefined : found;
}

function isBetween(unit: number, first: number, last: number): boolean {
  return unit >= first && unit <= last;
}

const BLANK = 32;
const UNITS = { A: 65, Z: 90, a: 97, z: 122 };

function isVowel(value: string): boolean {
  return /^[aeiou]/i.test(value);
}

function endsInHiss(value: string): boolean {
  return /(?:[sxzß]|[cs]h)$/i.test(value);
}

/** What `traitsOf` says, test by test. Exported for tests. */
export function traitsOfAny(value: string): readonly string[] {
  const digits = NUMBER.test(value) ? (/\d+/.exec(value)?.[0] ?? '') : '';
  return [
    ...(value.match(SIGNS) ?? []).map((sign) => SIGN + sign),
    ...TRAITS.flatMap(([trait, holds]) => (holds(value) ? [trait] : [])),
    ...traitsOfDigits(digits),
    ...(digits === '' ? [] : [`${DECIMALS}${value.split('.')[1]?.length ?? 0}`]),
    ...traitsOfList(value),
  ];
}

/** From here on digits are set in groups. */
const GROUPED_DIGITS_MIN = 4;

function traitsOfDigits(digits: string): string[] {
  const isGrouped = digits.length >= GROUPED_DIGITS_MIN;
  const hasZero = digits.length > 1 && digits.startsWith('0');
  return [...(isGrouped ? ['thousands'] : []), ...(hasZero ? ['leading zero'] : [])];
}

function itemsOf(value: string): readonly string[] {
  return IN_LIST.test(value) ? value.split(LIST_SEPARATOR) : [value];
}

function traitsOfList(value: string): string[] {
  const items = itemsOf(value.toLowerCase());
  if (items.length < 2) return [];
  const isSorted = items.every((item, index) => index === 0 || item >= (items[index - 1] ?? ''));
  const hasRepeats = new Set(items).size < items.length;
  return ['list', ...(isSorted ? [] : ['not sorted']), ...(hasRepeats ? ['repeats'] : [])];
}
