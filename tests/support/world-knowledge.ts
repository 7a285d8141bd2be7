/**
 * The seed's examples whose answers do not follow from their texts: they take knowledge of the world. Each with the
 * truth, and with what a plausible model finds in the first of them.
 */
import type { Knowledge } from './scripted-model.ts';

export interface Example {
  readonly name: string;
  readonly ask: (value: string) => string;
  /** The assistant message. */
  readonly answer: (value: string) => object;
  /** One to learn from, then two that confirm; more where the first template is wrong and has to go. */
  readonly taught: readonly string[];
  /** To be served. */
  readonly fresh: readonly [string, string];
  /** Beyond what the model's code knows. */
  readonly unknown: string;
  readonly know: (value: string) => Knowledge;
}

/** What a model finds in whichever exchange of the examples `text` quotes. */
export function knowledgeOf(text: string): Knowledge | undefined {
  for (const { taught, fresh, unknown, ask, know } of EXAMPLES) {
    const value = [...taught, ...fresh, unknown].find((each) => text.includes(ask(each)));
    if (value !== undefined) return know(value);
  }
  return undefined;
}

const says = (content: string): object => ({ role: 'assistant', content });

const STATES: Readonly<Record<string, string>> = {
  Boston: 'MA',
  Chicago: 'IL',
  Denver: 'CO',
  Austin: 'TX',
  Dallas: 'TX',
  Reno: 'NV',
};
const ACRONYMS: Readonly<Record<string, string>> = {
  NASA: 'National Aeronautics and Space Administration',
  FBI: 'Federal Bureau of Investigation',
  CERN: 'European Organization for Nuclear Research',
  UNESCO: 'United Nations Educational, Scientific and Cultural Organization',
  OPEC: 'Organization of the Petroleum Exporting Countries',
  NATO: 'North Atlantic Treaty Organization',
};
const HOLIDAYS: Readonly<Record<string, string>> = {
  Christmas: '12-25',
  Halloween: '10-31',
  Epiphany: '01-06',
  Juneteenth: '06-19',
  Armistice: '11-11',
  Hogmanay: '12-31',
};
const ANTONYMS: Readonly<Record<string, string>> = {
  hot: 'cold',
  big: 'small',
  early: 'late',
  rich: 'poor',
  wet: 'dry',
  noisy: 'quiet',
};
const INDUSTRIES: Readonly<Record<string, string>> = {
  Tesla: 'automotive',
  Pfizer: 'pharmaceutical',
  Maersk: 'shipping',
  Airbus: 'aerospace',
  Nestle: 'food',
  Samsung: 'electronics',
  Lego: 'toy',
};
const ARTISTS: Readonly<Record<string, string>> = {
  Thriller: 'Michael Jackson',
  Imagine: 'John Lennon',
  Hello: 'Adele',
  Yesterday: 'The Beatles',
  Jolene: 'Dolly Parton',
  Toxic: 'Britney Spears',
};
const LEADERS: Readonly<Record<string, readonly [string, string]>> = {
  Napoleon: ['France', '1821'],
  Bismarck: ['Prussia', '1898'],
  Churchill: ['Britain', '1965'],
  Garibaldi: ['Italy', '1882'],
  Franco: ['Spain', '1975'],
  Bolivar: ['Venezuela', '1830'],
};
const CENTURIES: Readonly<Record<string, readonly [string, string]>> = {
  '1900s': ['20th', 'Monday'],
  '1800s': ['19th', 'Wednesday'],
  '1700s': ['18th', 'Friday'],
  '2000s': ['21st', 'Saturday'],
  '1600s': ['17th', 'Saturday'],
};

type Table = Readonly<Record<string, string>>;

/** Code with a table of all but `unknown`: models do not know everything. */
function tableCode(variable: string, table: Table, unknown: string): string {
  const known = Object.fromEntries(Object.entries(table).filter(([key]) => key !== unknown));
  return `({ ${variable} }) => { const table = ${JSON.stringify(known)}; return table[${variable}] ?? ''; }`;
}

const column = (table: Readonly<Record<string, readonly string[]>>, index: number) =>
  Object.fromEntries(Object.entries(table).map(([key, row]) => [key, row[index] ?? '']));

/** Zeller's congruence for the first of January of a century's first year. */
const weekdayCode = (period: string) => `({ ${period}: period }) => {
  const year = Number(period.slice(0, -1));
  if (!period.endsWith('00s') || !Number.isInteger(year) || year < 1600) return '';
  const shifted = year - 1;
  const century = Math.floor(shifted / 100);
  const rest = shifted % 100;
  const day = (1 + 36 + rest + Math.floor(rest / 4) + Math.floor(century / 4) + 5 * century) % 7;
  return ['Saturday', 'Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'][day];
}`;
const ordinalCode = (period: string) => `({ ${period}: period }) => {
  const year = Number(period.slice(0, -1));
  if (!period.endsWith('00s') || !Number.isInteger(year) || year < 100) return '';
  const number = year / 100 + 1;
  const last = number % 10;
  const isTeen = number % 100 > 10 && number % 100 < 14;
  return number + (isTeen ? 'th' : last === 1 ? 'st' : last === 2 ? 'nd' : last === 3 ? 'rd' : 'th');
}`;

const data = (quote: string, label: string) => ({ quote, in: 'request', label }) as const;
const result = (quote: string, label: string) => ({ quote, in: 'answer', label }) as const;

/** One value of the request, which the answer may repeat, and what follows from it by a table. */
function knowTable(
  value: string,
  name: string,
  results: readonly {
    readonly label: string;
    readonly table: Table;
    readonly unknown: string;
    readonly code?: (variable: string) => string;
  }[],
): Knowledge {
  const found = results.map((each) => ({ ...each, value: each.table[value] ?? '' }));
  return {
    spans: [
      ...[data(value, name), result(value, name)],
      ...found.map((each) => result(each.value, each.label)),
    ],
    names: { [value]: name },
    from: { [value]: [value], ...Object.fromEntries(found.map((each) => [each.value, [value]])) },
    code: Object.fromEntries(
      found.map(({ value: derived, table, unknown, code }) => [
        derived,
        (nameOf: (held: string) => string) =>
          code?.(nameOf(value)) ?? tableCode(nameOf(value), table, unknown),
      ]),
    ),
  };
}

export const EXAMPLES: readonly Example[] = [
  {
    name: 'the state of a city, as an argument of a tool',
    ask: (city) => `Tell me the weather in ${city}`,
    answer: (city) => ({
      role: 'assistant',
      content: null,
      tool_calls: [
        {
          id: 'call_abcdefgh12345678',
          type: 'function',
          function: {
            name: 'get_weather',
            arguments: JSON.stringify({ city, state: STATES[city] ?? '' }),
          },
        },
      ],
    }),
    taught: ['Boston', 'Chicago', 'Denver'],
    fresh: ['Austin', 'Dallas'],
    unknown: 'Reno',
    know: (value) => knowTable(value, 'city', [{ label: 'state', table: STATES, unknown: 'Reno' }]),
  },
  {
    name: 'what an acronym stands for',
    ask: (acronym) => `What does ${acronym} stand for?`,
    answer: (acronym) => says(`${acronym} stands for ${ACRONYMS[acronym] ?? ''}.`),
    taught: ['NASA', 'FBI', 'CERN'],
    fresh: ['UNESCO', 'OPEC'],
    unknown: 'NATO',
    know: (value) =>
      knowTable(value, 'acronym', [{ label: 'expansion', table: ACRONYMS, unknown: 'NATO' }]),
  },
  {
    name: 'the date of a holiday',
    ask: (holiday) => `When is ${holiday} in 2031?`,
    answer: (holiday) => says(`That is 2031-${HOLIDAYS[holiday] ?? ''}.`),
    taught: ['Christmas', 'Halloween', 'Epiphany'],
    fresh: ['Juneteenth', 'Armistice'],
    unknown: 'Hogmanay',
    know: (holiday) => ({
      spans: [
        ...[data(holiday, 'holiday'), data('2031', 'year')],
        result(`2031-${HOLIDAYS[holiday] ?? ''}`, 'celebrated_on'),
      ],
      names: { [holiday]: 'holiday', '2031': 'year' },
      from: { [`2031-${HOLIDAYS[holiday] ?? ''}`]: [holiday, '2031'] },
      code: {
        [`2031-${HOLIDAYS[holiday] ?? ''}`]: (nameOf) => `(variables) => {
          const days = { Christmas: '12-25', Halloween: '10-31', Epiphany: '01-06', Juneteenth: '06-19', Armistice: '11-11' };
          const day = days[variables.${nameOf(holiday)}];
          return day === undefined ? '' : variables.${nameOf('2031')} + '-' + day;
        }`,
      },
    }),
  },
  {
    name: 'the opposite of a word',
    ask: (word) => `Give me the antonym of ${word}`,
    answer: (word) => says(ANTONYMS[word] ?? ''),
    taught: ['hot', 'big', 'early'],
    fresh: ['rich', 'wet'],
    unknown: 'noisy',
    know: (value) =>
      knowTable(value, 'adjective', [{ label: 'antonym', table: ANTONYMS, unknown: 'noisy' }]),
  },
  {
    name: 'the industry of a company',
    ask: (company) => `In which industry does ${company} operate?`,
    answer: (company) => says(`${company} operates in the ${INDUSTRIES[company] ?? ''} industry.`),
    // One example looks as if all companies were in the automotive industry.
    taught: ['Tesla', 'Pfizer', 'Maersk', 'Airbus'],
    fresh: ['Nestle', 'Samsung'],
    unknown: 'Lego',
    know: (value) =>
      knowTable(value, 'company', [{ label: 'sector', table: INDUSTRIES, unknown: 'Lego' }]),
  },
  {
    name: 'the artist behind a song',
    ask: (song) => `Who sings ${song}?`,
    answer: (song) => says(`${song} is by ${ARTISTS[song] ?? ''}.`),
    taught: ['Thriller', 'Imagine', 'Hello'],
    fresh: ['Yesterday', 'Jolene'],
    unknown: 'Toxic',
    know: (value) =>
      knowTable(value, 'song', [{ label: 'artist', table: ARTISTS, unknown: 'Toxic' }]),
  },
  {
    name: 'the country and the year of a leader',
    ask: (leader) => `Which country did ${leader} lead, and when did he die?`,
    answer: (leader) => {
      const [country = '', year = ''] = LEADERS[leader] ?? [];
      return says(`${leader} led ${country} and died in ${year}.`);
    },
    taught: ['Napoleon', 'Bismarck', 'Churchill'],
    fresh: ['Garibaldi', 'Franco'],
    unknown: 'Bolivar',
    know: (value) =>
      knowTable(value, 'leader', [
        { label: 'country', table: column(LEADERS, 0), unknown: 'Bolivar' },
        { label: 'died_in', table: column(LEADERS, 1), unknown: 'Bolivar' },
      ]),
  },
  {
    name: 'the weekday on which a century starts',
    ask: (period) => `On what day of the week did the ${period} start?`,
    answer: (period) => {
      const [century = '', weekday = ''] = CENTURIES[period] ?? [];
      return says(`The first day of the ${century} century was a ${weekday}.`);
    },
    taught: ['1900s', '1800s', '1700s'],
    fresh: ['2000s', '1600s'],
    unknown: '1910s',
    know: (value) =>
      knowTable(value, 'period', [
        { label: 'ordinal', table: column(CENTURIES, 0), unknown: '', code: ordinalCode },
        { label: 'weekday', table: column(CENTURIES, 1), unknown: '', code: weekdayCode },
      ]),
  },
];
