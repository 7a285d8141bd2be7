/**
 * Words that name a state. A field that is one plain word ("processing", "PAID", "true") mostly takes few values, and
 * agents do other things for some of them: two that were answered alike say little of a third.
 */
import type { MessageTemplate } from '../template/template.ts';
import type { TreeNode } from './node.ts';

/** After so many that were answered alike, the next most likely is, too. */
export const STATES_MIN = 4;

/** Letters of one case; several words are written together. */
const PLAIN_WORD = /^(?:\p{Ll}+(?:[_-]\p{Ll}+)*|\p{Lu}+(?:[_-]\p{Lu}+)*)$/u;

/** Whether the value of the variable may be a state: a plain word that some message of the path has as a whole field. */
export function mayBeState(path: readonly TreeNode[], name: string, value: string): boolean {
  return PLAIN_WORD.test(value) && path.some(({ template }) => hasField(template, name));
}

/** Whether a field of the message's JSON is the variable, and nothing else. */
function hasField({ skeleton, leaves }: MessageTemplate, name: string): boolean {
  if (!/J[[{]/.test(skeleton)) return false;
  return leaves.some((leaf) => {
    const [first] = leaf;
    return leaf.length === 1 && first?.kind === 'variable' && first.name === name;
  });
}
