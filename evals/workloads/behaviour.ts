/** What a behaviour is: a generator of conversations with fresh values and the true answers. */
import type { Random } from './random.ts';
import type { Talk } from './talk.ts';

export type Family =
  | 'forms'
  | 'agents'
  | 'email'
  | 'extraction'
  | 'sql'
  | 'reports'
  | 'code'
  | 'context'
  | 'recall'
  | 'noise'
  | 'arithmetic'
  | 'text'
  | 'look-alikes'
  | 'knowledge'
  | 'judgement';

export interface Behaviour {
  readonly name: string;
  readonly family: Family;
  /** Looks like another behaviour, or like a copy of its values, and is not: made to provoke wrong answers. */
  readonly adversarial: boolean;
  /** Whether users ask for it in one way or in several. */
  readonly wording: 'fixed' | 'varied';
  /** Whether the model words its answers differently from call to call. */
  readonly answers: 'fixed' | 'varied';
  readonly talk: (random: Random) => Talk;
}

type Traits = Partial<Pick<Behaviour, 'adversarial' | 'wording' | 'answers'>>;
type Generator = Behaviour['talk'];

/** Behaviours of one family from their generators, by name. */
export function behaviours(
  family: Family,
  generators: Readonly<Record<string, Generator>>,
  traits: Traits = {},
): Behaviour[] {
  return Object.entries(generators).map(([name, talk]) => ({
    name,
    family,
    adversarial: false,
    wording: 'fixed',
    answers: 'fixed',
    ...traits,
    talk,
  }));
}

/** Users word their requests in several ways. */
export const VARIED_REQUESTS: Traits = { wording: 'varied' };
/** Users and the model both vary their wording. */
export const VARIED_ANSWERS: Traits = { wording: 'varied', answers: 'varied' };
export const ADVERSARIAL: Traits = { adversarial: true };
