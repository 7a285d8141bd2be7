/** What Ghee did: calls, savings, latency, what serves most and what needs a look. */
import {
  Button,
  Group,
  SegmentedControl,
  SimpleGrid,
  Stack,
  Text,
  VisuallyHidden,
} from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { Link, Redirect } from 'wouter';
import { OVERVIEW, STATS, type Overview, type Stats } from '../../../proxy/admin/contract/stats.ts';
import type { TreeNodeShown } from '../../../proxy/admin/contract/template.ts';
import { get } from '../api.ts';
import { ms, plural, share, usd, whole } from '../format.ts';
import { useHealth } from '../health.ts';
import { LIVE } from '../live.ts';
import { StateBadge } from '../parts/badges.tsx';
import { Empty, Loaded, Page, Panel } from '../parts/page.tsx';
import { Parts } from '../parts/template-view.tsx';

const CallsChart = lazy(() =>
  import('../parts/calls-chart.tsx').then((module) => ({ default: module.CallsChart })),
);

const RANGES = [
  { value: '24', label: 'Day' },
  { value: '168', label: 'Week' },
  { value: '720', label: 'Month' },
];

export function OverviewPage() {
  const [hours, setHours] = useState('24');
  const overview = useQuery({
    queryKey: [LIVE, 'overview', hours],
    queryFn: ({ signal }) => get(`/admin/overview?hours=${hours}`, OVERVIEW, signal),
    placeholderData: keepPreviousData,
  });
  const stats = useQuery({
    queryKey: [LIVE, 'stats', hours],
    queryFn: ({ signal }) => get(`/admin/stats?hours=${hours}`, STATS, signal),
    placeholderData: keepPreviousData,
  });
  if (stats.data !== undefined && isEmpty(stats.data)) return <Redirect to="/start" replace />;
  return (
    <Page
      title="Overview"
      actions={
        <SegmentedControl
          data={RANGES}
          value={hours}
          onChange={setHours}
          size="xs"
          aria-label="Time shown"
        />
      }
    >
      <Loaded query={stats}>{(data) => <Totals stats={data} />}</Loaded>
      <Loaded query={overview}>
        {(data) => <Details overview={data} models={stats.data?.models ?? []} />}
      </Loaded>
    </Page>
  );
}

/** Nothing ever happened: then there is more to say on the first page. */
function isEmpty({ total, nodes }: Stats): boolean {
  const { hitsExact, hitsTemplate, misses, bypasses } = total.calls;
  return hitsExact + hitsTemplate + misses + bypasses === 0 && Object.keys(nodes).length === 0;
}

function Totals({ stats }: { readonly stats: Stats }) {
  const { calls, saved, netUsd, audits, induction } = stats.total;
  const hits = calls.hitsExact + calls.hitsTemplate;
  const asked = hits + calls.misses;
  const costs = audits.usd + induction.usd;
  return (
    <div className="grid-4">
      <Figure
        label="Hit rate"
        value={share(hits, asked)}
        note={`${whole(hits)} of ${whole(asked)} calls that could hit`}
      />
      <Figure
        label="By templates"
        value={whole(calls.hitsTemplate)}
        note={`and ${whole(calls.hitsExact)} exact; ${whole(calls.bypasses)} bypassed`}
      />
      <Figure
        label="Tokens saved"
        value={whole(saved.inputTokens + saved.outputTokens)}
        note={`${whole(saved.inputTokens)} in, ${whole(saved.outputTokens)} out`}
      />
      <Figure
        label="Dollars saved, net"
        value={usd(netUsd)}
        note={
          saved.hitsUnpriced > 0
            ? `${whole(saved.hitsUnpriced)} hits have no known price`
            : `${usd(costs)} of learning and audits taken off`
        }
      />
    </div>
  );
}

/** Who costs and who saves what; names of models come from clients. */
function Models({ models }: { readonly models: Stats['models'] }) {
  const rows = models.toSorted((a, b) => b.netUsd - a.netUsd || callsOf(b) - callsOf(a));
  return (
    <Panel title="Models">
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col" className="num">
              calls
            </th>
            <th scope="col" className="num">
              hits
            </th>
            <th scope="col" className="num hide-narrow">
              spent
            </th>
            <th scope="col" className="num">
              saved
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MODELS_SHOWN).map((row) => (
            <tr key={row.model}>
              <th scope="row">
                <Link href={`/requests?model=${encodeURIComponent(row.model)}`}>{row.model}</Link>
              </th>
              <td className="num">{whole(callsOf(row))}</td>
              <td className="num">{share(hitsOf(row), hitsOf(row) + row.calls.misses)}</td>
              <td className="num hide-narrow">{usd(row.spent.usd)}</td>
              <td className="num">{usd(row.netUsd)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > MODELS_SHOWN && <Empty>and {whole(rows.length - MODELS_SHOWN)} more</Empty>}
    </Panel>
  );
}

const MODELS_SHOWN = 8;

function hitsOf({ calls }: Pick<Stats['total'], 'calls'>): number {
  return calls.hitsExact + calls.hitsTemplate;
}

function callsOf({ calls }: Pick<Stats['total'], 'calls'>): number {
  return calls.hitsExact + calls.hitsTemplate + calls.misses + calls.bypasses + calls.refused;
}

function Figure(props: { readonly label: string; readonly value: string; readonly note: string }) {
  return (
    <section className="panel" aria-label={props.label}>
      <Text size="sm" c="dimmed">
        {props.label}
      </Text>
      <div className="stat-value">{props.value}</div>
      <Text size="xs" c="dimmed">
        {props.note}
      </Text>
    </section>
  );
}

function Details(props: { readonly overview: Overview; readonly models: Stats['models'] }) {
  const { overview, models } = props;
  const { series, sample, watch, unit } = overview;
  return (
    <Stack gap="md">
      <Panel title={`Calls by ${unit}`}>
        {series.length === 0 ? (
          <Empty>No call in this time.</Empty>
        ) : (
          <Suspense fallback={<div style={{ height: 240 }} />}>
            <CallsChart series={series} unit={unit} since={overview.since} />
          </Suspense>
        )}
      </Panel>
      <div className="grid-3">
        <Latency sample={sample} />
        <Budget budget={overview.budget} />
        <Health />
      </div>
      <div className="grid-2">
        <Top top={sample.top} calls={sample.calls} />
        <Stack gap="md">
          <Models models={models} />
          <Panel title="In need of a look">
            <Stack gap="md">
              <Watched title="In probation" nodes={watch.probation} />
              <Watched title="Quarantined" nodes={watch.quarantined} />
            </Stack>
          </Panel>
        </Stack>
      </div>
    </Stack>
  );
}

function Latency({ sample }: { readonly sample: Overview['sample'] }) {
  const { hits, misses } = sample;
  const ratio = hits === null || misses === null ? 0 : misses.p50 / hits.p50;
  const times = Number.isFinite(ratio) && ratio >= 2 ? Math.round(ratio) : undefined;
  return (
    <Panel title="Latency">
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">
              <VisuallyHidden>Outcome</VisuallyHidden>
            </th>
            <th scope="col" className="num">
              half within
            </th>
            <th scope="col" className="num">
              95 % within
            </th>
          </tr>
        </thead>
        <tbody>
          {(['hits', 'misses'] as const).map((name) => (
            <tr key={name}>
              <th scope="row">{name === 'hits' ? 'Hits' : 'Misses'}</th>
              <td className="num">{ms(sample[name]?.p50)}</td>
              <td className="num">{ms(sample[name]?.p95)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Text size="xs" c="dimmed" mt="xs">
        {times !== undefined && `A hit is ${whole(times)} times as fast. `}
        Of the newest {plural(sample.calls, 'call')}.
      </Text>
    </Panel>
  );
}

const PARTS = { proxy: 'Proxy', worker: 'Worker', temporal: 'Temporal', mongodb: 'MongoDB' };

function Health() {
  const health = useHealth();
  return (
    <Panel title="Health">
      <Loaded query={health}>
        {({ parts }) => (
          <dl className="facts">
            {parts.map(({ name, state, note }) => (
              <div key={name} style={{ display: 'contents' }}>
                <Text component="dt" size="sm">
                  <span className={`dot ${state}`} aria-hidden /> {PARTS[name]}
                </Text>
                <Text component="dd" size="sm" m={0} c="dimmed">
                  {note}
                </Text>
              </div>
            ))}
          </dl>
        )}
      </Loaded>
    </Panel>
  );
}

function Budget({ budget }: { readonly budget: Overview['budget'] }) {
  const { allowed, served, wrong } = budget;
  const used = served === 0 ? 0 : wrong / (allowed * served);
  const isOver = used > 1;
  return (
    <Panel title="Error budget">
      <SimpleGrid cols={1} spacing="xs">
        <Text size="sm">
          {wrong === 0
            ? 'Nobody, and no audit, called a served answer wrong.'
            : `${whole(wrong)} of ${whole(served)} served answers were called wrong.`}
        </Text>
        <div
          className="bar"
          role="meter"
          aria-label="Error budget used"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.min(100, Math.round(100 * used))}
        >
          <div
            className={isOver ? 'over' : ''}
            style={{ width: `${String(Math.min(100, 100 * used))}%` }}
          />
        </div>
        <Text size="xs" c="dimmed">
          {share(allowed, 1)} of answers may be wrong (ERROR_BUDGET): {share(used, 1)} of that is
          used.
        </Text>
      </SimpleGrid>
    </Panel>
  );
}

function Top({ top, calls }: { readonly top: Overview['sample']['top']; readonly calls: number }) {
  return (
    <Panel title="Top behaviours">
      {top.length === 0 ? (
        <Empty>No template answered any of the newest {whole(calls)} calls.</Empty>
      ) : (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">Asked</th>
              <th scope="col" className="num">
                hits
              </th>
              <th scope="col" className="num hide-narrow">
                saved
              </th>
            </tr>
          </thead>
          <tbody>
            {top.map(({ node, hits, savedUsd }) => (
              <tr key={node.id}>
                <td>
                  <NodeLink node={node} />
                </td>
                <td className="num">{whole(hits)}</td>
                <td className="num hide-narrow">{usd(savedUsd)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function Watched({
  title,
  nodes,
}: {
  readonly title: string;
  readonly nodes: readonly TreeNodeShown[];
}) {
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>
        {title}
      </Text>
      {nodes.length === 0 && <Empty>None.</Empty>}
      <Stack gap={6}>
        {nodes.map((node) => (
          <Group key={node.id} gap="xs" wrap="nowrap" justify="space-between">
            <NodeLink node={node} />
            <Group gap="xs" wrap="nowrap">
              {node.state === 'probation' && (
                <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
                  {node.confirmations} of {node.required}
                </Text>
              )}
              <StateBadge state={node.state} />
            </Group>
          </Group>
        ))}
      </Stack>
      {nodes.length === 10 && (
        <Button component={Link} href="/tree" size="xs" variant="default" mt="xs">
          More in the tree
        </Button>
      )}
    </div>
  );
}

function NodeLink({ node }: { readonly node: TreeNodeShown }) {
  return (
    <Link href={`/nodes/${node.id}`} className="template-link">
      <Parts parts={node.parts} />
    </Link>
  );
}
