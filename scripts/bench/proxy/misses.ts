/** What a miss adds, beside what a bare Node proxy adds, and how much later a stream's first byte comes. */
import { Agent, request } from 'node:http';
import { loadavg } from 'node:os';
import { bodyOf, SHAPES, type Shape } from './bodies.ts';
import { nameOf } from './hits.ts';
import { quantile } from './load.ts';

export interface Ways {
  readonly direct: string;
  readonly hop: string;
  readonly ghee: string;
}

type Way = keyof Ways;

export interface MissRow {
  readonly shape: Shape;
  readonly stream: boolean;
  readonly concurrent: number;
  readonly way: Way;
  /** Milliseconds to the first and to the last byte of the answer. */
  readonly first: { readonly p50: number; readonly p99: number };
  readonly last: { readonly p50: number; readonly p99: number };
}

interface Times {
  readonly first: number;
  readonly last: number;
}

const WAYS = ['direct', 'hop', 'ghee'] as const;
const PACE_MS = 40;
const STORMS = 9;
/** Of each kind. */
const WARM_CALLS = 300;
const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
let sent = 0;

/** One call at a time, and then `concurrent` streams at once; the ways take turns. */
export async function benchMisses(
  ways: Ways,
  options: { readonly calls: number; readonly concurrent: number },
): Promise<MissRow[]> {
  const rows: MissRow[] = [];
  // As hits are: servers that have run for a while.
  for (const stream of [false, true]) {
    for (const shape of SHAPES) {
      await takeTurns(ways, WARM_CALLS, (url) => call(url, shape, stream, 0));
    }
  }
  for (const stream of [false, true]) {
    for (const shape of SHAPES) {
      const times = await takeTurns(ways, options.calls, (url) => call(url, shape, stream, 0));
      for (const way of WAYS) rows.push(rowOf(way, { shape, stream, concurrent: 1 }, times[way]));
    }
  }
  const { concurrent } = options;
  const storm = (url: string) =>
    Promise.all(Array.from({ length: concurrent }, () => call(url, 'short', true, PACE_MS)));
  const times = await takeTurns(ways, STORMS, storm);
  for (const way of WAYS) {
    // The first storm opens the connections.
    rows.push(rowOf(way, { shape: 'short', stream: true, concurrent }, times[way].slice(1).flat()));
  }
  agent.destroy();
  return rows;
}

async function takeTurns<Result>(
  ways: Ways,
  count: number,
  one: (url: string) => Promise<Result>,
): Promise<Record<Way, Result[]>> {
  const results: Record<Way, Result[]> = { direct: [], hop: [], ghee: [] };
  for (let index = 0; index < count; index++) {
    for (const way of WAYS) results[way].push(await one(ways[way]));
  }
  return results;
}

function rowOf(
  way: Way,
  place: Pick<MissRow, 'shape' | 'stream' | 'concurrent'>,
  times: readonly Times[],
): MissRow {
  const at = (part: keyof Times) => {
    const values = times.slice(place.concurrent === 1 ? 50 : 0).map((time) => time[part]);
    return { p50: quantile(values, 0.5), p99: quantile(values, 0.99) };
  };
  return { ...place, way, first: at('first'), last: at('last') };
}

/** Every call asks something new; nothing is learned from it but its exact answer. */
function call(url: string, shape: Shape, stream: boolean, paceMs: number): Promise<Times> {
  const ask = `Number ${nameOf(sent++)} of the bench`;
  const body = Buffer.from(JSON.stringify(bodyOf(shape, ask, stream)));
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    let first = NaN;
    const asked = request(
      `${url}/chat/completions`,
      {
        agent,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-length': body.byteLength,
          'butter-disable-induction': 'true',
          'x-pace': String(paceMs),
        },
      },
      (response) => {
        response.once('data', () => (first = performance.now() - startedAt));
        response.on('data', () => undefined);
        response.on('end', () => resolve({ first, last: performance.now() - startedAt }));
        response.on('error', reject);
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

export function printMisses(rows: readonly MissRow[]): void {
  const load = loadavg().map((value) => value.toFixed(1));
  console.log(`\nmisses (load of the machine: ${load.join(' ')}); ms later than direct\n`);
  console.log('at once  body             way   first: p50    p99   last: p50    p99');
  for (const row of rows) {
    if (row.way === 'direct') continue;
    const direct = rows.find(
      (other) =>
        other.way === 'direct' &&
        other.shape === row.shape &&
        other.stream === row.stream &&
        other.concurrent === row.concurrent,
    );
    const later = (['first', 'last'] as const).flatMap((part) =>
      (['p50', 'p99'] as const).map((share) => row[part][share] - (direct?.[part][share] ?? NaN)),
    );
    const cells = [
      String(row.concurrent).padStart(4),
      `${row.shape}${row.stream ? ' stream' : ''}`.padEnd(15),
      row.way.padEnd(6),
      ...later.map((ms) => ms.toFixed(2).padStart(8)),
    ];
    console.log(cells.join(' '));
  }
}
