/** Fresh ids that look like recorded ones: clients and providers check prefix, alphabet and length. */

const DIGITS = '0123456789';
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const MIXED = DIGITS + UPPER + LOWER;

/** Narrowest first: the first one that has all characters of the recorded id is its alphabet. */
const ALPHABETS = [
  DIGITS,
  `${DIGITS}abcdef`,
  `${DIGITS}ABCDEF`,
  DIGITS + LOWER,
  DIGITS + UPPER,
  MIXED,
];

const DEFAULT_PREFIX = 'chatcmpl-';
const DEFAULT_CHARACTERS = 29;
/** Without anything after the prefix there is no length to keep; this is that of OpenAI's call ids. */
const TAIL_CHARACTERS = 24;

/**
 * An id of the shape of `shapeOf`: what stands before its last run of letters and digits is kept,
 * that run is drawn anew. An empty `shapeOf` gives an id of a completion.
 *
 * Chance: `random` gives numbers from 0 up to 1. A short run ("call_1") can come out as before, so
 * callers that need distinct ids compare and draw again.
 */
export function mintId(shapeOf: string, random: () => number): string {
  if (shapeOf === '') return DEFAULT_PREFIX + draw(MIXED, DEFAULT_CHARACTERS, random);
  const start = tailStart(shapeOf);
  const tail = shapeOf.slice(start);
  const alphabet = ALPHABETS.find((candidate) => consistsOf(tail, candidate)) ?? MIXED;
  if (tail === '') return shapeOf + draw(MIXED, TAIL_CHARACTERS, random);
  return shapeOf.slice(0, start) + draw(alphabet, tail.length, random);
}

/** Besides "_" and "-" any other sign is a border, as the colon of Kimi's "functions.get_weather:0". */
function tailStart(id: string): number {
  let start = id.length;
  while (start > 0 && MIXED.includes(id.charAt(start - 1))) start--;
  return start;
}

function consistsOf(text: string, alphabet: string): boolean {
  for (const character of text) {
    if (!alphabet.includes(character)) return false;
  }
  return true;
}

/** One number of `random` is enough for so many: 62 to the fifth is less than two to the thirtieth. */
const CHARACTERS_AT_ONCE = 5;

function draw(alphabet: string, characters: number, random: () => number): string {
  const { length } = alphabet;
  let text = '';
  while (text.length < characters) {
    const count = Math.min(CHARACTERS_AT_ONCE, characters - text.length);
    const combinations = length ** count;
    const drawn = Math.floor(random() * combinations);
    let rest = Math.max(0, Math.min(drawn, combinations - 1));
    for (let index = 0; index < count; index++) {
      text += alphabet.charAt(rest % length);
      rest = Math.floor(rest / length);
    }
  }
  return text;
}
