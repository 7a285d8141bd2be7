/** Questions whose answers are true of the world or of numbers, and stand nowhere in the conversation. */
import { ADVERSARIAL, behaviours, type Behaviour } from './behaviour.ts';
import { int, pick, type Random } from './random.ts';
import { ask, type Setting, type Talk } from './talk.ts';
import { iso, day } from './values.ts';
import { NOUNS } from './vocabulary.ts';

const PLAIN: Setting = {};
const says = (random: Random, question: string, answer: string): Talk =>
  ask(random, PLAIN, question, answer);

/** Country, capital, currency, calling code. */
export const COUNTRIES = table(`
  Austria Vienna euro 43|Belgium Brussels euro 32|Brazil Brasilia real 55|Bulgaria Sofia euro 359|Canada Ottawa dollar 1|
  Chile Santiago peso 56|China Beijing yuan 86|Colombia Bogota peso 57|Cuba Havana peso 53|Denmark Copenhagen krone 45|
  Egypt Cairo pound 20|Finland Helsinki euro 358|France Paris euro 33|Germany Berlin euro 49|Ghana Accra cedi 233|
  Greece Athens euro 30|Hungary Budapest forint 36|Iceland Reykjavik krona 354|Indonesia Jakarta rupiah 62|Iran Tehran rial 98|
  Iraq Baghdad dinar 964|Ireland Dublin euro 353|Israel Jerusalem shekel 972|Italy Rome euro 39|Japan Tokyo yen 81|
  Jordan Amman dinar 962|Kenya Nairobi shilling 254|Latvia Riga euro 371|Lebanon Beirut pound 961|Libya Tripoli dinar 218|
  Mali Bamako franc 223|Mongolia Ulaanbaatar tugrik 976|Morocco Rabat dirham 212|Nepal Kathmandu rupee 977|
  Norway Oslo krone 47|Oman Muscat rial 968|Peru Lima sol 51|Poland Warsaw zloty 48|Portugal Lisbon euro 351|
  Romania Bucharest leu 40|Senegal Dakar franc 221|Serbia Belgrade dinar 381|Spain Madrid euro 34|Sudan Khartoum pound 249|
  Sweden Stockholm krona 46|Syria Damascus pound 963|Thailand Bangkok baht 66|Tunisia Tunis dinar 216|Turkey Ankara lira 90|
  Uganda Kampala shilling 256|Ukraine Kyiv hryvnia 380|Vietnam Hanoi dong 84|Zambia Lusaka kwacha 260`);

/** Symbol, element, atomic number. */
export const ELEMENTS = table(`
  H hydrogen 1|He helium 2|Li lithium 3|Be beryllium 4|B boron 5|C carbon 6|N nitrogen 7|O oxygen 8|F fluorine 9|Ne neon 10|
  Na sodium 11|Mg magnesium 12|Al aluminium 13|Si silicon 14|P phosphorus 15|S sulfur 16|Cl chlorine 17|Ar argon 18|
  K potassium 19|Ca calcium 20|Ti titanium 22|Cr chromium 24|Mn manganese 25|Fe iron 26|Co cobalt 27|Ni nickel 28|
  Cu copper 29|Zn zinc 30|As arsenic 33|Br bromine 35|Kr krypton 36|Ag silver 47|Sn tin 50|I iodine 53|Xe xenon 54|
  Ba barium 56|W tungsten 74|Pt platinum 78|Au gold 79|Hg mercury 80|Pb lead 82|U uranium 92`);

/** Singular, plural: some regular, some not. */
export const PLURALS = table(`
  child children|foot feet|goose geese|man men|mouse mice|ox oxen|tooth teeth|woman women|sheep sheep|deer deer|
  cat cats|dog dogs|house houses|book books|box boxes|church churches|city cities|lady ladies|toy toys|leaf leaves|
  wolf wolves|roof roofs|hero heroes|piano pianos|crisis crises|cactus cacti|index indices|person people|knife knives|
  chief chiefs|bus buses|fox foxes|baby babies|day days|thief thieves|photo photos`);

function table(text: string): readonly (readonly string[])[] {
  return text
    .split('|')
    .map((row) => row.trim().split(/\s+/))
    .filter((row) => row.length > 1);
}

function fact(random: Random, rows: readonly (readonly string[])[]): readonly string[] {
  return pick(random, rows);
}

function capital(random: Random): Talk {
  const [country = '', city = ''] = fact(random, COUNTRIES);
  return says(
    random,
    `What is the capital of ${country}?`,
    `The capital of ${country} is ${city}.`,
  );
}

function currency(random: Random): Talk {
  const [country = '', , money = ''] = fact(random, COUNTRIES);
  return says(
    random,
    `Which currency does one pay with in ${country}?`,
    `One pays with the ${money}.`,
  );
}

function callingCode(random: Random): Talk {
  const [country = '', , , code = ''] = fact(random, COUNTRIES);
  return says(random, `What is the calling code of ${country}?`, `+${code}`);
}

function element(random: Random): Talk {
  const [symbol = '', name = ''] = fact(random, ELEMENTS);
  return says(random, `Which element has the symbol ${symbol}?`, `${symbol} is ${name}.`);
}

function atomicNumber(random: Random): Talk {
  const [, name = '', number = ''] = fact(random, ELEMENTS);
  return says(random, `What is the atomic number of ${name}?`, `${name}: ${number}`);
}

function plural(random: Random): Talk {
  const [one = '', many = ''] = fact(random, PLURALS);
  return says(random, `What is the plural of "${one}"?`, `The plural of "${one}" is "${many}".`);
}

function prime(random: Random): Talk {
  const number = int(random, 2, 400);
  return says(
    random,
    `Is ${number} prime?`,
    isPrime(number) ? `Yes, ${number} is prime.` : `No, ${number} is not prime.`,
  );
}

function parity(random: Random): Talk {
  const number = int(random, 2, 400);
  return says(
    random,
    `Tell me whether ${number} is odd or even`,
    `${number} is ${number % 2 === 0 ? 'even' : 'odd'}.`,
  );
}

function leapYear(random: Random): Talk {
  const year = int(random, 1600, 2400);
  return says(
    random,
    `How many days does the year ${year} have?`,
    `The year ${year} has ${isLeapYear(year) ? 366 : 365} days.`,
  );
}

function weekday(random: Random): Talk {
  const date = iso(day(random));
  const names = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
  return says(
    random,
    `Which day of the week is ${date}?`,
    `${date} is a ${names[new Date(date).getUTCDay()] ?? ''}.`,
  );
}

function miles(random: Random): Talk {
  const kilometres = int(random, 1, 400);
  return says(
    random,
    `Convert ${kilometres} km to miles`,
    `${kilometres} km is ${(kilometres * 0.621371).toFixed(2)} miles.`,
  );
}

function roman(random: Random): Talk {
  const number = int(random, 1, 120);
  return says(random, `Write ${number} as a Roman numeral`, toRoman(number));
}

function vowels(random: Random): Talk {
  const word = pick(random, NOUNS);
  const count = Array.from(word).filter((letter) => 'aeiou'.includes(letter)).length;
  return says(random, `How many vowels does "${word}" have?`, `"${word}" has ${count} vowels.`);
}

function factors(random: Random): Talk {
  const number = int(random, 4, 300);
  let smallest = 2;
  while (number % smallest !== 0) smallest++;
  return says(
    random,
    `What is the smallest prime factor of ${number}?`,
    `The smallest prime factor of ${number} is ${smallest}.`,
  );
}

export function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor++)
    if (number % divisor === 0) return false;
  return number > 1;
}

export function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

export function toRoman(number: number): string {
  const signs = [
    [100, 'C'],
    [90, 'XC'],
    [50, 'L'],
    [40, 'XL'],
    [10, 'X'],
    [9, 'IX'],
    [5, 'V'],
    [4, 'IV'],
    [1, 'I'],
  ] as const;
  let rest = number;
  let text = '';
  for (const [value, sign] of signs) {
    while (rest >= value) {
      text += sign;
      rest -= value;
    }
  }
  return text;
}

export const KNOWLEDGE: readonly Behaviour[] = behaviours(
  'knowledge',
  {
    capital,
    currency,
    'calling-code': callingCode,
    element,
    'atomic-number': atomicNumber,
    plural,
    prime,
    parity,
    'leap-year': leapYear,
    weekday,
    miles,
    roman,
    vowels,
    'prime-factor': factors,
  },
  ADVERSARIAL,
);
