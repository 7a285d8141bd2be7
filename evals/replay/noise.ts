/** What noise costs: how many calls would hit if their timestamps, ids or separators were always the same. */
import type { ReplayRow } from '../rows.ts';
import { evaluate } from '../workloads/evaluate.ts';

export interface NoiseCost {
  readonly kind: string;
  /** Calls that hold it somewhere in what is sent. */
  readonly calls: number;
  /** Hits of the recording as it is, and with this kind made constant; both in memory. */
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
    kind: 'timestamps',
    pattern: /\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?/g,
    constant: '2026-01-01T00:00:00Z',
  },
  {
    kind: 'UUIDs',
    pattern: /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi,
    constant: '00000000-0000-4000-8000-000000000000',
  },
  {
    kind: 'hex ids',
    pattern: /\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{16,64}\b/g,
    constant: '0a0a0a0a0a0a0a0a',
  },
  { kind: 'separators', pattern: /([-=*_#~])\1{4,}/g, constant: '-----' },
];

/** Kinds that stand in fewer calls are not worth a second look. */
const SHARE_MIN = 0.005;

/** Cost: one evaluation in memory for each kind that is there, a few seconds for a thousand calls. */
export function noiseCosts(rows: readonly ReplayRow[]): NoiseCost[] {
  const present = NOISE.map((noise) => {
    const quiet = rows.map((row) => silence(row, noise));
    return { noise, quiet, calls: quiet.filter((row, index) => row !== rows[index]).length };
  }).filter(({ calls }) => calls > 0 && calls >= rows.length * SHARE_MIN);
  if (present.length === 0) return [];
  const hits = hitsOf(rows);
  return present.map(({ noise, quiet, calls }) => ({
    kind: noise.kind,
    calls,
    hits,
    hitsWithout: hitsOf(quiet),
  }));
}

/** The row itself where there is no such noise. An answer that repeats it, repeats the constant. */
function silence(row: ReplayRow, { pattern, constant }: Noise): ReplayRow {
  const sent = JSON.stringify(row.request);
  const quiet = sent.replace(pattern, constant);
  if (quiet === sent) return row;
  const { response, alternatives, ...rest } = row;
  const changed = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value).replace(pattern, constant));
  return {
    ...rest,
    request: JSON.parse(quiet) as ReplayRow['request'],
    response: changed(response) as ReplayRow['response'],
    ...(alternatives === undefined ? {} : { alternatives: changed(alternatives) as string[] }),
  };
}

/** Right ones only: a hit that is wrong saves nothing. */
function hitsOf(rows: readonly ReplayRow[]): number {
  return evaluate(rows).calls.filter(
    ({ outcome }) => outcome.kind === 'hit' && outcome.wrong === undefined,
  ).length;
}

/** "timestamps stand in 120 calls and cost 48 hits (41 % more without them)". */
export function describeNoise({ kind, calls, hits, hitsWithout }: NoiseCost): string {
  const lost = hitsWithout - hits;
  const share = hits === 0 ? '' : ` (${((100 * lost) / hits).toFixed(0)} % more without them)`;
  return `${kind} stand in ${calls} calls and cost ${lost} hits${lost > 0 ? share : ''}`;
}
