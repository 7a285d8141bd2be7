/**
 * Inputs to try a model's code on: each variable turned, by what it looks like, into what another run could hold.
 * They need not be sensible: code that does not know says so, and must neither fail nor make something up.
 */
import { isOfKind } from '../template/matcher.ts';

type Inputs = ReadonlyMap<string, string>;
type Turn = (text: string) => string;

const NUMBER_TURNS: readonly Turn[] = [
  (text) => (text.startsWith('-') ? text.slice(1) : `-${text}`),
  () => '0',
  () => '1',
  (text) => `${text}0`,
  (text) => (text.includes('.') ? `${text}5` : `${text}.5`),
  (text) => `${text}${text}`.replaceAll('.', '').slice(0, 12),
  () => '',
  () => 'many',
];

const TEXT_TURNS: readonly Turn[] = [
  (text) => text.toUpperCase(),
  (text) => text.toLowerCase(),
  (text) => `${text}s`,
  (text) => `${text} ${text}`,
  (text) => text.slice(0, 1),
  (text) => Array.from(text).reverse().join(''),
  (text) => `Ünïcödé ${text} 東京 🦋`,
  (text) => `${text}, "quoted"\n`,
  (text) => text.replace(/\d/g, '7'),
  () => '',
  () => '7',
  () => 'constructor',
];

/** A text that turns into one longer than this was no text to turn. */
const TURNED_CHARACTERS_MAX = 4000;

/** One variable turned at a time, the others as they were; all different, and none of them `inputs` itself. */
export function perturbationsOf(inputs: Inputs): readonly Inputs[] {
  const found = new Map<string, Inputs>();
  for (const [name, value] of inputs) {
    for (const turn of isOfKind('number', value) ? NUMBER_TURNS : TEXT_TURNS) {
      const turned = turn(value.slice(0, TURNED_CHARACTERS_MAX)).toWellFormed();
      if (turned !== value) {
        const other = new Map([...inputs, [name, turned]]);
        found.set(JSON.stringify([...other]), other);
      }
    }
  }
  return [...found.values()];
}
