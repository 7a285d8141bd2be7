/** Templates are data: lists of segments, never strings with markers. `{{x}}` is only how people see them. */
import { isCallIdVariable } from '../messages/call-ids.ts';
import type { Message } from '../messages/message.ts';
import { matcherWidth, parseMatcher, type Matcher } from './matcher.ts';

export type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string; readonly matcher: Matcher };

/** The segments of one leaf; an empty list is the empty text. */
export type LeafTemplate = readonly Segment[];

export interface MessageTemplate {
  readonly role: string;
  readonly skeleton: string;
  readonly leaves: readonly LeafTemplate[];
}

/** Variable name → the string that it took. A Map, since `__proto__` is a name like any other. */
export type Bindings = ReadonlyMap<string, string>;

const VARIABLE_NAME = /^[a-zA-Z_][a-zA-Z0-9_]{0,63}$/;

/** Names that a client or a model may give to a variable. */
export function isVariableName(name: string): boolean {
  return VARIABLE_NAME.test(name);
}

/** The template that fits exactly one message. */
export function literalTemplate(message: Message): MessageTemplate {
  return {
    role: message.role,
    skeleton: message.skeleton,
    leaves: message.leaves.map((leaf) => literalLeaf(leaf.text)),
  };
}

export function literalLeaf(text: string): LeafTemplate {
  return text === '' ? [] : [{ kind: 'literal', text }];
}

/** The variables of a template in the order in which they first stand in it. */
export function variablesOfTemplate(template: MessageTemplate): string[] {
  const names = new Set<string>();
  for (const leaf of template.leaves) {
    for (const segment of leaf) if (segment.kind === 'variable') names.add(segment.name);
  }
  return [...names];
}

export function isLiteral(template: MessageTemplate): boolean {
  return template.leaves.every((leaf) => leaf.every((segment) => segment.kind === 'literal'));
}

/** How many characters a template fixes: the more, the more specific it is. */
export function literalCharacters(template: MessageTemplate): number {
  let count = 0;
  for (const leaf of template.leaves) {
    for (const segment of leaf) if (segment.kind === 'literal') count += segment.text.length;
  }
  return count;
}

/** How wide the variables of a template are, added up. */
export function templateWidth(template: MessageTemplate): number {
  let width = 0;
  for (const leaf of template.leaves) {
    for (const segment of leaf)
      if (segment.kind === 'variable') width += matcherWidth(segment.matcher);
  }
  return width;
}

/** A template's identity: equal for equal templates. Its hash, with the parent's id, is the node's id. */
export function templateText(template: MessageTemplate): string {
  const leaves = template.leaves.map((leaf) =>
    leaf.map((segment) =>
      segment.kind === 'literal' ? segment.text : [segment.name, matcherText(segment.matcher)],
    ),
  );
  return JSON.stringify([template.skeleton, leaves]);
}

/** The template as people see it. Never parsed back. */
export function showTemplate(template: MessageTemplate): string {
  return template.leaves
    .map((leaf) => leaf.map((s) => (s.kind === 'literal' ? s.text : `{{${s.name}}}`)).join(''))
    .join(' · ');
}

/** Fills in every variable of a leaf in one pass, so that a value is never read as a template again. */
export function hydrateLeaf(leaf: LeafTemplate, bindings: Bindings): string | undefined {
  let text = '';
  for (const segment of leaf) {
    const piece = segment.kind === 'literal' ? segment.text : bindings.get(segment.name);
    if (piece === undefined) return undefined;
    text += piece;
  }
  return text;
}

/** Reads a stored template. Everything in the database is untrusted: undefined when it is none. */
export function parseTemplate(json: unknown): MessageTemplate | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const { role, skeleton, leaves } = json as Record<string, unknown>;
  if (typeof role !== 'string' || typeof skeleton !== 'string' || !Array.isArray(leaves))
    return undefined;
  const parsed: LeafTemplate[] = [];
  for (const leaf of leaves) {
    const segments = parseLeaf(leaf);
    if (segments === undefined) return undefined;
    parsed.push(segments);
  }
  return { role, skeleton, leaves: parsed };
}

function parseLeaf(json: unknown): LeafTemplate | undefined {
  if (!Array.isArray(json)) return undefined;
  const segments: Segment[] = [];
  for (const item of json) {
    const segment = parseSegment(item);
    if (segment === undefined) return undefined;
    segments.push(segment);
  }
  return segments;
}

function parseSegment(json: unknown): Segment | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const { kind, text, name, matcher } = json as Record<string, unknown>;
  if (kind === 'literal' && typeof text === 'string') return { kind, text };
  const parsed = parseMatcher(matcher);
  if (kind !== 'variable' || typeof name !== 'string' || parsed === undefined) return undefined;
  return isVariableName(name) || isCallIdVariable(name)
    ? { kind, name, matcher: parsed }
    : undefined;
}

function matcherText(matcher: Matcher): readonly unknown[] {
  return [matcher.kind, matcher.excludes ?? '', matcher.digits ?? null, matcher.structure ?? []];
}
