/** What noise costs: how many calls would hit if a timestamp, id or separator were always the same. */
import type { ReplayRow } from '../rows.ts';
import { evaluate } from '../workloads/evaluate.ts';

/** One kind of noise in messages of one role. */
export interface NoiseCost {
  readonly kind: string;
  readonly role: string;
  /** The first one, with what stands before it: for people to find it by. */
  readonly example: string;
  /** Calls that hold it. */
  readonly calls: number;
  /** Right hits of the whole replay, and as many more as the calls that hold it gain when it is constant. */
  readonly hits: number;
  readonly hitsWithout: number;
}

interface Noise {
  readonly kind: string;
  readonly pattern: RegExp;
  readonly constant: string;
}

/** Kinds that say nothing in nearly every prompt. Fixed, linear patterns. */
const NOISE: readonly Noise[] = [
  {
    kind: 'timestamp',
    pattern: /\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?/g,
    constant: '2026-01-01T00:00:00Z',
  },
  {
    kind: 'UUID',
    pattern: /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi,
    constant: '00000000-0000-4000-8000-000000000000',
  },
  {
    kind: 'hex id',
    pattern: /\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{16,64}\b/g,
    constant: '0a0a0a0a0a0a0a0a',
  },
  { kind: 'separator', pattern: /([-=*_#~])\1{4,}/g, constant: '-----' },
];

/** What stands in fewer calls is not worth a second look. */
const SHARE_MIN = 0.005;
/** Calls that hold a noise are learned twice in memory, as they are and without it: some ten milliseconds for each. */
const CALLS_MAX = 1000;
const PLACES_MAX = 4;
const CONTEXT_CHARACTERS = 24;

/** Of the places that hold noise, those with the most calls. `hits`: the right ones of the replay. */
export function noiseCosts(rows: readonly ReplayRow[], hits: number): NoiseCost[] {
  const roles = new Set(rows.flatMap(({ request }) => request.messages.map(({ role }) => role)));
  const places = [...roles].flatMap((role) =>
    NOISE.map((noise) => {
      const noisy = rows.filter((row) => silence(row, noise, role) !== row);
      return { noise, role, noisy };
    }),
  );
  const present = places
    .filter(({ noisy }) => noisy.length > 0 && noisy.length >= rows.length * SHARE_MIN)
    .sort((a, b) => b.noisy.length - a.noisy.length)
    .slice(0, PLACES_MAX);
  return present.map(({ noise, role, noisy }) => {
    const tried = noisy.slice(0, CALLS_MAX);
    const quiet = tried.map((row) => silence(row, noise, role));
    return {
      kind: noise.kind,
      role,
      example: exampleOf(noisy[0], noise, role),
      calls: noisy.length,
      hits,
      hitsWithout: hits + hitsOf(quiet) - hitsOf(tried),
    };
  });
}

/** The row itself where there is no such noise. An answer that repeats it, repeats the constant. */
function silence(row: ReplayRow, { pattern, constant }: Noise, role: string): ReplayRow {
  const found = new Set<string>();
  const quieten = (text: string): string =>
    text.replace(pattern, (noise) => {
      if (noise !== constant) found.add(noise);
      return constant;
    });
  const messages = row.request.messages.map((message) =>
    message.role === role ? changeTexts(message, quieten) : message,
  );
  if (found.size === 0) return row;
  const repeat = (text: string): string =>
    text.replace(pattern, (noise) => (found.has(noise) ? constant : noise));
  const { response, alternatives, ...rest } = row;
  return {
    ...rest,
    request: { ...row.request, messages },
    response: changeTexts(response, repeat),
    ...(alternatives === undefined ? {} : { alternatives: alternatives.map(repeat) }),
  };
}

/** Ids of tool calls name what belongs together: they are no noise. */
const KEPT = new Set(['role', 'id', 'tool_call_id']);

function changeTexts<T>(value: T, change: (text: string) => string): T {
  const changed = (each: unknown): unknown => {
    if (typeof each === 'string') return change(each);
    if (Array.isArray(each)) return each.map(changed);
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(
      Object.entries(each).map(([key, of]) => [key, KEPT.has(key) ? of : changed(of)]),
    );
  };
  return changed(value) as T;
}

function exampleOf(row: ReplayRow | undefined, { pattern }: Noise, role: string): string {
  for (const { role: own, content } of row?.request.messages ?? []) {
    if (own !== role) continue;
    const text = typeof content === 'string' ? content : JSON.stringify(content ?? '');
    const match = text.matchAll(pattern).next().value;
    if (match === undefined) continue;
    const start = Math.max(0, match.index - CONTEXT_CHARACTERS);
    const before = text.slice(start, match.index);
    // Not from the middle of a word.
    const whole = start === 0 ? before : before.replace(/^\S*\s/, '');
    return `${whole}${match[0]}`.replace(/\s+/g, ' ').trim();
  }
  return '';
}

/** Right ones only: a hit that is wrong saves nothing. */
function hitsOf(rows: readonly ReplayRow[]): number {
  return evaluate(rows).calls.filter(
    ({ outcome }) => outcome.kind === 'hit' && outcome.wrong === undefined,
  ).length;
}

/** Share of the hits that there would be without it. */
export function shareLost({ hits, hitsWithout }: NoiseCost): number {
  return hitsWithout === 0 ? 0 : Math.max(0, (hitsWithout - hits) / hitsWithout);
}

/** `the timestamp in system messages ("Now: 2026-01-01T10:00:00Z") costs 41 % of your hits (48 of 117; it stands in 120 calls)` */
export function describeNoise(cost: NoiseCost): string {
  const { kind, role, example, calls, hits, hitsWithout } = cost;
  const what = `the ${kind} in ${role} messages ("${example}")`;
  const lost = hitsWithout - hits;
  if (lost <= 0) return `${what} costs no hits; it stands in ${calls} calls`;
  const share = (shareLost(cost) * 100).toFixed(0);
  return `${what} costs ${share} % of your hits (${lost} of ${hitsWithout}); it stands in ${calls} calls`;
}
