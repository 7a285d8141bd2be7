/** Templates are data: lists of segments, never strings with markers. `{{x}}` is only how people see them. */
import { isCallIdVariable } from '../messages/call-ids.ts';
import type { Message } from '../messages/message.ts';
import { parseCondition, type Condition } from './condition.ts';
import { isFolding, type Folding } from './fold.ts';
import { matcherText, matcherWidth, parseMatcher, type Matcher } from './matcher.ts';

export interface LiteralSegment {
  readonly kind: 'literal';
  readonly text: string;
  /** How far the text may differ; a leaf with one such literal is compared folded as a whole. */
  readonly fold?: Folding;
}

export interface VariableSegment {
  readonly kind: 'variable';
  readonly name: string;
  /** Which values it takes where the message says it; a value that is known already decides alone. */
  readonly matcher: Matcher;
  /** What must hold of the value besides, known or not. */
  readonly condition?: Condition;
}

export type Segment = LiteralSegment | VariableSegment;

export type ConditionalSegment = VariableSegment & { readonly condition: Condition };

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

/** The variables of some leaves that a condition is on. */
export function conditionalSegments(leaves: readonly LeafTemplate[]): ConditionalSegment[] {
  return leaves.flatMap((leaf) => leaf.filter(isConditional));
}

function isConditional(segment: Segment): segment is ConditionalSegment {
  return segment.kind === 'variable' && segment.condition !== undefined;
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
      segment.kind === 'literal' ? literalText(segment) : variableText(segment),
    ),
  );
  return JSON.stringify([template.skeleton, leaves]);
}

function literalText({ text, fold }: LiteralSegment): unknown {
  return fold === undefined ? text : { text, fold };
}

function variableText({ name, matcher, condition }: VariableSegment): unknown {
  const parts = [name, matcherText(matcher)];
  return condition === undefined ? parts : [...parts, condition];
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
  const { kind } = json as Record<string, unknown>;
  if (kind === 'literal') return parseLiteral(json as Record<string, unknown>);
  return kind === 'variable' ? parseVariable(json as Record<string, unknown>) : undefined;
}

function parseLiteral({ text, fold }: Record<string, unknown>): LiteralSegment | undefined {
  if (typeof text !== 'string') return undefined;
  if (fold === undefined) return { kind: 'literal', text };
  return isFolding(fold) ? { kind: 'literal', text, fold } : undefined;
}

function parseVariable(json: Record<string, unknown>): VariableSegment | undefined {
  const { name } = json;
  const matcher = parseMatcher(json['matcher']);
  if (typeof name !== 'string' || matcher === undefined) return undefined;
  if (!isVariableName(name) && !isCallIdVariable(name)) return undefined;
  if (json['condition'] === undefined) return { kind: 'variable', name, matcher };
  const condition = parseCondition(json['condition']);
  return condition && { kind: 'variable', name, matcher, condition };
}
