/**
 * `npm run eval -- plots RUN... --out FOLDER`: the plots of docs/quality.md, each from the output of a run that ended with --json.
 * What a run is of is told by its JSON.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as Plot from '@observablehq/plot';
import { z } from 'zod';
import { drawChart } from './charts.ts';

const baselines = z.object({
  figures: z.array(
    z.object({
      cache: z.string(),
      class: z.string(),
      calls: z.number(),
      hits: z.number(),
      falseHits: z.number(),
    }),
  ),
});
const curve = z.object({
  points: z.array(
    z.object({
      budget: z.number(),
      hitRate: z.number(),
      falseHitRate: z.number(),
      estimated: z.number(),
    }),
  ),
});
const workloads = z.object({
  ordinals: z.record(z.string(), z.array(z.object({ calls: z.number(), hits: z.number() }))),
});

/** Files are shown on light and on dark pages. */
const STYLE = `svg{--ink:#23211c;--hit:#b8820a;--soft:#a9a294;--wrong:#b3261e}
@media(prefers-color-scheme:dark){svg{--ink:#ece6d8;--hit:#e8b23c;--soft:#8b8478;--wrong:#ff8a80}}`;

/** Writes `FOLDER/NAME.svg` for each run; gives back the files. Errors: rejects where a run cannot be read or told. */
export async function writePlots(runs: readonly string[], folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const files: string[] = [];
  for (const run of runs) {
    const lines = (await readFile(run, 'utf8')).trimEnd().split('\n');
    const plot = plotOf(path.parse(run).name, JSON.parse(lines.at(-1) ?? ''));
    if (plot === undefined) throw new Error(`${run} is no run that there is a plot of`);
    const file = path.join(folder, `${path.parse(run).name}.svg`);
    await writeFile(file, toFile(plot));
    files.push(file);
  }
  return files;
}

function plotOf(name: string, json: unknown): string | undefined {
  const caches = baselines.safeParse(json);
  if (caches.success) return cachesPlot(caches.data);
  const budgets = curve.safeParse(json);
  if (budgets.success) return curvePlot(name, budgets.data);
  const learning = workloads.safeParse(json);
  return learning.success ? learningPlot(learning.data) : undefined;
}

function toFile(svg: string): string {
  return `${svg.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ').replace('<style>', `<style>${STYLE}\n`)}\n`;
}

const SIZE = { width: 680, height: 340, marginLeft: 50, marginBottom: 42 };
const PERCENT = { tickFormat: '.0%', grid: true };

/** Up and to the left is better. */
function cachesPlot({ figures }: z.infer<typeof baselines>): string {
  const points = figures
    .filter((each) => each.class === 'all')
    .map(({ cache, calls, hits, falseHits }) => ({
      cache,
      hits: hits / calls,
      wrong: falseHits / Math.max(1, hits),
      colour: cache.startsWith('Ghee') ? 'var(--hit)' : 'var(--soft)',
    }));
  return drawChart('Hits and wrong hits of caches on the same calls', {
    ...SIZE,
    x: { ...PERCENT, label: 'wrong, of all hits', domain: [0, 1] },
    y: { ...PERCENT, label: 'hits, of all calls', domain: [0, 0.8] },
    marks: [
      Plot.dot(points, { x: 'wrong', y: 'hits', fill: 'colour', r: 6 }),
      ...(['start', 'end'] as const).map((textAnchor) =>
        Plot.text(
          points.filter(({ wrong }) => wrong > 0.5 === (textAnchor === 'end')),
          { x: 'wrong', y: 'hits', text: 'cache', dy: -14, textAnchor },
        ),
      ),
    ],
  });
}

/** Estimated and realised risk over the hit rate that the same budgets give. */
function curvePlot(name: string, { points }: z.infer<typeof curve>): string {
  return drawChart(`Hits and wrong hits over error budgets: ${name}`, {
    ...SIZE,
    x: { ...PERCENT, label: 'hits, of all calls' },
    y: { label: 'wrong, of all hits', grid: true, tickFormat: '.1%', zero: true },
    marks: [
      Plot.line(points, {
        x: 'hitRate',
        y: 'estimated',
        stroke: 'var(--soft)',
        strokeDasharray: '4 4',
      }),
      Plot.line(points, {
        x: 'hitRate',
        y: 'falseHitRate',
        stroke: 'var(--wrong)',
        strokeWidth: 2,
      }),
      Plot.dot(points, { x: 'hitRate', y: 'falseHitRate', fill: 'var(--wrong)', r: 4 }),
      Plot.text(points, { x: 'hitRate', y: 'falseHitRate', text: 'budget', dy: -12 }),
    ],
  });
}

function learningPlot({ ordinals }: z.infer<typeof workloads>): string {
  const colours: Readonly<Record<string, string>> = {
    'fixed wording': 'var(--hit)',
    'varied wording': 'var(--soft)',
    adversarial: 'var(--wrong)',
  };
  const points = Object.entries(ordinals).flatMap(([kind, calls]) =>
    calls.map((each, index) => ({
      kind,
      call: index + 1,
      share: each.hits / Math.max(1, each.calls),
      colour: colours[kind] ?? 'var(--ink)',
    })),
  );
  const last = Object.keys(ordinals).flatMap(
    (kind) => points.findLast((point) => point.kind === kind) ?? [],
  );
  return drawChart('Share of hits by how often a behaviour was called before', {
    ...SIZE,
    marginRight: 110,
    x: { label: 'call of a behaviour', grid: true },
    y: { ...PERCENT, label: 'hits', domain: [0, 1] },
    marks: [
      Plot.line(points, { x: 'call', y: 'share', z: 'kind', stroke: 'colour', strokeWidth: 2 }),
      Plot.text(last, {
        x: 'call',
        y: 'share',
        text: 'kind',
        dx: 8,
        textAnchor: 'start',
        fill: 'colour',
      }),
    ],
  });
}
