/** The charts of a replay's report, each for wide and for narrow screens. */
import * as Plot from '@observablehq/plot';
import { drawChart } from '../charts.ts';
import type { Figures, Summary, ValuedCall } from './summary.ts';

const WIDTHS = [
  ['wide', 820],
  ['narrow', 340],
] as const;

/** One point for two pixels is as much as anybody sees. */
const POINTS_MAX = 400;
const BEHAVIOURS_SHOWN = 20;
/** The moving average covers this share of the calls, and no fewer than this many. */
const WINDOW = { share: 0.05, min: 20 };

interface Point {
  readonly call: number;
  readonly share: number;
  readonly now: number;
}

/** Share of hits so far, and of late; false hits as marks on the axis. */
export function hitChart(calls: readonly ValuedCall[]): string {
  const points = hitPoints(calls);
  const wrong = calls.flatMap(({ wrong: is }, index) => (is === undefined ? [] : [index + 1]));
  return bothWidths((width) =>
    drawChart('Share of hits among the calls', {
      width,
      height: 270,
      marginLeft: 46,
      marginBottom: 42,
      x: { label: 'call', domain: [1, Math.max(2, calls.length)], ticks: width / 110 },
      y: { label: null, domain: [0, 1], tickFormat: '.0%', grid: true, ticks: 5 },
      marks: [
        Plot.lineY(points, { x: 'call', y: 'now', stroke: 'var(--soft)', strokeWidth: 1.5 }),
        Plot.lineY(points, { x: 'call', y: 'share', stroke: 'var(--hit)', strokeWidth: 2.5 }),
        Plot.ruleX(wrong, { y1: 0, y2: 0.08, stroke: 'var(--wrong)', strokeWidth: 2 }),
        Plot.ruleY([0], { stroke: 'var(--ink)' }),
      ],
    }),
  );
}

function hitPoints(calls: readonly ValuedCall[]): Point[] {
  const size = Math.max(WINDOW.min, Math.round(calls.length * WINDOW.share));
  const step = Math.max(1, Math.floor(calls.length / POINTS_MAX));
  const hits = [0];
  for (const { cache } of calls) hits.push((hits.at(-1) ?? 0) + Number(cache === 'hit'));
  return calls.flatMap((_, index): Point[] => {
    const call = index + 1;
    if (index % step !== 0 && call !== calls.length) return [];
    const start = Math.max(0, call - size);
    const [all = 0, before = 0] = [hits[call], hits[start]];
    return [{ call, share: all / call, now: (all - before) / (call - start) }];
  });
}

/** Dollars that hits have saved so far, less what induction cost; empty where no price is known. */
export function dollarChart(calls: readonly ValuedCall[]): string {
  const step = Math.max(1, Math.floor(calls.length / POINTS_MAX));
  let net = 0;
  const points = calls.flatMap(({ cache, wrong, value, lesson }, index) => {
    if (cache === 'hit' && wrong === undefined) net += value.dollars ?? 0;
    net -= lesson?.dollars ?? 0;
    return index % step === 0 || index === calls.length - 1 ? [{ call: index + 1, net }] : [];
  });
  if (points.every((point) => point.net === 0)) return '';
  return bothWidths((width) =>
    drawChart('Dollars saved so far', {
      width,
      height: 210,
      marginLeft: 64,
      marginBottom: 42,
      x: { label: 'call', domain: [1, Math.max(2, calls.length)], ticks: width / 110 },
      y: {
        label: null,
        tickFormat: (dollars: number) => `$${shortly(dollars)}`,
        grid: true,
        ticks: 4,
      },
      marks: [
        Plot.areaY(points, { x: 'call', y: 'net', fill: 'var(--hit)', fillOpacity: 0.15 }),
        Plot.lineY(points, { x: 'call', y: 'net', stroke: 'var(--hit)', strokeWidth: 2.5 }),
        Plot.ruleY([0], { stroke: 'var(--ink)' }),
      ],
    }),
  );
}

/** No more digits than it takes. */
function shortly(amount: number): string {
  return String(Number(amount.toPrecision(2)));
}

export function reasonChart({ reasons, calls }: Figures): string {
  const bars = Object.entries(reasons).map(([reason, count]) => ({
    reason,
    count,
    label: `${count} (${((100 * count) / Math.max(1, calls)).toFixed(1)} %)`,
  }));
  if (bars.length === 0) return '';
  return bothWidths((width) =>
    drawChart('Calls that were not served, by reason', {
      width,
      height: 30 + bars.length * 26,
      marginLeft: 150,
      marginRight: 90,
      x: { axis: null },
      y: { label: null, domain: bars.map(({ reason }) => reason) },
      marks: [
        Plot.barX(bars, {
          x: 'count',
          y: 'reason',
          fill: 'var(--soft)',
          insetTop: 3,
          insetBottom: 3,
        }),
        Plot.text(bars, { x: 'count', y: 'reason', text: 'label', textAnchor: 'start', dx: 6 }),
      ],
    }),
  );
}

/** What became of the calls of each behaviour, the most frequent ones first. */
export function behaviourChart(summary: Summary): string {
  const shown = Object.entries(summary.byBehaviour)
    .sort(([, a], [, b]) => b.calls - a.calls)
    .slice(0, BEHAVIOURS_SHOWN);
  return bothWidths((width, kind) => {
    const letters = kind === 'wide' ? 40 : 18;
    const bars = shown.flatMap(([name, of], index) => barsOf(label(name, letters, index), of));
    return drawChart('What became of the calls of each behaviour', {
      width,
      height: 60 + shown.length * 22,
      marginBottom: 42,
      marginLeft: kind === 'wide' ? 290 : 140,
      x: { label: 'calls', ticks: width / 140, grid: true },
      y: {
        label: null,
        domain: shown.map(([name], index) => label(name, letters, index)),
        tickFormat: unnumbered,
      },
      color: { domain: Object.keys(COLOURS), range: Object.values(COLOURS) },
      marks: [
        Plot.barX(bars, { x: 'count', y: 'behaviour', fill: 'what', insetTop: 2, insetBottom: 2 }),
        Plot.ruleX([0], { stroke: 'var(--ink)' }),
      ],
    });
  });
}

/** In the order of the legend. */
export const COLOURS = {
  hit: 'var(--hit)',
  'false hit': 'var(--wrong)',
  miss: 'var(--soft)',
  bypass: 'var(--faint)',
} as const;

function barsOf(behaviour: string, { hits, falseHits, misses, bypasses }: Figures) {
  const counts: Record<keyof typeof COLOURS, number> = {
    hit: hits - falseHits,
    'false hit': falseHits,
    miss: misses,
    bypass: bypasses,
  };
  return Object.entries(counts).map(([what, count]) => ({ behaviour, what, count }));
}

/** Shortened names may be equal, and must stay apart. */
function label(name: string, letters: number, index: number): string {
  const text = name.length <= letters ? name : `${name.slice(0, letters - 1)}…`;
  return `${index}\u0000${text}`;
}

function unnumbered(text: string): string {
  return text.slice(text.indexOf('\u0000') + 1);
}

function bothWidths(draw: (width: number, kind: 'wide' | 'narrow') => string): string {
  return WIDTHS.map(
    ([kind, width]) => `<div class="chart ${kind}">${draw(width, kind)}</div>`,
  ).join('');
}
