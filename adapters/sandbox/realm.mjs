/**
 * What runs inside a fresh realm around a derivation, as the text of a function body: it takes away all that
 * could differ from run to run, then calls the derivation and says what came out of it as one string.
 * It captures what it needs first, and touches a result only by `typeof` and operators that call no guest code.
 */

/** Names that stay; the rest of the global object (Date, Intl, WeakRef, Promise, console, ...) is removed. */
const GLOBALS = [
  ...['Object', 'Array', 'String', 'Number', 'Boolean', 'Math', 'JSON', 'Map', 'Set', 'RegExp'],
  ...['parseInt', 'parseFloat', 'isNaN', 'isFinite', 'NaN', 'Infinity', 'undefined'],
  ...['encodeURIComponent', 'decodeURIComponent'],
];

/**
 * Arguments: $0 source, $1 JSON of [name, value] pairs, $2 characters of the longest result.
 * Shape of the result: `s` + text, `n` + number, `b` + boolean, or `!` + the code of a rejection.
 */
export const REALM = `
'use strict';
const compile = eval;
const realm = globalThis;
const ownKeys = Reflect.ownKeys;
const getPrototypeOf = Object.getPrototypeOf;

const variables = Object.create(null);
for (const [name, value] of JSON.parse($1)) variables[name] = value;
Object.freeze(variables);

const kept = new Set(${JSON.stringify(GLOBALS)});
for (const name of ownKeys(realm)) if (!kept.has(name)) delete realm[name];
for (const sample of [function () {}, async function () {}, function* () {}, async function* () {}]) {
  delete getPrototypeOf(sample).constructor;
}
delete Math.random;
for (const { prototype } of [String, Number, Array]) {
  for (const name of ownKeys(prototype)) {
    if (typeof name === 'string' && /locale/i.test(name)) delete prototype[name];
  }
}
// Nothing is inherited by a plain object: a table looked up by "constructor" has no such entry,
// and an object or a function in a text throws instead of becoming "[object Object]" in an answer.
delete getPrototypeOf(getPrototypeOf).toString;
for (const name of ownKeys(Object.prototype)) delete Object.prototype[name];

let derive;
try {
  derive = compile('"use strict";(' + $0 + '\\n)');
} catch {
  return '!syntax';
}
if (typeof derive !== 'function') return '!not-allowed';
let result;
try {
  result = derive(variables);
} catch {
  return '!threw';
}
if (typeof result === 'string') return result.length > $2 ? '!too-long' : 's' + result;
if (typeof result === 'number') return result - result === 0 ? 'n' + result : '!not-literal';
if (typeof result === 'boolean') return result ? 'btrue' : 'bfalse';
return '!not-literal';
`;
