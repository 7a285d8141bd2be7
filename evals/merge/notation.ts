/**
 * Our templates in the notation of the corrected Loghub labels, where `<*>` is a variable and a token that holds one is
 * one as a whole: `blk_{{v1}}` is `<*>`. Only the prediction is written so; labels are compared as they are.
 * Source of the rules: Khan et al., "Guidelines for assessing the accuracy of log message template identification
 * techniques", ICSE 2022 (path-like strings, word concatenated with variable, dot-separated and consecutive variables).
 */
import type { MessageTemplate } from '../../core/template/template.ts';

const WILDCARD = '<*>';
/** What ends a path, and what ends a token; captured, since the text is put together again. */
const PATH_ENDS = /([\s,!;:=|"'[\](){}])/;
const TOKEN_ENDS = /([\s,!;:=|"'[\](){}.\-+@#$%&])/;

/** One line for all leaves of the template. */
export function toNotation(template: MessageTemplate): string {
  const text = template.leaves
    .map((leaf) =>
      leaf.map((segment) => (segment.kind === 'literal' ? segment.text : WILDCARD)).join(''),
    )
    .join(' ');
  const paths = text
    .split(PATH_ENDS)
    .map((token) => (/^(?:\/[^/]+)+$/.test(token) ? WILDCARD : token))
    .join('');
  const words = paths
    .split(TOKEN_ENDS)
    .map((token) => (token.includes(WILDCARD) && !token.includes('/') ? WILDCARD : token))
    .join('');
  return words.replaceAll(/<\*>(?:\.?<\*>)+/g, WILDCARD);
}
