/** What the demo model can say to a single text. Each skill answers, or is undefined where it does not apply. */
import {
  add,
  divide,
  formatDecimal,
  multiply,
  parseDecimal,
  subtract,
} from '../../core/decimal.ts';

type Skill = (text: string) => string | undefined;

const REPEATS_MAX = 100;
const QUOTED = '["“](.+)["”]';
const NUMBER = String.raw`(-?\d+(?:\.\d+)?)`;

const GREETING = /^(?:please )?say (?:hello|hi) to (.+?)[.!?]*$/i;
const REPETITION = /^(?:please )?(?:say|repeat) (.+) (\d+) times[.!]*$/i;
const CALCULATION = new RegExp(
  `^(?:what is|what's|how much is|calculate|compute)? *${NUMBER} *([-+*/×÷−x]|plus|minus|times|divided by) *${NUMBER} *=? *[?.!]*$`,
  'i',
);
const REVERSAL = new RegExp(
  `^(?:please )?reverse (?:the (?:word|string|text) )?${QUOTED}[.!?]*$`,
  'i',
);
const CASE = new RegExp(`^(?:please )?convert ${QUOTED} to (upper|lower) ?case[.!?]*$`, 'i');
const NAME_PART = /(first|last) name of ["“]?(.+?)["”]?[?.!]*$/i;
const PRIMALITY = /^is (\d{1,12}) (?:a )?prime(?: number)?[?.!]*$/i;

const OPERATIONS = [
  { symbol: '+', names: ['+', 'plus'], apply: add },
  { symbol: '-', names: ['-', '−', 'minus'], apply: subtract },
  { symbol: '*', names: ['*', '×', 'x', 'times'], apply: multiply },
  { symbol: '/', names: ['/', '÷', 'divided by'], apply: divide },
] as const;

const SKILLS: readonly Skill[] = [
  greet,
  repeat,
  calculate,
  reverse,
  changeCase,
  takeNamePart,
  checkPrime,
];

/** The first skill that applies answers. */
export function answerText(text: string): string | undefined {
  for (const skill of SKILLS) {
    const answer = skill(text);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

function greet(text: string): string | undefined {
  const name = GREETING.exec(text)?.[1];
  return name === undefined ? undefined : `Hello, ${name}! Nice to meet you.`;
}

function repeat(text: string): string | undefined {
  const [, word, times] = REPETITION.exec(text) ?? [];
  const count = Number(times);
  if (word === undefined || count < 1 || count > REPEATS_MAX) return undefined;
  return Array.from({ length: count }, () => word).join(' ');
}

function calculate(text: string): string | undefined {
  const [, left = '', name = '', right = ''] = CALCULATION.exec(text) ?? [];
  const operation = OPERATIONS.find(({ names }) =>
    names.some((known) => known === name.toLowerCase()),
  );
  const a = parseDecimal(left);
  const b = parseDecimal(right);
  if (operation === undefined || a === undefined || b === undefined) return undefined;
  const result = operation.apply(a, b);
  const question = `${left} ${operation.symbol} ${right}`;
  return result === undefined
    ? `${question} has no exact decimal result.`
    : `${question} = ${formatDecimal(result)}`;
}

function reverse(text: string): string | undefined {
  const quoted = REVERSAL.exec(text)?.[1];
  return quoted === undefined ? undefined : Array.from(quoted).reverse().join('');
}

function changeCase(text: string): string | undefined {
  const [, quoted, direction] = CASE.exec(text) ?? [];
  if (quoted === undefined) return undefined;
  return direction?.toLowerCase() === 'upper' ? quoted.toUpperCase() : quoted.toLowerCase();
}

function takeNamePart(text: string): string | undefined {
  const [, part, name] = NAME_PART.exec(text) ?? [];
  return name?.split(/\s+/).at(part?.toLowerCase() === 'first' ? 0 : -1);
}

function checkPrime(text: string): string | undefined {
  const digits = PRIMALITY.exec(text)?.[1];
  if (digits === undefined) return undefined;
  return isPrime(Number(digits)) ? `Yes, ${digits} is prime.` : `No, ${digits} is not prime.`;
}

/** Trial division; twelve digits take at most half a million steps. */
function isPrime(value: number): boolean {
  if (value < 4) return value > 1;
  if (value % 2 === 0) return false;
  for (let divisor = 3; divisor * divisor <= value; divisor += 2) {
    if (value % divisor === 0) return false;
  }
  return true;
}
