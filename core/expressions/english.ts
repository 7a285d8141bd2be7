/** English forms of numbers and nouns: ordinals, centuries, numbers in words, plurals. Undefined where it does not fit. */

const ONES = (
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen ' +
  'fifteen sixteen seventeen eighteen nineteen'
).split(' ');
const TENS = '- - twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
/** Larger numbers are not written out by people. */
const SPELLED_MAX = 999_999;
const IRREGULAR: readonly (readonly [string, string])[] = [
  ...([['child', 'children'] as const, ['person', 'people'] as const] as const),
  ...([['man', 'men'] as const, ['woman', 'women'] as const, ['foot', 'feet'] as const] as const),
  ...([['tooth', 'teeth'] as const, ['goose', 'geese'] as const] as const),
  ...([
    ['mouse', 'mice'] as const,
    ['leaf', 'leaves'] as const,
    ['life', 'lives'] as const,
  ] as const),
  ...([
    ['knife', 'knives'] as const,
    ['wife', 'wives'] as const,
    ['half', 'halves'] as const,
  ] as const),
  ...([['shelf', 'shelves'] as const, ['loaf', 'loaves'] as const] as const),
  ...([['potato', 'potatoes'] as const, ['tomato', 'tomatoes'] as const] as const),
  ...([['hero', 'heroes'] as const, ['echo', 'echoes'] as const] as const),
];
const PLURALS = new Map(IRREGULAR);
const SINGULARS = new Map(IRREGULAR.map(([one, many]) => [many, one] as const));
const UNCHANGED: ReadonlySet<string> = new Set(
  'sheep fish deer series species aircraft information news software equipment'.split(' '),
);

/** "21" is "21st". */
export function ordinalOf(text: string): string | undefined {
  if (!/^(0|[1-9][0-9]{0,11})$/.test(text)) return undefined;
  return text + ordinalSuffix(text);
}

/** "21st" is "21"; a suffix that does not belong there is undefined. */
export function cardinalOf(text: string): string | undefined {
  const digits = /^([1-9][0-9]{0,11})(?:st|nd|rd|th)$/.exec(text)?.[1];
  return digits !== undefined && text === digits + ordinalSuffix(digits) ? digits : undefined;
}

/** The century of a year ("1987" → "20", "1900" → "19") or of a period, which is named by its first year ("1900s" → "20"). */
export function centuryOf(text: string): string | undefined {
  const parts = /^([1-9][0-9]{2,3})(s?)$/.exec(text);
  if (parts === null) return undefined;
  const year = Number(parts[1]);
  return String(parts[2] === 's' ? Math.floor(year / 100) + 1 : Math.ceil(year / 100));
}

/** "42" is "forty-two". */
export function spelledNumber(text: string): string | undefined {
  if (!/^(0|[1-9][0-9]{0,5})$/.test(text)) return undefined;
  return spelled(Number(text));
}

/** "forty-two" is "42", in any case; what `spelledNumber` would write otherwise is undefined. */
export function unspelledNumber(text: string): string | undefined {
  if (text.length > 80) return undefined;
  const lower = text.toLowerCase();
  let [total, group] = [0, 0];
  for (const word of lower.split(/[ -]/)) {
    const [one, ten] = [ONES.indexOf(word), TENS.indexOf(word)];
    if (one >= 0) group += one;
    else if (ten >= 2) group += ten * 10;
    else if (word === 'hundred') group *= 100;
    else if (word === 'thousand') [total, group] = [group * 1000, 0];
    else return undefined;
  }
  const value = total + group;
  return value <= SPELLED_MAX && spelled(value) === lower ? String(value) : undefined;
}

/** The last word in the plural, by the rules of spelling and a few exceptions. */
export function pluralOf(text: string): string | undefined {
  return withLastWord(text, (word) => {
    if (UNCHANGED.has(word)) return word;
    const irregular = PLURALS.get(word);
    if (irregular !== undefined) return irregular;
    if (/[^aeiou]y$/.test(word)) return word.slice(0, -1) + 'ies';
    return /(s|x|z|ch|sh)$/.test(word) ? word + 'es' : word + 's';
  });
}

/** The last word in the singular; a word that is no plural is undefined. */
export function singularOf(text: string): string | undefined {
  return withLastWord(text, (word) => {
    if (UNCHANGED.has(word)) return word;
    const irregular = SINGULARS.get(word);
    if (irregular !== undefined) return irregular;
    if (/[^aeiou]ies$/.test(word)) return word.slice(0, -3) + 'y';
    if (/(ss|x|z|ch|sh|us)es$/.test(word)) return word.slice(0, -2);
    return /[^s]s$/.test(word) && !/(us|is)$/.test(word) ? word.slice(0, -1) : undefined;
  });
}

/** Keeps what stands before the last word, and the case of its first letter. */
function withLastWord(
  text: string,
  change: (word: string) => string | undefined,
): string | undefined {
  const word = /[A-Za-z]{2,40}$/.exec(text.slice(-41))?.[0];
  if (word === undefined) return undefined;
  const changed = change(word.toLowerCase());
  if (changed === undefined) return undefined;
  const shown = /^[A-Z]{2,}$/.test(word)
    ? changed.toUpperCase()
    : word.slice(0, 1) + changed.slice(1);
  return text.slice(0, text.length - word.length) + shown;
}

/** "st" for "21", "th" for "11". */
export function ordinalSuffix(digits: string): string {
  if (/1[123]$/.test(digits)) return 'th';
  return ['th', 'st', 'nd', 'rd'][Number(digits.slice(-1))] ?? 'th';
}

function spelled(value: number): string {
  if (value < 20) return ONES[value] ?? '';
  if (value < 100)
    return `${TENS[Math.floor(value / 10)] ?? ''}${value % 10 === 0 ? '' : `-${spelled(value % 10)}`}`;
  const [size, name] = value < 1000 ? [100, 'hundred'] : [1000, 'thousand'];
  const rest = value % size === 0 ? '' : ` ${spelled(value % size)}`;
  return `${spelled(Math.floor(value / size))} ${name}${rest}`;
}
