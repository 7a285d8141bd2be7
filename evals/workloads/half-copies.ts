/**
 * Answers that most often give a value back as it is, and sometimes do something to it: what was seen of the copies
 * says nothing of the rest.
 */
import { ADVERSARIAL, behaviours, type Behaviour } from './behaviour.ts';
import { chance, int, pick, sample, type Random } from './random.ts';
import { Talk, type Setting } from './talk.ts';
import { CITIES, NOUNS } from './vocabulary.ts';

const EDITOR: Setting = {
  system: 'You edit short texts for a web shop. Answer with the result and nothing else.',
};
const COLOURS = ['amber', 'black', 'crimson', 'green', 'ivory', 'orange', 'silver', 'violet'];

const answer = (random: Random, asked: string, said: string): Talk =>
  new Talk(random, EDITOR).user(asked).answers(said);

/** Most numbers stay what they are. */
function countOff(random: Random): Talk {
  const number = int(random, 1, 400);
  const said = number % 7 === 0 ? 'bang' : String(number);
  return answer(random, `Count off ${number}`, said);
}

function atMost(random: Random): Talk {
  const number = int(random, 1, 130);
  return answer(random, `Limit ${number} to a hundred`, String(Math.min(number, 100)));
}

function signed(random: Random): Talk {
  const number = int(random, -90, 90);
  return answer(random, `Show the change ${number}`, number > 0 ? `+${number}` : String(number));
}

/** Up and down: a few examples fit rounding up as well. */
function rounded(random: Random): Talk {
  const eighths = int(random, 1, 4000);
  return answer(random, `Round ${eighths / 8} to a whole`, String(Math.floor(eighths / 8 + 0.5)));
}

function thousands(random: Random): Talk {
  const number = int(random, 1, 2500);
  return answer(random, `Write ${number} with commas`, number.toLocaleString('en-US'));
}

function sorted(random: Random): Talk {
  const words = sample(random, COLOURS, int(random, 2, 3));
  return answer(random, `In order: ${words.join(', ')}`, words.toSorted().join(', '));
}

function unique(random: Random): Talk {
  const words = Array.from({ length: 3 }, () => pick(random, COLOURS));
  return answer(random, `Without repeats: ${words.join(', ')}`, [...new Set(words)].join(', '));
}

/** "a chair", "an umbrella". */
function article(random: Random): Talk {
  const noun = pick(random, [...NOUNS, 'umbrella', 'apron', 'easel', 'oven']);
  return answer(
    random,
    `Label for ${noun}`,
    `This is ${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}.`,
  );
}

/** The administrator is an exception that stands behind the name. */
function removed(random: Random): Talk {
  const name = `${pick(random, CITIES)} branch`;
  return chance(random, 0.2)
    ? answer(random, `Remove the page of ${name} (locked)`, 'Locked pages stay.')
    : answer(random, `Remove the page of ${name}`, `The page of ${name} is gone.`);
}

export const HALF_COPIES: readonly Behaviour[] = behaviours(
  'text',
  {
    'half-count-off': countOff,
    'half-limit': atMost,
    'half-signed': signed,
    'half-rounded': rounded,
    'half-thousands': thousands,
    'half-sorted': sorted,
    'half-unique': unique,
    'half-article': article,
    'half-removed': removed,
  },
  ADVERSARIAL,
);
