/**
 * Words that name a state. A field like "status" takes few values, and agents do other things for some of them:
 * two that were answered alike ("already shipped", "already delivered") say little of a third ("processing").
 */
import type { MessageTemplate } from '../template/template.ts';
import { isWrittenAsFields } from './traits.ts';

/** After so many that were answered alike, the next most likely is, too. */
export const STATES_MIN = 4;

/** Letters of one case; several words are written together. */
const PLAIN_WORD = /^(?:\p{Ll}+(?:[_-]\p{Ll}+)*|\p{Lu}+(?:[_-]\p{Lu}+)*)$/u;
const CONSTANT = /^(?:true|false|null)$/;
const STATE_KEY =
  /(?:stat(?:us|e)|stage|phase|outcome|result|decision|verdict|approval|eligibility|availability|level|priority|severity|tier)$/i;
/** An answer that says what is not, or not any more, was chosen by what it speaks of. */
const REFUSAL =
  /\b(?:not|cannot|can['’]t|won['’]t|unable|already|unfortunately|sorry|no longer)\b/i;
/** A key, another string, or what stands for a leaf. */
const OF_SKELETON = /"((?:[^"\\]|\\.)*)"(:?)|[TNSC](?=[,;}\]])/g;

/**
 * Whether the value of the variable may be a state on which the answer turns: a plain word that a message of `above` has as
 * a field of its JSON, named as states are, or spoken of in a refusal.
 */
export function mayBeState(
  above: readonly MessageTemplate[],
  answer: MessageTemplate,
  name: string,
  value: string,
): boolean {
  if (!PLAIN_WORD.test(value)) return false;
  const keys = above.flatMap((template) => keysOf(template, name));
  if (keys.length === 0) return false;
  return (
    CONSTANT.test(value) ||
    keys.some((key) => STATE_KEY.test(key)) ||
    answer.leaves.some((leaf) =>
      leaf.some((part) => part.kind === 'literal' && REFUSAL.test(part.text)),
    )
  );
}

/** The keys of those fields of the message's JSON that are the variable, and nothing else. */
function keysOf({ skeleton, leaves }: MessageTemplate, name: string): string[] {
  const places = leaves.flatMap((leaf, index) => {
    const [first] = leaf;
    return leaf.length === 1 && first?.kind === 'variable' && first.name === name ? [index] : [];
  });
  if (places.length === 0 || !isWrittenAsFields(skeleton)) return [];
  const keys: string[] = [];
  let key = '';
  for (const [, text, colon] of skeleton.matchAll(OF_SKELETON)) {
    if (text === undefined) keys.push(key);
    else if (colon === ':') key = text;
  }
  return places.map((place) => keys[place] ?? '');
}
