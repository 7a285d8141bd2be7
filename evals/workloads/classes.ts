/** The classes of behaviours that the goals speak of. */
import { BEHAVIOURS } from './generate.ts';

const TRAITS = new Map(BEHAVIOURS.map((behaviour) => [behaviour.name, behaviour]));

/** `other`: not of our workloads. */
export function classOf(behaviour: string): string {
  const traits = TRAITS.get(behaviour);
  if (traits === undefined) return 'other';
  return traits.adversarial ? 'adversarial' : `${traits.wording} wording`;
}

export function familyOf(behaviour: string): string {
  return TRAITS.get(behaviour)?.family ?? 'other';
}
