/** Hits, misses and bypasses over time. The same numbers stand in a table for who cannot see a chart. */
import { Group, Text, VisuallyHidden } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { AxisBottom, AxisLeft } from '@visx/axis';
import { GridRows } from '@visx/grid';
import { scaleBand, scaleLinear, scaleOrdinal } from '@visx/scale';
import { BarStack } from '@visx/shape';
import { useMemo, useState } from 'react';
import type { Overview } from '../../../proxy/admin/contract/stats.ts';
import { usd, whole } from '../format.ts';

/** From the bottom up. */
const SERIES = [
  { name: 'hits', label: 'Hits', color: 'var(--hit)' },
  { name: 'misses', label: 'Misses', color: 'var(--miss)' },
  { name: 'bypasses', label: 'Bypasses', color: 'var(--bypass)' },
] as const;
const NAMES = SERIES.map(({ name }) => name);
const COLOURS = scaleOrdinal({ domain: NAMES, range: SERIES.map(({ color }) => color) });
const STEP_MS = { hour: 3_600_000, day: 86_400_000 };
const HEIGHT = 220;
const MARGIN = { top: 8, right: 4, bottom: 24, left: 36 };
/** A label of the time axis takes so many pixels. */
const LABEL_WIDTH = 96;

type Unit = Overview['unit'];

interface Point {
  readonly at: number;
  readonly hits: number;
  readonly misses: number;
  readonly bypasses: number;
  readonly savedTokens: number;
  readonly savedUsd: number;
}

export function CallsChart(props: Pick<Overview, 'series' | 'unit' | 'since'>) {
  const { series, unit, since } = props;
  const { ref, width } = useElementSize();
  const points = useMemo(() => withGaps(series, unit, since), [series, unit, since]);
  const [shown, setShown] = useState<Point>();
  return (
    <div style={{ position: 'relative', overflow: 'hidden' }}>
      <Legend point={shown} unit={unit} />
      <div ref={ref} aria-hidden style={{ height: HEIGHT }}>
        {width > 0 && <Bars points={points} unit={unit} width={width} show={setShown} />}
      </div>
      <Numbers points={points} unit={unit} />
    </div>
  );
}

/** What the colours mean, and the numbers of the bar under the pointer. */
function Legend({ point, unit }: { readonly point: Point | undefined; readonly unit: Unit }) {
  return (
    <Group gap="md" mb="xs" aria-hidden>
      {SERIES.map(({ name, label, color }) => (
        <Group key={name} gap={6}>
          <span className="swatch" style={{ background: color }} />
          <Text size="sm">
            {label}
            {point !== undefined && ` ${whole(point[name])}`}
          </Text>
        </Group>
      ))}
      {point !== undefined && (
        <Text size="sm" c="dimmed">
          {labelOf(point.at, unit)}: {whole(point.savedTokens)} tokens, {usd(point.savedUsd)} saved
        </Text>
      )}
    </Group>
  );
}

function Bars(props: {
  readonly points: readonly Point[];
  readonly unit: Unit;
  readonly width: number;
  readonly show: (point: Point | undefined) => void;
}) {
  const { points, unit, width, show } = props;
  const x = scaleBand<number>({
    domain: points.map(({ at }) => at),
    range: [MARGIN.left, width - MARGIN.right],
    padding: 0.2,
  });
  const y = scaleLinear<number>({
    domain: [0, Math.max(4, ...points.map(totalOf))],
    range: [HEIGHT - MARGIN.bottom, MARGIN.top],
    nice: 4,
  });
  const every = Math.ceil(points.length / Math.max(1, Math.floor(width / LABEL_WIDTH)));
  const text = { fill: 'var(--mantine-color-dimmed)', fontSize: 12, fontFamily: 'inherit' };
  return (
    <svg width={width} height={HEIGHT} style={{ display: 'block' }}>
      <GridRows
        {...{ scale: y, left: MARGIN.left, width: width - MARGIN.left - MARGIN.right }}
        {...{ numTicks: 4, stroke: 'var(--line)', strokeDasharray: '3 4' }}
      />
      <AxisLeft
        {...{ scale: y, left: MARGIN.left, numTicks: 4, hideAxisLine: true, hideTicks: true }}
        tickFormat={(value) => whole(Number(value))}
        tickLabelProps={{ ...text, textAnchor: 'end', dx: -4, dy: 4 }}
      />
      <AxisBottom
        {...{ scale: x, top: HEIGHT - MARGIN.bottom, hideTicks: true, stroke: 'var(--line)' }}
        tickValues={points.filter((_, index) => index % every === 0).map(({ at }) => at)}
        tickFormat={(at) => labelOf(at, unit)}
        tickLabelProps={{ ...text, textAnchor: 'middle' }}
      />
      <BarStack
        {...{ data: [...points], keys: NAMES, xScale: x, yScale: y, color: COLOURS }}
        x={({ at }) => at}
      />
      {points.map((point) => (
        <rect
          key={point.at}
          {...{ x: x(point.at) ?? 0, y: 0, width: x.step(), height: HEIGHT, fill: 'transparent' }}
          onPointerEnter={() => {
            show(point);
          }}
          onPointerLeave={() => {
            show(undefined);
          }}
        />
      ))}
    </svg>
  );
}

function Numbers({ points, unit }: { readonly points: readonly Point[]; readonly unit: Unit }) {
  return (
    <VisuallyHidden>
      <table>
        <caption>Calls by {unit}</caption>
        <thead>
          <tr>
            <th scope="col">{unit}</th>
            {SERIES.map(({ name, label }) => (
              <th key={name} scope="col">
                {label}
              </th>
            ))}
            <th scope="col">Tokens saved</th>
            <th scope="col">Saved, net</th>
          </tr>
        </thead>
        <tbody>
          {points
            .filter((point) => totalOf(point) > 0)
            .map(({ at, hits, misses, bypasses, savedTokens, savedUsd }) => (
              <tr key={at}>
                <th scope="row">{labelOf(at, unit)}</th>
                <td>{hits}</td>
                <td>{misses}</td>
                <td>{bypasses}</td>
                <td>{whole(savedTokens)}</td>
                <td>{usd(savedUsd)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </VisuallyHidden>
  );
}

function totalOf({ hits, misses, bypasses }: Point): number {
  return hits + misses + bypasses;
}

/** Times without a call are part of the picture. The ledger counts in UTC; people read their own time. */
function withGaps(series: Overview['series'], unit: Unit, since: string): readonly Point[] {
  const known = new Map(series.map((point) => [point.at, point]));
  const length = unit === 'hour' ? 13 : 10;
  const points: Point[] = [];
  for (let at = Date.parse(unit === 'hour' ? `${since}:00:00Z` : since); at <= Date.now();) {
    const point = known.get(new Date(at).toISOString().slice(0, length));
    const { hits = 0, misses = 0, bypasses = 0, savedTokens = 0, savedUsd = 0 } = point ?? {};
    points.push({ at, hits, misses, bypasses, savedTokens, savedUsd });
    at += STEP_MS[unit];
  }
  return points;
}

function labelOf(at: number, unit: Unit): string {
  return unit === 'hour'
    ? new Date(at).toLocaleString('en-GB', {
        day: '2-digit',
        month: 'short',
        hour: '2-digit',
        minute: '2-digit',
      })
    : new Date(at).toLocaleDateString('en-GB', { day: '2-digit', month: 'short', timeZone: 'UTC' });
}
