/** What a derivation may be made of. JavaScript is large; a calculation on texts needs little of it. */

/** Node types that need no further look. All that is neither here nor in `RULES` (check-source.ts) is refused. */
export const PLAIN_TYPES = new Set([
  ...['Program', 'ExpressionStatement', 'BlockStatement', 'EmptyStatement', 'ReturnStatement'],
  ...['IfStatement', 'SwitchStatement', 'SwitchCase', 'VariableDeclaration', 'VariableDeclarator'],
  ...['ForStatement', 'WhileStatement', 'DoWhileStatement', 'ArrayExpression', 'ArrayPattern'],
  ...['ObjectExpression', 'ObjectPattern', 'AssignmentPattern', 'RestElement', 'SpreadElement'],
  ...['ConditionalExpression', 'LogicalExpression', 'AssignmentExpression', 'UpdateExpression'],
  ...['SequenceExpression', 'ChainExpression', 'ParenthesizedExpression'],
  ...['TemplateLiteral', 'TemplateElement'],
]);

/** Globals that may be passed around or called. */
export const FUNCTIONS = new Set([
  ...['String', 'Number', 'Boolean', 'parseInt', 'parseFloat', 'isNaN', 'isFinite'],
  ...['encodeURIComponent', 'decodeURIComponent', 'undefined', 'NaN', 'Infinity'],
]);

/** Globals of which only these members may be named. */
export const MEMBERS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    String: ['fromCharCode', 'fromCodePoint'],
    Number: [
      ...['isInteger', 'isSafeInteger', 'isFinite', 'isNaN', 'parseInt', 'parseFloat'],
      ...['MAX_SAFE_INTEGER', 'MIN_SAFE_INTEGER', 'EPSILON'],
    ],
    Object: ['keys', 'values', 'entries', 'fromEntries', 'hasOwn'],
    Array: ['from', 'isArray', 'of'],
    JSON: ['parse', 'stringify'],
    Math: [
      ...['abs', 'ceil', 'floor', 'round', 'trunc', 'sign', 'max', 'min', 'sqrt', 'cbrt', 'pow'],
      ...['hypot', 'exp', 'log', 'log2', 'log10', 'sin', 'cos', 'tan', 'atan', 'atan2', 'PI', 'E'],
    ],
  }).map(([name, members]) => [name, new Set(members)]),
);

export const CONSTRUCTORS = new Set(['Map', 'Set']);

/** Names of members and keys that lead out of the data: to code, to prototypes, to conversions, to the locale. */
export const DENIED_NAMES = new Set([
  ...['constructor', 'prototype', 'caller', 'callee', 'arguments', 'call', 'apply', 'bind'],
  ...['valueOf', 'toJSON', 'then', 'localeCompare', 'raw', 'compile', 'fromAsync'],
]);
/** As keys of objects they are called when the object becomes a text. */
export const DENIED_KEYS = new Set(['toString', ...DENIED_NAMES]);

/** These make a regular expression of a string: only one that stands in the source is bounded. */
export const REGEX_METHODS = new Set(['match', 'matchAll', 'search']);

export const OPERATORS = new Set([
  ...['==', '!=', '===', '!==', '<', '<=', '>', '>=', '+', '-', '*', '/', '%', '**'],
  ...['|', '&', '^', '<<', '>>', '>>>', '!', '~', 'typeof'],
]);
