/**
 * The first gate: which JavaScript may be tried as a derivation. It keeps honest mistakes and most hostile
 * code away from the sandbox, but it is not the boundary: the child process is (child.ts, realm.mjs).
 */
import {
  parse,
  type AnyNode,
  type ArrowFunctionExpression,
  type AssignmentProperty,
  type Expression,
  type FunctionDeclaration,
  type FunctionExpression,
  type Identifier,
  type Literal,
  type Pattern,
  type PrivateIdentifier,
  type Program,
  type RestElement,
  type SpreadElement,
  type Super,
} from 'acorn';
import { full, fullAncestor } from 'acorn-walk';
import {
  CONSTRUCTORS,
  DENIED_KEYS,
  DENIED_NAMES,
  FUNCTIONS,
  MEMBERS,
  OPERATORS,
  PLAIN_TYPES,
  REGEX_METHODS,
} from './allow-list.ts';
import { SANDBOX_LIMITS } from './limits.ts';

/** `reason` names a construct, never text of the source. */
export type SourceCheck =
  | { readonly kind: 'allowed' }
  | {
      readonly kind: 'rejected';
      readonly code: 'syntax' | 'not-allowed' | 'too-long';
      readonly reason: string;
    };

/** Strict, as in realm.mjs, and an expression: a declaration or a second statement has no place here. */
const PREFIX = '"use strict";(';

/**
 * Whether `source` is one function, `(variables) => value` or `function (variables) { ... }`, made of nothing
 * but calculation on texts, numbers, lists and tables. The function gets one frozen object that maps the name
 * of each variable to its text, and returns a string, a finite number or a boolean.
 *
 * Errors: none. Cost: one parse of at most 4096 characters, 0.1 ms for a line.
 */
export function checkSource(source: string): SourceCheck {
  if (source.length > SANDBOX_LIMITS.sourceCharactersMax) {
    return { kind: 'rejected', code: 'too-long', reason: 'source' };
  }
  try {
    const program = parse(`${PREFIX}${source}\n)`, { ecmaVersion: 2024, sourceType: 'script' });
    const derive = soleFunction(program);
    const reason = derive === undefined ? 'not one function' : refusalIn(derive);
    if (reason === undefined) return { kind: 'allowed' };
    return { kind: 'rejected', code: 'not-allowed', reason };
  } catch {
    // The parser throws on what is no JavaScript; nesting that overflows the stack ends here too.
    return { kind: 'rejected', code: 'syntax', reason: 'parse' };
  }
}

/** A source that closes our bracket early makes a second statement or another expression. */
function soleFunction(program: Program): Expression | undefined {
  const [, statement, ...more] = program.body;
  if (statement?.type !== 'ExpressionStatement' || more.length > 0) return undefined;
  const { expression } = statement;
  const isFunction =
    expression.type === 'ArrowFunctionExpression' || expression.type === 'FunctionExpression';
  return isFunction && expression.params.length <= 1 ? expression : undefined;
}

interface Names {
  readonly declared: Set<string>;
  /** Constants that hold a regular expression of the source. */
  readonly regexes: Set<string>;
}

/** The first construct that is not allowed. */
function refusalIn(root: Expression): string | undefined {
  const names: Names = { declared: new Set(), regexes: new Set() };
  let refusal: string | undefined;
  full(root, (node) => declare(node, names));
  fullAncestor(root, (node, _state, ancestors, type) => {
    const place = { parent: ancestors.at(-2), names, isTarget: type === 'VariablePattern' };
    refusal ??= refusalOf(node, place);
  });
  return refusal;
}

function declare(node: AnyNode, names: Names): void {
  if (node.type === 'VariableDeclaration') {
    for (const { id, init } of node.declarations) {
      declarePattern(id, names);
      const isRegex = node.kind === 'const' && id.type === 'Identifier' && isRegexLiteral(init);
      if (isRegex) names.regexes.add(id.name);
    }
  } else if (isFunctionNode(node)) {
    if (node.id) names.declared.add(node.id.name);
    for (const param of node.params) declarePattern(param, names);
  }
}

function declarePattern(pattern: Pattern, names: Names): void {
  switch (pattern.type) {
    case 'Identifier':
      names.declared.add(pattern.name);
      break;
    case 'ObjectPattern':
      for (const property of pattern.properties) {
        declarePattern(property.type === 'Property' ? property.value : property.argument, names);
      }
      break;
    case 'ArrayPattern':
      for (const element of pattern.elements) if (element) declarePattern(element, names);
      break;
    case 'RestElement':
      declarePattern(pattern.argument, names);
      break;
    case 'AssignmentPattern':
      declarePattern(pattern.left, names);
      break;
    case 'MemberExpression':
      break;
  }
}

interface Place {
  readonly parent: AnyNode | undefined;
  readonly names: Names;
  /** A name that is bound or assigned to here. */
  readonly isTarget: boolean;
}

type Rules = {
  readonly [Type in AnyNode['type']]?: (
    node: Extract<AnyNode, { type: Type }>,
    place: Place,
  ) => string | undefined;
};

const RULES: Rules = {
  Identifier: (node, { parent, names, isTarget }) =>
    names.declared.has(node.name) ? undefined : refusalOfGlobal(node, parent, isTarget),
  Literal: refusalOfLiteral,
  MemberExpression: (node, { parent, names }) =>
    parent?.type === 'AssignmentExpression' && parent.left === node && !isOwn(node.object, names)
      ? 'assignment to a global'
      : refusalOfName(node.property, node.computed, DENIED_NAMES),
  Property: (node) =>
    node.kind !== 'init' || node.method || node.computed
      ? 'accessor, method or computed key'
      : refusalOfName(node.key, false, DENIED_KEYS),
  ObjectPattern: (node) => refusalOfObjectPattern(node.properties),
  CallExpression: (node, { names }) => refusalOfCall(node.callee, node.arguments[0], names),
  NewExpression: (node) => (node.callee.type === 'Identifier' ? undefined : 'constructor'),
  BinaryExpression: (node) => refusalOfOperator(node.operator),
  UnaryExpression: (node) => refusalOfOperator(node.operator),
  BreakStatement: (node) => (node.label ? 'label' : undefined),
  ContinueStatement: (node) => (node.label ? 'label' : undefined),
  ForOfStatement: (node) => (node.await ? 'await' : undefined),
  ArrowFunctionExpression: refusalOfFunction,
  FunctionExpression: refusalOfFunction,
  FunctionDeclaration: refusalOfFunction,
};

function refusalOf(node: AnyNode, place: Place): string | undefined {
  // The table pairs each type with a rule for it, which an index by a union of types cannot say.
  const rule = RULES[node.type] as
    ((node: AnyNode, place: Place) => string | undefined) | undefined;
  if (rule !== undefined) return rule(node, place);
  return PLAIN_TYPES.has(node.type) ? undefined : node.type;
}

function refusalOfOperator(operator: string): string | undefined {
  return OPERATORS.has(operator) ? undefined : 'operator';
}

function refusalOfFunction(node: {
  readonly async: boolean;
  readonly generator: boolean;
}): string | undefined {
  return node.async || node.generator ? 'async or generator' : undefined;
}

/** Not a global: a member of what the source made or was given may be set. */
function isOwn(object: Expression | Super, names: Names): boolean {
  return object.type !== 'Identifier' || names.declared.has(object.name);
}

/** A name that the source does not declare: some globals may stand alone, others only before a member. */
function refusalOfGlobal(
  node: Identifier,
  parent: AnyNode | undefined,
  isTarget: boolean,
): string | undefined {
  if (isTarget) return 'assignment to a global';
  if (parent?.type === 'MemberExpression' && parent.object === node) {
    const { property, computed } = parent;
    const name = !computed && property.type === 'Identifier' ? property.name : '';
    return MEMBERS.get(node.name)?.has(name) === true ? undefined : 'member of a global';
  }
  if (parent?.type === 'NewExpression' && parent.callee === node) {
    return CONSTRUCTORS.has(node.name) ? undefined : 'constructor';
  }
  return FUNCTIONS.has(node.name) ? undefined : 'global';
}

function refusalOfLiteral(node: Literal): string | undefined {
  if (typeof node.bigint === 'string') return 'big integer';
  const length = node.regex?.pattern.length ?? 0;
  return length > SANDBOX_LIMITS.regexCharactersMax ? 'long regular expression' : undefined;
}

/** A key or member that is written out; one that is computed is looked up in what realm.mjs left there. */
function refusalOfName(
  key: Expression | PrivateIdentifier,
  isComputed: boolean,
  denied: ReadonlySet<string>,
): string | undefined {
  const name =
    key.type === 'Identifier' && !isComputed ? key.name : key.type === 'Literal' ? key.value : '';
  if (key.type === 'PrivateIdentifier') return 'private name';
  const isDenied = typeof name === 'string' && (denied.has(name) || /^__|locale/i.test(name));
  return isDenied ? 'name of a member' : undefined;
}

function refusalOfObjectPattern(
  properties: readonly (AssignmentProperty | RestElement)[],
): string | undefined {
  for (const property of properties) {
    if (property.type === 'RestElement') continue;
    if (property.computed) return 'computed key';
    const refusal = refusalOfName(property.key, false, DENIED_NAMES);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function refusalOfCall(
  callee: Expression | Super,
  first: Expression | SpreadElement | undefined,
  names: Names,
): string | undefined {
  if (callee.type !== 'MemberExpression') return undefined;
  if (callee.computed) return 'call of a computed member';
  const isSearch = callee.property.type === 'Identifier' && REGEX_METHODS.has(callee.property.name);
  const isFixed =
    isRegexLiteral(first) || (first?.type === 'Identifier' && names.regexes.has(first.name));
  return isSearch && !isFixed ? 'regular expression from data' : undefined;
}

function isRegexLiteral(node: AnyNode | null | undefined): boolean {
  return node?.type === 'Literal' && node.regex !== undefined;
}

function isFunctionNode(
  node: AnyNode,
): node is ArrowFunctionExpression | FunctionExpression | FunctionDeclaration {
  return (
    node.type === 'ArrowFunctionExpression' ||
    node.type === 'FunctionExpression' ||
    node.type === 'FunctionDeclaration'
  );
}
