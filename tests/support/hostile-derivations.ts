/**
 * Derivations that a malicious or confused model might write. `ends` lists every ending that is fine: codes of
 * rejections, or the tagged value of a harmless result. Which of several happens depends on the machine's speed.
 */

export interface Hostile {
  readonly source: string;
  readonly ends: readonly string[];
}

const group = (ends: readonly string[], sources: readonly string[]): Hostile[] =>
  sources.map((source) => ({ source, ends }));

const STOPPED = ['timeout', 'memory', 'crashed'];
/** V8 may refuse a size by itself, and a small enough one may even end in time, as a number or an object. */
const STOPPED_OR_REFUSED = [...STOPPED, 'threw', 'not-literal', 'too-long'];
const GONE = ['sundefined', 'threw', 'not-literal', 'syntax'];

const LOOPS = group(
  [...STOPPED, 'threw'],
  [
    '(v) => { for (;;); }',
    '(v) => { while (true) v.city.trim(); }',
    '(v) => { do {} while (1); }',
    '(v) => { for (const x of { __proto__: [1] }) for (;;); }',
    '(v) => { const f = () => { try { f(); } finally { f(); } }; f(); }',
    '(v) => { try { for (;;); } finally { for (;;); } }',
    '(v) => { for (;;) { try { null.x; } catch { continue; } } }',
    '(v) => { function* g() { for (;;) yield 1; } let s = 0; for (const x of g()) s += x; return s; }',
    '(v) => { const f = (n) => (n < 2 ? n : f(n - 1) + f(n - 2)); return f(80); }',
    '(v) => [1, 2].sort(() => { for (;;); }).length',
    '(v) => { const list = [1]; for (const x of list) list.push(x); return 1; }',
    '(v) => { const set = new Set([0]); for (const x of set) { set.delete(x); set.add(x + 1); } return 1; }',
    '(v) => { const m = new Map([[0, 0]]); m.forEach((_, k) => { m.delete(k); m.set(k + 1, 0); }); return 1; }',
    '(v) => "a".replace(/a/, () => { for (;;); })',
    '(v) => JSON.parse("[1]", () => { for (;;); })',
    '(v) => JSON.stringify({ get x() { for (;;); } })',
    '(v) => Array.from({ length: 1 }, () => { for (;;); })',
  ],
);

const BIG_NUMBERS = group(STOPPED_OR_REFUSED, [
  '(v) => { let x = 3n; for (;;) x = x * x; }',
  '(v) => String(2n ** (1n << 29n))',
  '(v) => String(7n ** 20000000n)',
  '(v) => String((1n << 900000000n) * (1n << 900000000n))',
  '(v) => ((10n ** 4000000n) / 3n).toString().length',
  '(v) => Number(BigInt("9".repeat(20000000)) % 7n)',
]);

const BIG_LISTS = group(STOPPED_OR_REFUSED, [
  '(v) => Array.from({ length: 4e8 })',
  '(v) => Array.from({ length: 4e8 }, (_, i) => i).length',
  '(v) => Array(1e8).fill(1).length',
  '(v) => new Array(1e8).fill(1).length',
  '(v) => [].fill.call({ length: 2 ** 53 - 1 }, 1)',
  '(v) => { const a = []; a.length = 4e9; return a.sort().length; }',
  '(v) => { const a = []; a.length = 4e9; return a.reverse().length; }',
  '(v) => { const a = []; a.length = 4e9; return a.indexOf(1); }',
  '(v) => { const a = []; a.length = 4e9; return a.includes(1) ? 1 : null; }',
  '(v) => { const a = []; a.length = 4e9; a[4e9 - 1] = 1; return a.lastIndexOf(2); }',
  '(v) => { const a = []; for (;;) a.push(a.length); }',
  '(v) => { const a = [1]; for (;;) a.push(...a); }',
  '(v) => { let a = [1]; for (;;) a = [...a, ...a]; }',
  '(v) => { let a = [1]; for (;;) a = [a, a, a.flat(Infinity)]; }',
  '(v) => { let o = {}; for (let i = 0; ; i++) o["k" + i] = i; }',
  '(v) => { const m = new Map(); for (let i = 0; ; i++) m.set(i, "x" + i); }',
  '(v) => { const a = []; for (;;) a.push(/x/g); }',
  '(v) => { const a = []; for (;;) a.push(() => a); }',
  '(v) => { let o = null; for (;;) o = { o }; }',
  '(v) => Array(3e7).fill().map((_, i) => [i]).length',
  '(v) => JSON.stringify(Array(5e7).fill(1)).length',
  '(v) => Object.entries("x".repeat(3e7)).length',
  '(v) => [..."x".repeat(2 ** 28)].length',
  '(v) => Math.max(...Array(1e8).keys())',
  '(v) => Array.prototype.concat.apply([], Array(1e6).fill(Array(1e3).fill(1))).length',
]);

const BIG_TEXTS = group(STOPPED_OR_REFUSED, [
  '(v) => { let s = "ab"; for (;;) s += s; }',
  '(v) => "x".repeat(2 ** 29 - 25)',
  '(v) => { let s = "é"; for (let i = 0; i < 28; i++) s += s; return s.replace("x", ""); }',
  '(v) => { let s = "é"; for (let i = 0; i < 28; i++) s += s; return s.toUpperCase().length; }',
  '(v) => "\\uFDFA".repeat(1e7).normalize("NFKD").length',
  '(v) => { const a = []; for (;;) a.push("x".repeat(1e6).replace("x", "y")); }',
  '(v) => "a".repeat(1e6).split("").join("b".repeat(500)).length',
  '(v) => "a".repeat(1e5).replaceAll("a", "b".repeat(5000)).split("").length',
  '(v) => { for (;;) "ab".repeat(5e7).lastIndexOf("ba".repeat(5e6) + "c"); }',
  '(v) => "x".padStart(2 ** 29 - 30, "abc").endsWith("x") + "y".padEnd(2 ** 28, "zz").slice(-3)',
  '(v) => "x".repeat(65537)',
  '(v) => encodeURIComponent("é".repeat(1e8)).length',
  '(v) => JSON.stringify("\\u0000".repeat(1e8)).length',
]);

const REGEXES = group(STOPPED, [
  '(v) => /^(a+)+$/.test("a".repeat(40) + "!")',
  '(v) => "a".repeat(40).concat("!").replace(/(a|aa)+$/, "")',
  '(v) => /^(([a-z])+.)+[A-Z]([a-z])+$/.test("a".repeat(60))',
  '(v) => "x".repeat(5e4).split(/(x+x+)+y/).length',
  '(v) => /(.*)*\\1\\1\\1z/.exec("ab".repeat(40))',
  '(v) => { const re = /(?:)/g; for (;;) re.exec("a"); }',
  '(v) => new RegExp("(" + "a*".repeat(30) + ")b").test("a".repeat(400))',
]);

/** A result or an error that acts when it is looked at. Nobody looks: `typeof` decides. */
const TRAPS = group(
  ['threw', 'not-literal', 'not-allowed', 'timeout'],
  [
    '(v) => { throw new Proxy({}, { get() { for (;;); } }); }',
    '(v) => { throw { toString() { for (;;); } }; }',
    '(v) => { throw { get stack() { for (;;); }, get message() { for (;;); } }; }',
    '(v) => { throw null; }',
    '(v) => { const e = TypeError; throw e; }',
    '(v) => new Proxy({}, { get() { for (;;); } })',
    '(v) => ({ toString() { for (;;); }, valueOf() { for (;;); } })',
    '(v) => ({ toJSON() { for (;;); } })',
    '(v) => ({ [Symbol.toPrimitive]() { for (;;); } })',
    '(v) => ({ then(r) { r("taken"); } })',
    '(v) => new String("boxed")',
    '(v) => Object(1)',
    '(v) => Symbol("x")',
    '(v) => 10n',
    '(v) => null',
    '(v) => undefined',
    '(v) => {}',
    '(v) => () => "later"',
    '(v) => [v.city]',
    '(v) => NaN',
    '(v) => -1 / 0',
    '(v) => "\\uD83D"',
    '(v) => { const f = () => f() + f(); return f(); }',
    '(v) => { "use strict"; return this.x; }',
    '(v) => "" + {}',
    '(v) => `${() => 1}`',
  ],
);

const LATER = group(
  [...STOPPED, 'threw', 'not-literal', 'syntax'],
  [
    'async (v) => "x"',
    'async (v) => { for (;;) await null; }',
    '(v) => { const spin = async () => { for (;;) await null; }; spin(); return "done"; }',
    '(v) => { const p = (async () => {})(); const f = () => p.then(f); f(); return "done"; }',
    '(v) => { const p = (async () => {})(); const f = () => { p.then(f); p.then(f); }; f(); return "x"; }',
    'function* (v) { yield 1; }',
    '(v) => { setTimeout(() => {}, 0); return "x"; }',
    '(v) => import("node:fs")',
    '(v) => { queueMicrotask(() => { for (;;); }); return "x"; }',
  ],
);

const ESCAPES = group(GONE, [
  '(v) => typeof process',
  '(v) => typeof require',
  '(v) => typeof module + typeof Buffer === "undefinedundefined" ? undefined : "found"',
  '(v) => typeof globalThis',
  '(v) => typeof ivm',
  '(v) => typeof $0',
  '(v) => typeof compile',
  '(v) => Object.getOwnPropertyNames(this).includes("process") ? "found" : undefined',
  '(v) => process.exit(1)',
  '(v) => process.binding("spawn_sync")',
  '(v) => require("child_process").execSync("id").toString()',
  '(v) => this.constructor.constructor("return process")().pid',
  '(v) => v.constructor.constructor("return process")().pid',
  '(v) => (() => {}).constructor("return process")().pid',
  '(v) => (async () => {}).constructor("return process")().pid',
  '(v) => (function* () {}).constructor("return this")().next().value.process',
  '(v) => Object.getPrototypeOf(async function* () {}).constructor("return 1")',
  '(v) => [].constructor.constructor("return process")().env.HOME',
  '(v) => "".constructor.constructor("return globalThis")().process.version',
  '(v) => { try { null.x; } catch (e) { return e.constructor.constructor("return process")().pid; } }',
  '(v) => { const f = (n) => f(n + 1) + 1; try { f(0); } catch (e) { return e.constructor.constructor("return process")().pid; } }',
  '(v) => { Error.prepareStackTrace = (_, s) => s; return new Error().stack[0].getThis().process.pid; }',
  '(v) => { let e; try { null.x; } catch (x) { e = x; } e.constructor.prepareStackTrace = (_, s) => s; return e.stack[0].getThis(); }',
  '(v) => new (class extends Array { static get [Symbol.species]() { return Function; } })()',
  '(v) => arguments.callee.caller',
  'function f(v) { return f.caller.arguments[0]; }',
  '(v) => eval("1+1")',
  '(v) => (0, eval)("typeof process")',
  '(v) => new Function("return process")()',
  '(v) => import.meta.url',
  '(v) => new WebAssembly.Module(new Uint8Array(8))',
  '(v) => new SharedArrayBuffer(8).byteLength',
  '(v) => Atomics.wait(new Int32Array(4), 0, 0)',
  '(v) => Reflect.ownKeys(globalThis).join()',
  '(v) => console.log(v.city)',
  '(v) => ({}).__proto__.constructor("x")',
  '(v) => { v.__proto__.x = 1; return v.x; }',
]);

/** None of these may do anything to a later run; what it returns itself is its own affair. */
const TAMPERING = group(
  ['sok', 'threw', 'not-literal', 'stampered'],
  [
    '(v) => { String.prototype.toUpperCase = () => "tampered"; return "ok"; }',
    '(v) => { Object.defineProperty(Object.prototype, "city", { get: () => "tampered" }); return "ok"; }',
    '(v) => { Array.prototype[Symbol?.iterator ?? "x"] = () => { for (;;); }; return "ok"; }',
    '(v) => { JSON.parse = () => ({ city: "tampered" }); return "ok"; }',
    '(v) => { Object.create = () => ({ city: "tampered" }); return "ok"; }',
    '(v) => { Map.prototype.get = Set.prototype.has = () => { for (;;); }; return "ok"; }',
    '(v) => { Object.prototype.toJSON = () => "tampered"; return "ok"; }',
    '(v) => { v.city = "tampered"; return v.city; }',
    '(v) => { isNaN = () => "tampered"; undefined = 1; return "ok"; }',
    '(v) => { Object.freeze(String.prototype); Object.freeze(Object); return "ok"; }',
    '(v) => { Object.setPrototypeOf(Array.prototype, null); return "ok"; }',
    '(v) => { Function.prototype.call = () => "tampered"; return "ok"; }',
  ],
);

const BREAK_OUTS = group(
  ['syntax', 'threw', 'not-literal', 'not-allowed', 'sBOSTON', 'n2'],
  [
    '1); while (true) break; (2',
    '(v) => 1); throw 1; ((v) => 2',
    '(v) => 1) //',
    '(v) => 1 /*',
    '(v) => 1 */',
    '(v) => v.city.toUpperCase() // )',
    '(v) => v.city.toUpperCase()\n<!-- )',
    '(v) => v.city.toUpperCase()\n--> )',
    '(v) => v.city.toUpperCase() //\u2028)',
    '(v) => v.city.toUpperCase() //\u2029+ process.pid',
    '(v) => 1)}; process.exit(); ({(',
    '`${(v) => 1}`',
    '(v) => { return 1 }}); (() => {{',
    '#!/usr/bin/env node\n(v) => 1',
    '"use strict"; (v) => 1',
    '(v) => 1, (v) => 2',
    '(() => { for (const x of [1]) return null; })()',
    '',
    ')',
    '\u0000',
    '(v) => "\n"',
    '\\u0028v) => 1',
    'class { static x = 1 }',
    '(v) => { with (v) return city }',
    '(v) => 08',
    'async',
    'yield => await',
    '(v = (() => { for (const x of [1]) throw x })()) => 1, 1',
  ],
);

const CHANCE = group(
  ['threw', 'not-literal', 'not-deterministic', 'sundefined'],
  [
    '(v) => Date.now()',
    '(v) => new Date().toISOString()',
    '(v) => Math.random()',
    '(v) => performance.now()',
    '(v) => typeof Date',
    '(v) => typeof Math.random',
    '(v) => typeof Intl',
    '(v) => typeof WeakRef',
    '(v) => typeof FinalizationRegistry',
    '(v) => typeof Temporal',
    '(v) => (1234.5).toLocaleString()',
    '(v) => "a".localeCompare("b")',
    '(v) => "i".toLocaleUpperCase("tr")',
    '(v) => [1.5].toLocaleString()',
    '(v) => new Intl.DateTimeFormat().resolvedOptions().timeZone',
    '(v) => crypto.randomUUID()',
    '(v) => new Error().stack.length',
  ],
);

export const HOSTILE_DERIVATIONS: readonly Hostile[] = [
  ...[...LOOPS, ...BIG_NUMBERS, ...BIG_LISTS, ...BIG_TEXTS, ...REGEXES],
  ...[...TRAPS, ...LATER, ...ESCAPES, ...TAMPERING, ...BREAK_OUTS, ...CHANCE],
];
