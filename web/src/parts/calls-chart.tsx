/** Hits, misses and bypasses over time. The same numbers stand in a table for who cannot see a chart. */
import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';
import { VisuallyHidden } from '@mantine/core';
import type { Overview } from '../../../proxy/admin/contract/stats.ts';

const SERIES = [
  { name: 'hits', label: 'Hits', color: 'var(--hit)' },
  { name: 'misses', label: 'Misses', color: 'var(--miss)' },
  { name: 'bypasses', label: 'Bypasses', color: 'var(--bypass)' },
];
const STEP_MS = { hour: 3_600_000, day: 86_400_000 };

export function CallsChart(props: Pick<Overview, 'series' | 'unit' | 'since'>) {
  const { unit, since } = props;
  const points = withGaps(props.series, unit, since);
  return (
    <div style={{ position: 'relative', overflow: 'hidden' }}>
      <div aria-hidden>
        <BarChart
          h={240}
          data={points}
          dataKey="label"
          type="stacked"
          series={SERIES}
          withLegend
          withTooltip
          tickLine="none"
          barProps={{ isAnimationActive: false }}
          barChartProps={{ accessibilityLayer: false }}
        />
      </div>
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
            </tr>
          </thead>
          <tbody>
            {points
              .filter(({ hits, misses, bypasses }) => hits + misses + bypasses > 0)
              .map(({ label, hits, misses, bypasses }) => (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  <td>{hits}</td>
                  <td>{misses}</td>
                  <td>{bypasses}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </VisuallyHidden>
    </div>
  );
}

/** Times without a call are part of the picture. The ledger counts in UTC; people read their own time. */
function withGaps(series: Overview['series'], unit: Overview['unit'], since: string) {
  const known = new Map(series.map((point) => [point.at, point]));
  const length = unit === 'hour' ? 13 : 10;
  const points = [];
  for (let at = Date.parse(unit === 'hour' ? `${since}:00:00Z` : since); at <= Date.now();) {
    const point = known.get(new Date(at).toISOString().slice(0, length));
    const { hits = 0, misses = 0, bypasses = 0 } = point ?? {};
    points.push({ label: labelOf(at, unit), hits, misses, bypasses });
    at += STEP_MS[unit];
  }
  return points;
}

function labelOf(at: number, unit: Overview['unit']): string {
  return unit === 'hour'
    ? new Date(at).toLocaleString('en-GB', {
        day: '2-digit',
        month: 'short',
        hour: '2-digit',
        minute: '2-digit',
      })
    : new Date(at).toLocaleDateString('en-GB', { day: '2-digit', month: 'short', timeZone: 'UTC' });
}
