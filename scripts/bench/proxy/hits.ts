/** Hits beside bare servers: the kinds take turns in one run, so that a busy moment of the machine hits all alike. */
import { loadavg } from 'node:os';
import type { OwnGhee } from '../../own-ghee.ts';
import { bodyOf, SHAPES, type Shape } from './bodies.ts';
import { quantile, run, type Round, type Target } from './load.ts';

export interface Server {
  readonly origin: string;
  readonly pid: number;
}

export interface HitOptions {
  readonly rounds: number;
  readonly roundMs: number;
  readonly connections: readonly number[];
}

export type Kind = 'node' | 'express' | 'exact' | 'template';

export interface HitRow extends Round {
  readonly shape: Shape;
  readonly stream: boolean;
  readonly connections: number;
  readonly kind: Kind;
}

/** The same behaviour for other names: enough that it is learned. */
const TAUGHT = ['Erik', 'Ann', 'Grace', 'Linus'];

const WARM = { connections: 16, ms: 1500 };

/** Bodies that are made before they are sent; a hit by a template stores nothing, so it stays one. */
const VARIED = 2000;

/** Medians over the rounds. Errors: Problem when Ghee does not answer as it should. */
export async function benchHits(
  ghee: OwnGhee,
  servers: { readonly node: Server; readonly express: Server },
  options: HitOptions,
): Promise<HitRow[]> {
  const own = { origin: new URL(ghee.baseUrl).origin, pid: ghee.pidOf('proxy') };
  for (const shape of SHAPES) await teach(ghee, own, shape);
  for (const stream of [false, true]) {
    for (const shape of SHAPES) await warm(kindsOf(shape, stream, { ...servers, ghee: own }));
  }
  const rows: HitRow[] = [];
  for (const connections of options.connections) {
    for (const stream of [false, true]) {
      for (const shape of SHAPES) {
        const kinds = kindsOf(shape, stream, { ...servers, ghee: own });
        for (const [kind, round] of await takeTurns(kinds, connections, options)) {
          rows.push({ shape, stream, connections, kind, ...round });
        }
      }
    }
  }
  return rows;
}

async function teach(ghee: OwnGhee, own: Server, shape: Shape): Promise<void> {
  for (const name of TAUGHT) {
    const body = Buffer.from(JSON.stringify(bodyOf(shape, `Say hello to ${name}`, false)));
    await run({ ...own, body: () => body }, 1, 10);
    await ghee.settle();
  }
}

/** What is measured is a server that has run for a while: the more code it has, the later all of it is compiled. */
async function warm(kinds: readonly [Kind, Target][]): Promise<void> {
  for (const [, target] of kinds) await run(target, WARM.connections, WARM.ms);
}

function kindsOf(
  shape: Shape,
  stream: boolean,
  { node, express, ghee }: Record<'node' | 'express' | 'ghee', Server>,
): [Kind, Target][] {
  const bytes = (name: string) =>
    Buffer.from(JSON.stringify(bodyOf(shape, `Say hello to ${name}`, stream)));
  const repeated = bytes('Erik');
  const kinds: [Kind, Target][] = [
    ['node', { ...node, body: () => repeated }],
    ['express', { ...express, body: () => repeated }],
    ['exact', { ...ghee, body: () => repeated, expects: 'hit exact' }],
  ];
  const varied = Array.from({ length: VARIED }, (_, index) => bytes(nameOf(index)));
  const body = (index: number) => varied[index % VARIED] ?? repeated;
  return [...kinds, ['template', { ...ghee, body, expects: 'hit template' }]];
}

async function takeTurns(
  kinds: readonly [Kind, Target][],
  connections: number,
  { rounds, roundMs }: HitOptions,
): Promise<[Kind, Round][]> {
  const results = new Map<Kind, Round[]>(kinds.map(([kind]) => [kind, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [kind, target] of kinds) {
      results.get(kind)?.push(await run(target, connections, roundMs));
    }
  }
  return [...results].map(([kind, all]) => {
    const median = (field: keyof Round) =>
      quantile(
        all.map((round) => round[field]),
        0.5,
      );
    const round = {
      perSecond: median('perSecond'),
      p50: median('p50'),
      p99: median('p99'),
      cpuMicros: median('cpuMicros'),
    };
    return [kind, round];
  });
}

/** A name of its own for each number: "Aaab", "Aaac", … */
export function nameOf(index: number): string {
  const letters = Array.from(index.toString(26).padStart(5, '0'), (digit) =>
    String.fromCharCode(97 + parseInt(digit, 26)),
  );
  return `A${letters.join('')}`;
}

export function printHits(rows: readonly HitRow[]): void {
  const load = loadavg().map((value) => value.toFixed(1));
  console.log(
    `\nhits (load of the machine: ${load.join(' ')}); times in ms, CPU in µs a request\n`,
  );
  console.log(
    'connections  body     kind       req/s    p50     p99   CPU   of express: req/s  CPU',
  );
  for (const row of rows) {
    const express = rows.find(
      (other) =>
        other.kind === 'express' &&
        other.shape === row.shape &&
        other.stream === row.stream &&
        other.connections === row.connections,
    );
    const ratios = [
      row.perSecond / (express?.perSecond ?? NaN),
      (express?.cpuMicros ?? NaN) / row.cpuMicros,
    ];
    const cells = [
      String(row.connections).padStart(4),
      `${row.shape}${row.stream ? ' stream' : ''}`.padEnd(15),
      row.kind.padEnd(9),
      row.perSecond.toFixed(0).padStart(6),
      row.p50.toFixed(2).padStart(7),
      row.p99.toFixed(2).padStart(7),
      row.cpuMicros.toFixed(0).padStart(5),
      ...ratios.map((ratio) => ratio.toFixed(2).padStart(10)),
    ];
    console.log(cells.join(' '));
  }
}
