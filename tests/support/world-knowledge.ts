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
  /** The first is learned from, two confirm, the last is served. */
  readonly values: readonly [string, string, string, string];
  /** Beyond what the model's code knows. */
  readonly unknown: string;
  readonly knowledge: Knowledge;
  readonly tools?: readonly object[];
}

const says = (content: string): object => ({ role: 'assistant', content });

const STATES: Readonly<Record<string, string>> = {
  Boston: 'MA',
  Chicago: 'IL',
  Denver: 'CO',
  Austin: 'TX',
  Reno: 'NV',
};
const ACRONYMS: Readonly<Record<string, string>> = {
  NASA: 'National Aeronautics and Space Administration',
  FBI: 'Federal Bureau of Investigation',
  CERN: 'European Organization for Nuclear Research',
  UNESCO: 'United Nations Educational, Scientific and Cultural Organization',
  NATO: 'North Atlantic Treaty Organization',
};
const HOLIDAYS: Readonly<Record<string, string>> = {
  Christmas: '12-25',
  Halloween: '10-31',
  Epiphany: '01-06',
  Juneteenth: '06-19',
  Hogmanay: '12-31',
};
const ANTONYMS: Readonly<Record<string, string>> = {
  hot: 'cold',
  big: 'small',
  early: 'late',
  rich: 'poor',
  noisy: 'quiet',
};
const INDUSTRIES: Readonly<Record<string, string>> = {
  Tesla: 'automotive',
  Pfizer: 'pharmaceutical',
  Maersk: 'shipping',
  Airbus: 'aerospace',
  Lego: 'toy',
};
const ARTISTS: Readonly<Record<string, string>> = {
  Thriller: 'Michael Jackson',
  Imagine: 'John Lennon',
  Hello: 'Adele',
  Yesterday: 'The Beatles',
  Toxic: 'Britney Spears',
};
const LEADERS: Readonly<Record<string, readonly [string, string]>> = {
  Napoleon: ['France', '1821'],
  Bismarck: ['Prussia', '1898'],
  Churchill: ['Britain', '1965'],
  Garibaldi: ['Italy', '1882'],
  Bolivar: ['Venezuela', '1830'],
};
const CENTURIES: Readonly<Record<string, readonly [string, string]>> = {
  '1900s': ['20th', 'Monday'],
  '1800s': ['19th', 'Wednesday'],
  '1700s': ['18th', 'Friday'],
  '2000s': ['21st', 'Saturday'],
};

/** Code with a table of all but `unknown`: models do not know everything. */
function tableCode(variable: string, table: Readonly<Record<string, string>>, unknown: string) {
  const known = Object.fromEntries(Object.entries(table).filter(([key]) => key !== unknown));
  return `({ ${variable} }) => { const table = ${JSON.stringify(known)}; return table[${variable}] ?? ''; }`;
}

const column = (table: Readonly<Record<string, readonly string[]>>, index: number) =>
  Object.fromEntries(Object.entries(table).map(([key, row]) => [key, row[index] ?? '']));

/** Zeller's congruence for the first of January of a century's first year. */
const WEEKDAY = `({ period }) => {
  const year = Number(period.slice(0, -1));
  if (!period.endsWith('00s') || !Number.isInteger(year) || year < 1600) return '';
  const shifted = year - 1;
  const century = Math.floor(shifted / 100);
  const rest = shifted % 100;
  const day = (1 + 36 + rest + Math.floor(rest / 4) + Math.floor(century / 4) + 5 * century) % 7;
  return ['Saturday', 'Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'][day];
}`;
const ORDINAL = `({ period }) => {
  const year = Number(period.slice(0, -1));
  if (!period.endsWith('00s') || !Number.isInteger(year) || year < 100) return '';
  const number = year / 100 + 1;
  const last = number % 10;
  const isTeen = number % 100 > 10 && number % 100 < 14;
  return number + (isTeen ? 'th' : last === 1 ? 'st' : last === 2 ? 'nd' : last === 3 ? 'rd' : 'th');
}`;

const data = (quote: string, label: string) => ({ quote, in: 'request', label }) as const;
const result = (quote: string, label: string) => ({ quote, in: 'answer', label }) as const;

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
    values: ['Boston', 'Chicago', 'Denver', 'Austin'],
    unknown: 'Reno',
    knowledge: {
      about: 'Tell me the weather in',
      spans: [data('Boston', 'city'), result('Boston', 'city'), result('MA', 'state')],
      names: { Boston: 'city' },
      from: { Boston: ['city'], MA: ['city'] },
      code: { MA: tableCode('city', STATES, 'Reno') },
    },
  },
  {
    name: 'what an acronym stands for',
    ask: (acronym) => `What does ${acronym} stand for?`,
    answer: (acronym) => says(`${acronym} stands for ${ACRONYMS[acronym] ?? ''}.`),
    values: ['NASA', 'FBI', 'CERN', 'UNESCO'],
    unknown: 'NATO',
    knowledge: {
      about: 'stand for?',
      spans: [
        data('NASA', 'acronym'),
        result('NASA', 'acronym'),
        result('National Aeronautics and Space Administration', 'expansion'),
      ],
      names: { NASA: 'acronym' },
      from: { NASA: ['acronym'], [ACRONYMS['NASA'] ?? '']: ['acronym'] },
      code: { [ACRONYMS['NASA'] ?? '']: tableCode('acronym', ACRONYMS, 'NATO') },
    },
  },
  {
    name: 'the date of a holiday',
    ask: (holiday) => `When is ${holiday} in 2031?`,
    answer: (holiday) => says(`That is 2031-${HOLIDAYS[holiday] ?? ''}.`),
    values: ['Christmas', 'Halloween', 'Epiphany', 'Juneteenth'],
    unknown: 'Hogmanay',
    knowledge: {
      about: 'in 2031?',
      spans: [
        data('Christmas', 'holiday'),
        data('2031', 'year'),
        result('2031-12-25', 'celebrated_on'),
      ],
      names: { Christmas: 'holiday', '2031': 'year' },
      from: { '2031-12-25': ['holiday', 'year'] },
      code: {
        '2031-12-25': `({ holiday, year }) => {
          const days = { Christmas: '12-25', Halloween: '10-31', Epiphany: '01-06', Juneteenth: '06-19' };
          return days[holiday] === undefined ? '' : year + '-' + days[holiday];
        }`,
      },
    },
  },
  {
    name: 'the opposite of a word',
    ask: (word) => `Give me the antonym of ${word}`,
    answer: (word) => says(ANTONYMS[word] ?? ''),
    values: ['hot', 'big', 'early', 'rich'],
    unknown: 'noisy',
    knowledge: {
      about: 'Give me the antonym of',
      spans: [data('hot', 'adjective'), result('cold', 'antonym')],
      names: { hot: 'adjective' },
      from: { cold: ['adjective'] },
      code: { cold: tableCode('adjective', ANTONYMS, 'noisy') },
    },
  },
  {
    name: 'the industry of a company',
    ask: (company) => `In which industry does ${company} operate?`,
    answer: (company) => says(`${company} operates in the ${INDUSTRIES[company] ?? ''} industry.`),
    values: ['Tesla', 'Pfizer', 'Maersk', 'Airbus'],
    unknown: 'Lego',
    knowledge: {
      about: 'In which industry does',
      spans: [data('Tesla', 'company'), result('Tesla', 'company'), result('automotive', 'sector')],
      names: { Tesla: 'company' },
      from: { Tesla: ['company'], automotive: ['company'] },
      code: { automotive: tableCode('company', INDUSTRIES, 'Lego') },
    },
  },
  {
    name: 'the artist behind a song',
    ask: (song) => `Who sings ${song}?`,
    answer: (song) => says(`${song} is by ${ARTISTS[song] ?? ''}.`),
    values: ['Thriller', 'Imagine', 'Hello', 'Yesterday'],
    unknown: 'Toxic',
    knowledge: {
      about: 'Who sings',
      spans: [
        data('Thriller', 'song'),
        result('Thriller', 'song'),
        result('Michael Jackson', 'artist'),
      ],
      names: { Thriller: 'song' },
      from: { Thriller: ['song'], 'Michael Jackson': ['song'] },
      code: { 'Michael Jackson': tableCode('song', ARTISTS, 'Toxic') },
    },
  },
  {
    name: 'the country and the year of a leader',
    ask: (leader) => `Which country did ${leader} lead, and when did he die?`,
    answer: (leader) => {
      const [country = '', year = ''] = LEADERS[leader] ?? [];
      return says(`${leader} led ${country} and died in ${year}.`);
    },
    values: ['Napoleon', 'Bismarck', 'Churchill', 'Garibaldi'],
    unknown: 'Bolivar',
    knowledge: {
      about: 'and when did he die?',
      spans: [
        data('Napoleon', 'leader'),
        ...[result('Napoleon', 'leader'), result('France', 'country'), result('1821', 'died_in')],
      ],
      names: { Napoleon: 'leader' },
      from: { Napoleon: ['leader'], France: ['leader'], '1821': ['leader'] },
      code: {
        France: tableCode('leader', column(LEADERS, 0), 'Bolivar'),
        '1821': tableCode('leader', column(LEADERS, 1), 'Bolivar'),
      },
    },
  },
  {
    name: 'the weekday on which a century starts',
    ask: (period) => `On what day of the week did the ${period} start?`,
    answer: (period) => {
      const [century = '', weekday = ''] = CENTURIES[period] ?? [];
      return says(`The first day of the ${century} century was a ${weekday}.`);
    },
    values: ['1900s', '1800s', '1700s', '2000s'],
    unknown: '1910s',
    knowledge: {
      about: 'On what day of the week did the',
      spans: [data('1900s', 'period'), result('20th', 'ordinal'), result('Monday', 'weekday')],
      names: { '1900s': 'period' },
      from: { '20th': ['period'], Monday: ['period'] },
      code: { '20th': ORDINAL, Monday: WEEKDAY },
    },
  },
];
