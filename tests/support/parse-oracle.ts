/** The slow, obvious judge of parsing: every way to cut a text, each checked from the definition. */
import { canonicalNumber } from '../../core/decimal.ts';
import { splitsPair } from '../../core/template/characters.ts';
import { holds } from '../../core/template/condition.ts';
import { accepts } from '../../core/template/matcher.ts';
import type { Bindings, LeafTemplate } from '../../core/template/template.ts';
import type { Leaf } from '../../core/messages/message.ts';

type Texts = readonly Pick<Leaf, 'kind' | 'text'>[];

/** All parses of a message, each with the known bindings and the new ones. */
export function allParses(
  leaves: readonly LeafTemplate[],
  texts: Texts,
  known: Bindings,
): Bindings[] {
  let parses: Bindings[] = [known];
  const pairs = leaves.map((pattern, index) => ({ pattern, leaf: texts[index] }));
  // A text says how a value is written; a number has only to be equal to it.
  for (const isScalarTurn of [false, true]) {
    for (const { pattern, leaf } of pairs) {
      if (leaf === undefined || isScalar(leaf) !== isScalarTurn) continue;
      parses = parses.flatMap((bindings) =>
        isScalarTurn
          ? scalarParses(pattern, leaf, bindings)
          : textParses(pattern, leaf.text, 0, bindings),
      );
    }
  }
  // A value that was not known has to fit wherever its variable stands.
  return parses.filter((bindings) =>
    leaves.flat().every((segment) => {
      if (segment.kind === 'literal') return true;
      const value = bindings.get(segment.name) ?? '';
      const { condition, matcher, name } = segment;
      if (!known.has(name) && !accepts(matcher, value)) return false;
      return condition === undefined || holds(condition, value, bindings);
    }),
  );
}

function isScalar(leaf: Pick<Leaf, 'kind'>): boolean {
  return leaf.kind === 'number' || leaf.kind === 'constant';
}

function textParses(
  pattern: LeafTemplate,
  text: string,
  offset: number,
  known: Bindings,
): Bindings[] {
  const [segment, ...rest] = pattern;
  if (segment === undefined) return offset === text.length ? [known] : [];
  const found: Bindings[] = [];
  for (let end = offset; end <= text.length; end++) {
    const piece = text.slice(offset, end);
    if (segment.kind === 'literal') {
      if (piece === segment.text) found.push(...textParses(rest, text, end, known));
      continue;
    }
    const value = known.get(segment.name);
    const isWhole = !splitsPair(text, offset) && !splitsPair(text, end);
    if (value === undefined ? isWhole && piece !== '' : value === piece) {
      found.push(...textParses(rest, text, end, new Map(known).set(segment.name, piece)));
    }
  }
  return found;
}

function scalarParses(
  [segment, ...rest]: LeafTemplate,
  leaf: Pick<Leaf, 'kind' | 'text'>,
  known: Bindings,
): Bindings[] {
  if (segment === undefined || rest.length > 0) return [];
  const expected = segment.kind === 'literal' ? segment.text : known.get(segment.name);
  if (expected === undefined) {
    if (segment.kind === 'literal') return [];
    return [new Map(known).set(segment.name, leaf.text)];
  }
  const value = leaf.kind === 'number' ? canonicalNumber : (text: string) => text;
  return value(expected) === value(leaf.text) ? [known] : [];
}
