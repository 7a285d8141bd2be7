/** Builds message templates from placed spans, with matchers as narrow as the values that were seen. */
import type { Leaf, Message } from '../messages/message.ts';
import { ANYTHING, type Matcher } from '../template/matcher.ts';
import type { LeafTemplate, MessageTemplate, Segment } from '../template/template.ts';
import type { Placed } from './arrange.ts';

const WORDS = /[\p{L}\p{N}]+/gu;
/** Inside quotes or code fences a value must not close what it stands in. */
const QUOTES = new Set(['"', "'", '`', '”']);

export interface Surroundings {
  readonly unsafe: UnsafeCharacters;
  /**
   * Variables that have their value before this message. It decides alone, so they need no matcher,
   * and one message has one template however its values were first recognised.
   */
  readonly known: ReadonlySet<string>;
}

/** The template of `message` with `spans` (all of this message, not overlapping) as variables. */
export function buildTemplate(
  message: Message,
  spans: readonly Placed[],
  surroundings: Surroundings,
): MessageTemplate {
  return {
    role: message.role,
    skeleton: message.skeleton,
    leaves: message.leaves.map((leaf, index) =>
      buildLeaf(
        leaf,
        spans.filter((span) => span.leaf === index),
        surroundings,
      ),
    ),
  };
}

/** The templates of the messages from `from` on; `known` are the variables of the path above. */
export function buildTemplates(
  messages: readonly Message[],
  from: number,
  placed: readonly Placed[],
  known: ReadonlySet<string>,
): MessageTemplate[] {
  const unsafe = unsafeCharacters(messages, placed);
  const names = new Set(known);
  return messages.slice(from).map((message, index) => {
    const spans = placed.filter((span) => span.message === from + index);
    const template = buildTemplate(message, spans, { unsafe, known: names });
    for (const span of spans) names.add(span.name);
    return template;
  });
}

/** Variable → characters that would break the text that it is copied into. */
export type UnsafeCharacters = ReadonlyMap<string, string>;

/** Finds, in assistant messages, variables between quotes of a plain text: there nothing escapes them. */
export function unsafeCharacters(
  messages: readonly Message[],
  placed: readonly Placed[],
): UnsafeCharacters {
  const unsafe = new Map<string, string>();
  for (const span of placed) {
    const leaf = messages[span.message]?.leaves[span.leaf];
    if (leaf?.kind !== 'text') continue;
    const after = leaf.text[span.end] ?? '';
    if (!QUOTES.has(after) || !QUOTES.has(leaf.text[span.start - 1] ?? '')) continue;
    const characters = new Set([...Array.from(unsafe.get(span.name) ?? ''), after, '\\', '\n']);
    unsafe.set(span.name, [...characters].sort().join(''));
  }
  return unsafe;
}

function buildLeaf(leaf: Leaf, spans: readonly Placed[], surroundings: Surroundings): LeafTemplate {
  const segments: Segment[] = [];
  const ordered = spans.toSorted((a, b) => a.start - b.start);
  const words = literalWords(leaf, ordered);
  let offset = 0;
  for (const span of ordered) {
    if (span.start > offset)
      segments.push({ kind: 'literal', text: leaf.text.slice(offset, span.start) });
    segments.push({
      kind: 'variable',
      name: span.name,
      matcher: matcherFor(span, [...words, ...(span.structure ?? [])], surroundings),
      ...(span.condition === undefined ? {} : { condition: span.condition }),
    });
    offset = span.end;
  }
  if (offset < leaf.text.length) segments.push({ kind: 'literal', text: leaf.text.slice(offset) });
  return segments;
}

function matcherFor(
  span: Placed,
  structure: readonly string[],
  { unsafe, known }: Surroundings,
): Matcher {
  if (known.has(span.name)) return ANYTHING;
  const excludes = unsafe.get(span.name) ?? '';
  // A value that nothing delimits ends where the template's own words begin again: it must not hold them.
  const open =
    !span.delimited &&
    (span.kind === 'name' || span.kind === 'word' || span.kind === 'line' || span.kind === 'text');
  const digits = span.kind === 'word' ? { digits: /\d/.test(span.value) } : {};
  return {
    kind: span.kind,
    ...(excludes === '' ? {} : { excludes }),
    ...digits,
    ...(open && structure.length > 0 ? { structure: [...new Set(structure)].sort() } : {}),
  };
}

function literalWords(leaf: Leaf, ordered: readonly Placed[]): readonly string[] {
  let rest = '';
  let offset = 0;
  for (const span of ordered) {
    rest += `${leaf.text.slice(offset, span.start)} `;
    offset = span.end;
  }
  rest += leaf.text.slice(offset);
  const values = new Set(ordered.flatMap((span) => span.value.toLowerCase().match(WORDS) ?? []));
  const words = new Set(rest.toLowerCase().match(WORDS) ?? []);
  return [...words].filter((word) => !values.has(word)).sort();
}
